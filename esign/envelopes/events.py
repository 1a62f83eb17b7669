"""What happens to an envelope."""

from __future__ import annotations

from core.outbox import Event


class SignatureRequested(Event, frozen=True, kw_only=True, tag="envelope.signature_requested"):
    envelope_id: str
    signer_id: str


class EnvelopeSigned(Event, frozen=True, kw_only=True, tag="envelope.signed"):
    """A signature is in the file; `subject` is what the envelope was opened for."""

    envelope_id: str
    subject: str
    account_id: str
    sha256: str
    is_complete: bool
