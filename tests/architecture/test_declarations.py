"""Errors, state machines, events and settings are data that programs and people rely on: each must be complete and say one thing."""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from types import ModuleType

import pytest

from core.actor import Role
from core.errors import DomainError, all_errors
from core.flow import Flow, Transition
from core.outbox import Event, event_name
from tests.architecture.tree import PACKAGES, ROOT, python

CODE = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*\.[a-z][a-z0-9]*(_[a-z0-9]+)*$")
TAG = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
CHINESE_SENTENCE = re.compile(r"[\u4e00-\u9fff].*[。！？]$", re.DOTALL)
STATUSES = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 502, 503}
SECRET_NAME = re.compile(r"_(SECRET|PASSWORD|TOKEN)(_|$)|_SECRET_KEY$|_AES_KEY$")


@pytest.fixture(scope="module")
def modules() -> list[ModuleType]:
    """Every module of the packages, imported: also the proof that importing one starts nothing."""
    names = []
    for path in python():
        if path.parts[0] in PACKAGES and path.stem != "__main__":
            names.append(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    return [importlib.import_module(name) for name in names]


@pytest.fixture(scope="module")
def errors(modules: list[ModuleType]) -> list[type[DomainError]]:
    ours = {module.__name__ for module in modules}
    return [error for error in all_errors() if error.__module__ in ours]


@pytest.fixture(scope="module")
def flows(modules: list[ModuleType]) -> dict[str, Flow]:
    found = {
        id(value): (f"{module.__name__}.{name}", value)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Flow)
    }
    return dict(found.values())


def clashes(errors: list[type[DomainError]]) -> list[str]:
    """Codes declared by more than one class; a subclass that inherits its parent's code means the same and may."""
    declared = defaultdict(list)
    for error in errors:
        if "code" in vars(error):
            declared[error.code].append(f"{error.__module__}.{error.__qualname__}")
    return [f"{code}: {', '.join(names)}" for code, names in declared.items() if len(names) > 1]


def test_error_codes_are_stable_words_with_one_meaning(errors: list[type[DomainError]]) -> None:
    assert len(errors) > 20
    assert [f"{error.__module__}.{error.__qualname__}: {error.code}" for error in errors if not CODE.match(error.code)] == []
    assert clashes(errors) == []


def test_two_errors_with_one_code_are_caught() -> None:
    one = type("One", (DomainError,), {"code": "planted.same"})
    two = type("Two", (DomainError,), {"code": "planted.same"})
    assert len(clashes([one, two])) == 1 and clashes([one, type("Narrower", (one,), {})]) == []


def test_error_messages_are_chinese_sentences_and_statuses_are_known(errors: list[type[DomainError]]) -> None:
    assert [f"{error.__qualname__}: {error.message}" for error in errors if not CHINESE_SENTENCE.search(error.message)] == []
    assert [f"{error.__qualname__}: {error.status}" for error in errors if error.status not in STATUSES] == []


def test_every_state_machine_is_sound(flows: dict[str, Flow]) -> None:
    assert flows
    assert {name: flow.problems() for name, flow in flows.items() if flow.problems()} == {}
    assert len({flow.name for flow in flows.values()}) == len(flows)


def test_every_state_and_action_has_a_chinese_label(flows: dict[str, Flow]) -> None:
    labels = [
        (name, label)
        for name, flow in flows.items()
        for label in (flow.title, *flow.states.values(), *(row.label for row in flow.transitions))
    ]
    assert [pair for pair in labels if not re.search(r"[\u4e00-\u9fff]", pair[1])] == []


def test_an_unsound_state_machine_is_caught() -> None:
    row = Transition("go", ("a",), "b", (Role.CITIZEN,), "走")
    flow = Flow("planted", "假", "a", {"a": "甲", "b": "乙", "c": "丙"}, (row,))
    assert flow.problems() == ["unreachable state c", "dead end b", "dead end c"]


def test_events_have_names_of_their_own(modules: list[ModuleType]) -> None:
    ours = {module.__name__ for module in modules}
    kinds, pending = set(), list(Event.__subclasses__())
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        if kind.__module__ in ours:
            kinds.add(kind)
    names = [event_name(kind) for kind in kinds]
    assert names and len(set(names)) == len(names)
    assert [name for name in names if not TAG.match(name)] == []


def test_events_carry_no_personal_data(modules: list[ModuleType]) -> None:
    personal = re.compile(r"(^|_)(name|phone|mobile|id_number|openid|unionid|address|face|photo|password)($|_)")
    fields = [(kind.__name__, field) for kind in Event.__subclasses__() for field in kind.__struct_fields__]
    assert [pair for pair in fields if personal.search(pair[1])] == []


def test_settings_are_declared_once_and_explained() -> None:
    from api.settings import SECTIONS
    from core.config import describe

    infos = [info for section in SECTIONS.values() for info in describe(section)]
    names = [info.env for info in infos]
    assert len(names) == len(set(names)) and all(re.match(r"^ZT_[A-Z0-9_]+$", name) for name in names)
    assert [info.env for info in infos if len(info.help) < 10] == []
    assert [info.env for info in infos if SECRET_NAME.search(info.env) and not info.secret] == []


def test_settings_are_all_in_the_example_file() -> None:
    from api.settings import SECTIONS
    from core.config import describe
    from sandbox.config import SandboxConfig

    names = {info.env for section in (*SECTIONS.values(), SandboxConfig) for info in describe(section)}
    written = set(re.findall(r"^#?\s*(ZT_[A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert written - names - {"ZT_SETTINGS_FILE"} == set() and names - written == set()


def test_no_pattern_lets_a_line_feed_follow() -> None:
    r"""Python's `$` matches before a last line feed too; `\Z` does not."""
    found = {
        f"{path}:{node.lineno}"
        for path in python()
        if path.parts[0] in PACKAGES
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "pattern" and isinstance(node.value, ast.Constant)
        if str(node.value.value).endswith("$")
    }
    assert not found
