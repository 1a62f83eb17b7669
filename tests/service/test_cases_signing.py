"""The commitment: frozen, signed on two phones, submitted."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from core import audit
from core.errors import DomainError, NotFound
from core.flow import IllegalMove
from core.models import OutboxDelivery, OutboxEvent, StoredObject
from esign.envelopes.errors import AlreadySigned, ConsentOutdated, HandwritingUnusable, ReadFirst
from esign.envelopes.events import EnvelopeSigned
from esign.envelopes.models import Envelope, EnvelopeSigner
from esign.envelopes.service import SignatureInput
from esign.service import Esign
from esign.verification import verify
from hall.cases.errors import NotSigned
from hall.cases.models import Case, CaseParty
from identity.liveness.errors import AssertionExpired, AssertionInvalid, AssertionUsed
from identity.liveness.models import UsedAssertion, Verification
from tests.factories.cases import CaseWorld, footprint, hand
from tests.factories.sandbox import break_next


async def test_two_people_sign_at_the_same_time_and_both_signatures_hold(house: CaseWorld) -> None:
    """R53: both requests are delivered in one round; one has to be made again on the other's file, and the end is one valid file."""
    case = await house.prepared()
    tokens = [await house.assertion(person, case) for person in (house.zhang, house.li)]
    pairs = zip((house.zhang, house.li), tokens, strict=True)
    await asyncio.gather(*(house.cases.signing.sign(actor, case.id, token, hand()) for actor, token in pairs))
    await house.deliver_outbox()
    tried = {row.attempts for row in await OutboxDelivery.filter(handler="cases.apply_signature")}
    assert tried == {1, 2}
    pdf = await house.cases.signing.document(house.li, case.id)
    report = verify(pdf, trust=await house.hall.service(Esign).trust_list(), status=None, at=house.clock.now())
    assert (report.verdict, report.status) == ("TOTAL_PASSED", "not_applicable"), report.reasons
    assert sorted((one.signer, one.role, one.verdict, one.is_timestamped) for one in report.signatures) == [
        ("张伟", "citizen", "TOTAL_PASSED", True),
        ("李娜", "citizen", "TOTAL_PASSED", True),
    ]
    assert (await Case.get(id=case.id)).is_signed
    assert await CaseParty.filter(case_id=case.id, signed_at=None).count() == 0
    envelope = await Envelope.get(subject=case.id)
    assert (envelope.state, envelope.original_sha256) == ("complete", case.commitment_sha256)
    serials = {row.certificate_serial for row in await EnvelopeSigner.all()}
    assert len(serials) == 2 and None not in serials
    # The loser's first copy, which nothing refers to, is gone.
    kept = {row.sha256 for row in await StoredObject.filter(id__startswith="documents:")}
    signed_once = {row.payload for row in await OutboxEvent.filter(name="envelope.signed")}
    assert len(kept) == 4 and len(signed_once) == 2  # notice, unsigned, once signed, twice signed


async def test_repeating_every_delivery_leaves_one_signature_each(house: CaseWorld) -> None:
    case = await house.signed()
    before, pdf = await footprint(house.hall), await house.cases.signing.document(house.zhang, case.id)
    assert await house.repeat_every_reaction() == 6
    assert await footprint(house.hall) == before
    assert await house.cases.signing.document(house.zhang, case.id) == pdf
    fields = PdfFileReader(BytesIO(pdf)).embedded_signatures
    assert sorted(one.field_name for one in fields) == ["signer_1", "signer_2"]


