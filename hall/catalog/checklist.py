"""What one person is told: the content of the 一次性告知书, complete in itself."""

from __future__ import annotations

import msgspec


class Answered(msgspec.Struct, frozen=True):
    name: str
    label: str
    text: str
    """The answer as people read it: 是, 租用, 86 平方米."""


class RequiredMaterial(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    form: str
    """原件, 复印件, 电子件, 电子证照; alternatives joined by “或”."""
    copies: int
    source: str
    issuer: str
    because: str
    accepts: tuple[str, ...]
    max_bytes: int
    note: str
    signed_by: tuple[str, ...]
    is_core: bool
    is_generated: bool
    is_exempt: bool
    """True: the hall already holds it or fetches it (国务院令第716号: may not be asked for again)."""
    is_required: bool
    """True: the applicant hands it in; neither generated nor exempt."""


class Refusal(msgspec.Struct, frozen=True):
    """Why this is not the right item, and which one is."""

    because: str
    instead: str
    instead_code: str | None
    basis: str


class Limits(msgspec.Struct, frozen=True):
    """Working days. `reduction_percent` is how much shorter the promise is than the law (R19)."""

    statutory_working_days: int
    promised_working_days: int
    reduction_percent: int
    statutory_text: str
    promised_text: str
    note: str


class FeeLine(msgspec.Struct, frozen=True):
    name: str
    amount_fen: int
    basis: str


class Place(msgspec.Struct, frozen=True):
    office_id: str
    office: str
    address: str
    window_id: str
    window: str
    opening_hours: str
    phone: str


class SignerLine(msgspec.Struct, frozen=True):
    role: str
    label: str
    signs: str


class StepLine(msgspec.Struct, frozen=True):
    name: str
    who: str
    does: str
    working_days: int


class Checklist(msgspec.Struct, frozen=True, kw_only=True):
    """`digest` is the SHA-256 of everything else: same item version, same answers, same holdings, same digest (R24)."""

    item_code: str
    item_version: int
    item_name: str
    department_id: str
    department: str
    is_applicable: bool
    not_applicable_reason: str
    """Whole sentences, empty when the item applies."""
    refusals: tuple[Refusal, ...]
    answers: tuple[Answered, ...]
    materials: tuple[RequiredMaterial, ...]
    conditions: tuple[str, ...]
    limits: Limits
    fees: tuple[FeeLine, ...]
    fee_text: str
    legal_basis: tuple[str, ...]
    signers: tuple[str, ...]
    """The roles that must sign."""
    signing: tuple[SignerLine, ...]
    commitment: tuple[str, ...]
    commitment_consequences: tuple[str, ...]
    next_steps: tuple[StepLine, ...]
    channels: tuple[str, ...]
    deliveries: tuple[str, ...]
    results: tuple[str, ...]
    places: tuple[Place, ...]
    max_trips: int
    supervision_phone: str
    remedies: tuple[str, ...]
    remarks: tuple[str, ...]
    digest: str = ""
