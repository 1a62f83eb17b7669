"""The development authority's own certificates carry a whole ceremony: seal, citizens and timestamps under one root."""

from __future__ import annotations

from datetime import timedelta

from core.clock import ManualClock
from esign.authority import Purpose, create_root, evidence_of, issue_for_authority, issue_for_citizen
from esign.documents.appearance import SignatureAppearance
from esign.pades import sign_pdf
from esign.pdf_verification import Verdict, verify_pdf
from esign.signer import SigningIdentity
from esign.timestamps.client import LocalTimestamper
from tests.factories.documents import CREATED_AT
from tests.factories.signed_documents import HANDWRITING, Signers


async def test_a_licence_and_a_commitment_under_the_development_root() -> None:
    root = create_root(now=CREATED_AT)

    def issue(purpose: Purpose) -> SigningIdentity:
        return issue_for_authority(root, purpose, code="113301000", name="临江市市场监督管理局", now=CREATED_AT, life=timedelta(days=730))

    signers = Signers()
    signers.timestamper = LocalTimestamper(issue(Purpose.TIMESTAMP), ManualClock(CREATED_AT))
    sealed = await signers.licence(signer=issue(Purpose.SEAL))
    evidence = bytes(range(32))
    citizen = issue_for_citizen(
        issue(Purpose.CITIZEN), name="陈𠮷祥", masked_id="3301**********0017", evidence_sha256=evidence, now=CREATED_AT
    )
    signed = await sign_pdf(
        signers.blank_commitment(),
        signer=citizen,
        field="signer-1",
        appearance=SignatureAppearance(strokes=HANDWRITING),
        reason="签署承诺书",
        location="临江市",
        timestamper=signers.timestamper,
        at=CREATED_AT,
    )
    later = CREATED_AT + timedelta(days=400)
    for pdf in (sealed, signed):
        verdict = verify_pdf(pdf, anchors=[root.certificate], at=later)
        assert (verdict.verdict, verdict.reasons) == (Verdict.TOTAL_PASSED, ())
    assert evidence_of(citizen.certificate) == evidence