async def test_what_does_not_count_as_a_signature(house: CaseWorld) -> None:
    """Each refusal leaves nothing, and the identity assertion can still be used afterwards; then it is used up."""
    case, sign = await house.prepared(), house.cases.signing.sign
    other = await house.started()
    mine = await house.assertion(house.zhang, case)
    unread = hand(dwell_seconds=1.0)
    half_read = hand(is_scrolled_to_end=False)
    outdated = hand(consent_version="sign-2020-01")
    blank = SignatureInput(strokes=(), consent_version=hand().consent_version, dwell_seconds=9, is_scrolled_to_end=True)
    before = await footprint(house.hall)
    for error, given in ((ReadFirst, unread), (ReadFirst, half_read), (ConsentOutdated, outdated), (HandwritingUnusable, blank)):
        with pytest.raises(error):
            await sign(house.zhang, case.id, mine, given)
    for token in (mine[:-6] + "AAAAAA", "", "a.b.c", mine + "x"):
        with pytest.raises(AssertionInvalid):
            await sign(house.zhang, case.id, token, hand())
    with pytest.raises(AssertionInvalid):
        await sign(house.li, case.id, mine, hand())  # somebody else's proof
    for actor, case_id in ((house.wang, case.id), (house.zhang, "case_unknown")):
        with pytest.raises(NotFound):
            await sign(actor, case_id, mine, hand())
    with pytest.raises(IllegalMove):
        await sign(house.zhang, other.id, mine, hand())  # another case, still a draft
    assert await footprint(house.hall) == before
    assert await UsedAssertion.all().count() == 0
    await sign(house.zhang, case.id, mine, hand())
    with pytest.raises(AssertionUsed):
        await sign(house.zhang, case.id, mine, hand())
    with pytest.raises(AlreadySigned):
        await house.sign(house.zhang, case)
    assert await EnvelopeSigner.filter(state="requested").count() == 1
    assert await UsedAssertion.all().count() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_proof_for_another_document_or_an_old_one_is_no_proof(house: CaseWorld) -> None:
    case = await house.prepared()
    for document in ("0" * 64, case.notice_sha256):
        token = await house.assertion(house.zhang, case, document_sha256=document)
        with pytest.raises(AssertionInvalid):
            await house.cases.signing.sign(house.zhang, case.id, token, hand())
    token = await house.assertion(house.zhang, case)
    house.clock.advance(minutes=30)
    with pytest.raises(AssertionExpired):
        await house.cases.signing.sign(house.zhang, case.id, token, hand())
    assert await UsedAssertion.all().count() == 0 and await EnvelopeSigner.exclude(state="waiting").count() == 0


