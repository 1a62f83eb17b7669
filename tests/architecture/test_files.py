"""Sizes, names and contents of the project's own files."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import GENERATED, PACKAGES, ROOT, files, python, read

LONGEST = 400
VAGUE_FILE = re.compile(r"(^|/)(utils?|helpers?|common|misc|managers?)(\.|/)")
VAGUE_CLASS = re.compile(r"^class \w*(Manager|Helper|Utils?|Misc)\b", re.MULTILINE)
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm|root)/", re.MULTILINE)
REGISTRIES = [r"\.".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(org|com)"), ("npmmirror", "com"))]
REGISTRY = re.compile("|".join([*REGISTRIES, r"proxy\.gol" + "ang", r"pypi\.tuna"]))
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
URL = re.compile(r"\b(?:https?|wss?)://([A-Za-z0-9.-]+)")
HOSTS = {
    "127.0.0.1": "this machine",
    "localhost": "this machine",
    "www.apache.org": "names the licence",
    "scripts.sil.org": "names the fonts' licence",
    "openfontlicense.org": "names the fonts' licence",
    "www.w3.org": "XML namespaces, never fetched",
    "uri.etsi.org": "identifiers of the ETSI standards, never fetched",
    "api.weixin.qq.com": "the real WeChat, a setting's default",
    "api.ems.com.cn": "the real carrier, a setting's default",
}
RESERVED = re.compile(r"(^|\.)(example(\.(com|org|net|gov\.cn))?|test|invalid|localhost)$")
PLACEHOLDER = re.compile(r"^(host|a|db|cache|zerotrip|\.+)?$")
ROUTES = {"citizen", "clerk", "courier", "open", "enterprise", "relying_party", "supervisor", "admin"}
PREDICTABLE = {
    "esign/credentials/vocabulary.py": "seeded, so that the trained dictionary can be made again byte by byte",
    "esign/credentials/build_dictionary.py": "seeded, so that the trained dictionary can be made again byte by byte",
    "wechat/client.py": "spreads retries in time; nobody gains by guessing a wait",
}
READERS = {"identity/liveness/vision_supervisor.py": "hands PATH and the like on to the process it starts; reads no setting"}
HOMES = {"Model": "models.py", "DomainError": "errors.py", "Event": "events.py"}
PURE_OF_TIME = ("rules.py", "flow.py", "service.py")


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [f"{path}: {match.group()!r}" for path in paths if (text := read(path)) for match in pattern.finditer(text)]


def sources() -> list[Path]:
    return [
        path for path in files() if path.suffix in {".py", ".ts", ".vue"} and path.name not in GENERATED and path.parts[0] != "migrations"
    ]


def test_no_file_is_longer_than_the_cap() -> None:
    sizes = {path: (read(path) or "").count("\n") for path in sources() if "generated" not in path.parts}
    assert sizes and {str(path): lines for path, lines in sizes.items() if lines > LONGEST} == {}


def test_no_name_says_nothing() -> None:
    assert [str(path) for path in files() if VAGUE_FILE.search(path.as_posix())] == []
    assert found(VAGUE_CLASS, python()) == []


def test_nothing_is_left_unfinished() -> None:
    assert found(UNFINISHED, sources()) == []
    assert found(re.compile("NotImplemented" + "Error"), [path for path in sources() if path.parts[0] in PACKAGES]) == []


def test_no_path_of_a_machine_and_no_registry() -> None:
    assert found(MACHINE_PATH, list(files())) == []
    assert found(REGISTRY, list(files())) == []


def test_no_address_outside_the_listed_ones() -> None:
    """Nothing may fetch from, or link to, a place that nobody agreed to."""
    texts = {path: text for path in files() if path.name != "LICENSE" and (text := read(path)) is not None}
    strangers = [
        f"{path}: {host}"
        for path, text in texts.items()
        for host in URL.findall(text)
        if host not in HOSTS and not RESERVED.search(host) and not PLACEHOLDER.match(host)
    ]
    assert strangers == []


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (VAGUE_FILE, "core/utils.py", "core/utilities_of_law.py"),
        (MACHINE_PATH, 'open("/' + 'work/data")', "docs/work/data"),
        (REGISTRY, "https:/" + "/pypi" + ".org/simple", "pypika"),
        (UNFINISHED, "# TO" + "DO: later", "todos"),
        (VAGUE_CLASS, "class CaseManager:", "class Managed:"),
    ],
)
def test_the_patterns_catch_what_they_are_for(pattern: re.Pattern[str], bad: str, good: str) -> None:
    assert pattern.search(bad) and not pattern.search(good)


def test_routes_are_named_after_their_audience() -> None:
    names = [path for path in python() if path.parts[0] in PACKAGES and path.name.startswith("routes")]
    allowed = {f"routes_{audience}.py" for audience in ROUTES} | {"routes.py"}
    assert [str(path) for path in names if path.name not in allowed or (path.name == "routes.py" and path.parts[0] != "core")] == []


def test_models_errors_and_events_are_at_home() -> None:
    """A newcomer looks for a model in models.py. core and the sandbox are no packages of that shape."""
    strays = []
    for path in python():
        if path.parts[0] not in PACKAGES or path.parts[0] in {"core", "sandbox"}:
            continue
        for node in ast.walk(ast.parse(read(path) or "")):
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
                if path.name != HOMES.get(name, path.name):
                    strays.append(f"{path}: {node.name}")  # type: ignore[attr-defined]
    assert strays == []


def test_rules_and_services_take_time_from_a_clock() -> None:
    calls = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    assert found(calls, [path for path in python() if path.parts[0] in PACKAGES and path.name in PURE_OF_TIME]) == []


def test_randomness_is_unpredictable() -> None:
    """`random` may make demo data and sandbox answers, never a code, a token or an id."""
    careful = [path for path in python() if path.parts[0] in set(PACKAGES) - {"sandbox", "api"} and path.as_posix() not in PREDICTABLE]
    assert found(re.compile(r"^\s*(import random\b|from random import)", re.MULTILINE), careful) == []


def test_only_the_door_reads_the_environment() -> None:
    readers = [path for path in python() if path.parts[0] in PACKAGES and path.parts[0] != "api" and path.as_posix() not in READERS]
    assert found(re.compile(r"\bos\.(environ|getenv)\b"), readers) == []


def test_both_readmes_lead_to_each_other_and_start_with_the_two_commands() -> None:
    for name, other in (("README.md", "README.zh-CN.md"), ("README.zh-CN.md", "README.md")):
        first_screen = "\n".join((ROOT / name).read_text("utf-8").splitlines()[:25])
        assert f"]({other})" in first_screen and "make run" in first_screen and "make test" in first_screen


def test_links_inside_the_documents_lead_somewhere() -> None:
    pages = [path for path in files() if path.suffix == ".md"]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)", read(page) or "") if "://" not in link]
    assert [f"{page} -> {link}" for page, link in links if not (ROOT / page.parent / link).exists()] == []
