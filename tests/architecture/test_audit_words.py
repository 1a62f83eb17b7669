"""Whatever the audit chains record has a Chinese name in the supervisor's console."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from express.flow import PARCEL_FLOW
from hall.cases.routes_supervisor import KINDS
from identity.relying_parties.flow import PARTY_FLOW, REQUEST_FLOW
from tests.architecture.tree import PACKAGES, ROOT, python

WORDS = ROOT / "console" / "src" / "components" / "audit" / "words.ts"


def recorded() -> Iterator[tuple[str, str]]:
    """Every action that is written out in a call of `audit.record`, and where."""
    for path in python():
        if path.parts[0] not in PACKAGES:
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record" and isinstance(node.args[1], ast.Constant):
                yield str(node.args[1].value), f"{path}:{node.lineno}"


def test_every_recorded_action_has_a_name() -> None:
    source = WORDS.read_text("utf-8")
    names = set(re.findall(r"^  '([a-z_.]+)': '", source, re.MULTILINE))
    found = dict(recorded())
    assert len(found) > 50, "the search finds next to nothing"
    for flow, prefix in ((REQUEST_FLOW, "verification_request"), (PARTY_FLOW, "relying_party"), (PARCEL_FLOW, "parcel")):
        found |= {f"{prefix}.{move.action}": f"the flow {flow.name}" for move in flow.transitions}
    assert not {action: place for action, place in found.items() if action not in names}
    assert set(re.findall(r"key: '([a-z_]+)', label", source)) <= set(KINDS)