async def test_one_proof_sent_twice_at_once_signs_once(house: CaseWorld) -> None:
    case = await house.prepared()
    token = await house.assertion(house.zhang, case)
    answers = await asyncio.gather(
        *(house.cases.signing.sign(house.zhang, case.id, token, hand()) for _ in range(8)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(refused) == 7 and all(isinstance(error, DomainError) and error.status == 409 for error in refused), refused
    assert await OutboxEvent.filter(name="envelope.signature_requested").count() == 1


async def test_going_back_voids_what_was_signed(house: CaseWorld) -> None:
    """The document will be another one; late news of the old envelope must not count for the new one."""
    case = await house.prepared()
    await house.sign(house.zhang, case)
    await house.deliver_outbox()
    await house.sign(house.li, case)
    old = await Envelope.get(subject=case.id)
    with pytest.raises(NotFound):
        await house.cases.signing.reopen(house.li, case.id)
    case = await house.cases.signing.reopen(house.zhang, case.id)
    assert (case.state, case.envelope_id, case.is_signed) == ("draft", None, False)
    await house.deliver_outbox()
    assert (await Envelope.get(id=old.id)).state == "void"
    await house.cases.drafts.save_form(house.zhang, case.id, {"seats": 41}, None)
    case = await house.cases.signing.prepare(house.zhang, case.id)
    assert case.commitment_sha256 != old.original_sha256
    late = EnvelopeSigned(envelope_id=old.id, subject=case.id, account_id=house.li.id, sha256=old.current_sha256, is_complete=True)
    reaction = next(reaction for reaction in house.hall.reactions if reaction.name == "cases.record_signed")
    await reaction.handler(late, "late")
    case = await Case.get(id=case.id)
    assert not case.is_signed and await CaseParty.filter(case_id=case.id).exclude(signed_at=None).count() == 0
    with pytest.raises(NotSigned):
        await house.cases.signing.submit(house.zhang, case.id)
    await house.sign(house.zhang, case)
    await house.sign(house.li, case)
    await house.deliver_outbox()
    assert (await house.cases.signing.submit(house.zhang, case.id)).state == "prereview"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_withdrawing_between_two_signatures_voids_the_file(house: CaseWorld) -> None:
    case = await house.prepared()
    await house.sign(house.zhang, case)
    await house.cases.drafts.withdraw(house.zhang, case.id)
    await house.deliver_outbox()
    assert (await Envelope.get(subject=case.id)).state == "void"
    assert await EnvelopeSigner.filter(state="signed").count() == 0
    assert (await Case.get(id=case.id)).state == "withdrawn"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_timestamps_nothing_is_signed_and_later_all_is(house: CaseWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is away for a while: the wish to sign is kept and carried out afterwards, once."""
    case = await house.prepared()
    await house.sign(house.zhang, case)
    service = house.cases.envelopes
    with monkeypatch.context() as away:
        away.setattr(service._timestamper, "_url", "http://127.0.0.1:9/tsa", raising=True)
        await house.relay.drain()
        (delivery,) = await OutboxDelivery.filter(handler="cases.apply_signature")
        assert (delivery.state, delivery.error) == ("pending", "esign.timestamp_unavailable")
    assert (await EnvelopeSigner.get(account_id=house.zhang.id)).state == "requested"
    house.clock.advance(seconds=2)
    await house.deliver_outbox()
    assert (await EnvelopeSigner.get(account_id=house.zhang.id)).state == "signed"


async def test_a_case_that_is_not_signed_by_all_is_not_submitted(house: CaseWorld) -> None:
    case = await house.prepared()
    await house.sign(house.zhang, case)
    await house.deliver_outbox()
    before = await footprint(house.hall)
    with pytest.raises(NotSigned):
        await house.cases.signing.submit(house.zhang, case.id)
    with pytest.raises(NotFound):
        await house.cases.signing.submit(house.li, case.id)
    assert await footprint(house.hall) == before
    await house.sign(house.li, case)
    await house.deliver_outbox()
    case = await house.cases.signing.submit(house.zhang, case.id)
    assert case.number == "11519900MB1A2C345F3510131016001" + "20261123" + "0001"
    with pytest.raises(IllegalMove):
        await house.cases.signing.submit(house.zhang, case.id)
    report = await audit.verify(f"case:{case.id}")
    actions = [link.action for link in await audit.links(f"case:{case.id}")]
    assert report.is_intact and report.length == len(actions)
    assert actions[-5:] == ["case.signature_requested", "case.signed", "case.signature_requested", "case.signed", "case.submitted"]


async def test_numbers_of_a_day_are_unique_and_have_no_holes(house: CaseWorld) -> None:
    """Submitted all at once, some of them refused on the way."""
    ready = [await house.waved_through() for _ in range(4)]
    await Case.filter(id=ready[1].id).update(is_signed=False)
    answers = await asyncio.gather(
        *(house.cases.signing.submit(house.zhang, case.id) for case in ready for _ in range(2)), return_exceptions=True
    )
    assert not [answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, DomainError)]
    numbers = sorted(case.number for case in await Case.exclude(number=None) if case.number)
    assert [number[-12:] for number in numbers] == ["202611230001", "202611230002", "202611230003"]
    house.clock.advance(hours=15)  # midnight in Beijing
    await Case.filter(id=ready[1].id).update(is_signed=True)
    next_day = await house.cases.signing.submit(house.zhang, ready[1].id)
    assert next_day.number is not None and next_day.number.endswith("202611240001")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_failed_face_check_signs_nothing(house: CaseWorld) -> None:
    """R51: another person before the camera, or the portrait authority away: no assertion, no signature."""
    case = await house.prepared()
    house.vision.script = "other"
    with pytest.raises(DomainError):
        await house.assertion(house.zhang, case)
    house.vision.script = "match"
    await break_next(house.sandbox, "/portrait/query", "502")
    with pytest.raises(DomainError) as away:
        await house.assertion(house.li, case)
    assert away.value.status == 503
    assert await Verification.filter(outcome="accept").count() == 0
    await house.sign(house.li, case)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_changed_file_or_another_root_is_not_believed(house: CaseWorld) -> None:
    """R53."""
    case = await house.prepared()
    await house.sign(house.zhang, case)
    await house.deliver_outbox()
    pdf = await house.cases.signing.document(house.zhang, case.id)
    trust = await house.hall.service(Esign).trust_list()
    assert verify(pdf, trust=trust, status=None, at=house.clock.now(), pinned_root=bytes(32)).verdict == "INDETERMINATE"
    changed = pdf.replace(b"/Type", b"/Tipe", 1)
    assert verify(changed, trust=trust, status=None, at=house.clock.now()).verdict == "TOTAL_FAILED"
