"""The generated documents say what the program says, and a stale one is noticed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api import docs
from api.docs.declared import errors, flows
from api.settings import Settings, load_settings, read_settings_file
from tests.architecture.tree import ROOT, python, read


def test_the_committed_documents_are_fresh() -> None:
    assert docs.root() == ROOT
    assert docs.stale(ROOT) == []


def test_every_state_machine_has_its_page() -> None:
    declared = [path for path in python() if path.name == "flow.py" and path.parts[0] != "core"]
    pages = {path for path in docs.generated() if path.parent == docs.FLOWS}
    assert {f"{module.replace('.', '/')}.py" for module, _ in flows()} == {path.as_posix() for path in declared}
    assert len(pages) == len(flows()) >= len(declared)


def test_every_error_code_in_the_sources_is_on_the_page() -> None:
    page = docs.generated()[Path("docs/errors.md")]
    listed = re.findall(r"^\| `([a-z_.0-9]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(error.code for error in errors()) and len(listed) == len(set(listed))
    sources = [path for path in python() if path.name == "errors.py" and path.parts[0] not in {"tests", "sandbox"}]
    codes = {code for path in sources for code in re.findall(r'^    code = "(.+)"$', read(path) or "", re.MULTILINE)}
    assert len(codes) > 50 and codes - set(listed) == set()


def test_the_same_code_gives_the_same_text() -> None:
    """Sets and dictionaries of classes are ordered differently in another process."""
    program = "from api.docs import generated; import sys; sys.stdout.write(repr(sorted((str(k), v) for k, v in generated().items())))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] and len(runs[0]) > 10_000


def test_stale_missing_and_left_over_files_are_found_and_mended(tmp_path: Path) -> None:
    for path, text in docs.generated().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert docs.stale(tmp_path) == []
    wrong, missing, left_over = Path("docs/errors.md"), Path(".env.example"), docs.FLOWS / "gone.md"
    (tmp_path / wrong).write_text("# Error codes\n", "utf-8")
    (tmp_path / missing).unlink()
    (tmp_path / left_over).write_text("# 走了\n", "utf-8")
    assert set(docs.stale(tmp_path)) == {wrong, missing, left_over}
    assert set(docs.write(tmp_path)) == {wrong, missing, left_over}
    assert docs.stale(tmp_path) == [] and not (tmp_path / left_over).exists()


def test_an_installed_program_says_that_it_has_no_documents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "api" / "docs"
    shutil.copytree(ROOT / "api" / "docs", package)
    monkeypatch.setattr(docs, "__file__", str(package / "__init__.py"))
    with pytest.raises(docs.NoCheckout, match="源代码"):
        docs.root()


def test_the_example_is_a_settings_file_that_changes_nothing(tmp_path: Path) -> None:
    """Every line without its # is read back as the default it shows; secrets are left out, their line is empty."""
    example = re.sub(r"^#(ZT_(?!SANDBOX_)\w+=.+)$", r"\1", docs.generated()[Path(".env.example")], flags=re.MULTILINE)
    path = tmp_path / "settings.env"
    path.write_text(example, "utf-8")
    values = read_settings_file(path)
    assert len(values) > 30 and "ZT_WECHAT_SECRET" not in values
    settings: Settings = load_settings(values)
    assert settings == load_settings({})


def test_no_secret_shows_its_default() -> None:
    from api.settings import SECTIONS
    from core.config import describe
    from sandbox.config import SandboxConfig

    secrets = [str(info.default) for cls in (*SECTIONS.values(), SandboxConfig) for info in describe(cls) if info.secret and info.default]
    assert len(secrets) >= 3
    shown = [path for path, text in docs.generated().items() for secret in secrets if secret in text]
    assert shown == []


def test_the_api_document_is_sorted_json() -> None:
    text = docs.generated()[Path("docs/openapi.json")]
    document = json.loads(text)
    assert list(document["paths"]) == sorted(document["paths"]) and len(document["paths"]) > 50
    assert text == json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
