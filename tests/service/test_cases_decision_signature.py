"""R82: the approver signs the decision by hand, on a phone; the strokes are sealed and the decision's audit entry holds their hash."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import msgspec
import pytest

from core import audit
from core.errors import DomainError
from core.models import StoredObject
from esign.documents.appearance import MAX_POINTS, StrokePoint
from esign.envelopes.errors import HandwritingUnusable
from esign.envelopes.service import Handwriting
from hall.cases.errors import SamePerson
from hall.cases.models import Case
from hall.cases.presenting import clerk_view
from tests.factories.cases import STROKES, CaseWorld, footprint

SIGNED = Handwriting(STROKES)


async def test_the_hand_of_the_approver_is_bound_to_the_decision(house: CaseWorld, tmp_path: Path) -> None:
    """R82, R38, R69."""
    case = await house.waved_through("accepted")
    case = await house.cases.review.decide(house.back, case.id, is_granted=True, reason="符合备案条件", signature=SIGNED)
    strokes = await house.cases.review.decision_signature(case)
    assert strokes is not None and msgspec.json.decode(strokes, type=Handwriting) == SIGNED
    (line,) = [line for line in await audit.links(f"case:{case.id}") if line.action == "case.granted"]
    assert msgspec.json.decode(line.data)["signature_sha256"] == hashlib.sha256(strokes).hexdigest() == case.decision_signature_sha256
    assert (await audit.verify(f"case:{case.id}")).is_intact
    view = await clerk_view(house.cases, case, house.back)
    assert view.has_decision_signature and "strokes" not in msgspec.json.encode(view).decode()
    stored = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file() and "objects" in path.parts]
    assert stored and not any(strokes[:40] in content for content in stored)  # encrypted at rest


async def test_without_a_signature_all_is_as_before(house: CaseWorld) -> None:
    case = await house.waved_through("granted")
    assert case.decision_signature_sha256 is None and await house.cases.review.decision_signature(case) is None
    (line,) = [line for line in await audit.links(f"case:{case.id}") if line.action == "case.granted"]
    assert "signature_sha256" not in line.data


async def test_what_nobody_would_take_for_a_name_changes_nothing(house: CaseWorld) -> None:
    case = await house.waved_through("accepted")
    before = await footprint(house.hall)
    point = StrokePoint(1.0, 1.0)
    for strokes in (
        (),
        ((point,),),
        (tuple(StrokePoint(float(n), 0.1 * n) for n in range(5)),),
        (tuple(StrokePoint(float(n % 300), float(n % 70)) for n in range(MAX_POINTS + 1)),),
        (tuple(StrokePoint(1e9 * n, float(n)) for n in range(20)),),
    ):
        with pytest.raises(HandwritingUnusable):
            await house.cases.review.decide(house.back, case.id, is_granted=True, reason="符合", signature=Handwriting(strokes))
    with pytest.raises(SamePerson):
        await house.cases.review.decide(
            house.front.__class__(house.front.kind, house.front.id, house.back.permissions, house.front.office_id),
            case.id,
            is_granted=True,
            reason="符合",
            signature=SIGNED,
        )
    assert await footprint(house.hall) == before
    assert (await Case.get(id=case.id)).state == "accepted"


async def test_a_signature_sent_several_times_at_once_is_kept_once(house: CaseWorld) -> None:
    """Whoever comes second is refused and takes nothing away from the first."""
    case = await house.waved_through("accepted")
    decide = house.cases.review.decide
    tries = [decide(house.back, case.id, is_granted=True, reason="符合备案条件", signature=SIGNED) for _ in range(5)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert all(isinstance(answer, Case | DomainError) for answer in answers), answers
    case = await Case.get(id=case.id)
    assert await house.cases.review.decision_signature(case) is not None
    assert await StoredObject.filter(sha256=case.decision_signature_sha256).count() == 1
    assert len(await house.hall.store.keys("objects")) == await StoredObject.all().count()
