# One command per chore. `make run` and `make test` are all a newcomer needs; the rest is for maintainers.
# Needs Python >= 3.11, Node >= 20 and make. Everything else comes from requirements.lock, which is hashed and names no address.

PYTHON ?= python3
BIN := .venv/bin
DEPS := .venv/.deps-installed
PROJECT := .venv/.project-installed
# One more than the two processors that are counted on: the browser tests, which are half of all, mostly wait.
PYTEST_WORKERS ?= 3
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help setup clients run test check fix bench bench-identity screens lock migration wheel clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(PROJECT) ## bring everything the other targets need; quick when it is there
	@deploy/fonts/install.sh
	@$(BIN)/python -m tools.build_clients

$(DEPS): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

$(PROJECT): $(DEPS) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clients: $(DEPS) ## build the phone pages and the console; quick when nothing changed
	@$(BIN)/python -m tools.build_clients

run: setup ## migrate, seed the demo data, serve on 127.0.0.1:8000 and say where to click
	@$(BIN)/zerotrip migrate
	@$(BIN)/zerotrip seed --demo
	@exec $(BIN)/zerotrip serve

test: setup ## all tests, those in a browser too; says which real services took part
	@$(BIN)/python -m tests.factories.browser_chromium
	@$(BIN)/pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## style, types, import rules, fresh docs, clean lock files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/zerotrip docs --check
	$(BIN)/pytest -q -n0 tests/architecture/test_lock_files.py

fix: setup ## what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## one JSON line a figure, from every module in bench/ that has a main()
	@$(BIN)/python -m tools.run_benches

bench-identity: setup ## measure the face engine again and write docs/identity-report.md (a few minutes)
	@$(BIN)/python -m tools.identity_report $(ARGS)

screens: setup ## pictures of every page in its three modes, into docs/screens/ (a few minutes)
	@$(BIN)/python -m tools.screens $(ARGS)

migration: setup ## a new migration from the models: make migration NAME=add_case_priority
	@$(BIN)/python -m tools.make_migration $(NAME)

lock: ## maintainers: pin the dependencies again (needs uv), tidy the npm locks; UPGRADE=--upgrade takes newer ones
	$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 pyproject.toml --group dev $(UPGRADE) -o requirements.lock
	$(BIN)/python -m tools.trim_npm_locks

wheel: setup ## build dist/*.whl, fonts and clients included
	@rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean: ## forget everything make built; data/ stays
	rm -rf tests/browser/chromium/node_modules miniprogram/node_modules miniprogram/dist console/node_modules console/dist api/static/m api/static/console api/static/.[a-z]*
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
