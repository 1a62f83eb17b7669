"""The shape of a service item as data: 实施清单要素 (at least twenty, R14) in the units of the standard lists.

A new item is a new JSON file of this shape and no code. Money is in 分 (int), limits (`…_days`) in working days, areas in square metres.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

Predicate = dict[str, Any]
"""A condition on answers, see `predicates.py`."""

FieldType = Literal["text", "number", "money", "date", "choice", "uscc", "id_number", "phone", "address", "bool"]
Audience = Literal["个人", "企业"]
MaterialForm = Literal["原件", "复印件", "电子件", "电子证照"]
Delivery = Literal["EMS", "到窗口领取", "电子送达"]


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that is read from data files: a misspelt key is an error."""


class Choice(_Data, frozen=True, kw_only=True):
    value: str
    label: str


class FormField(_Data, frozen=True, kw_only=True):
    """One question of a form or of a scenario.

    `min`/`max` are lengths for text and address, values for number and money (分), days for date.
    """

    name: str
    label: str
    type: FieldType
    is_required: bool = True
    required_if: Predicate | None = None
    shown_if: Predicate | None = None
    min: int | float | date | None = None
    max: int | float | date | None = None
    pattern: str | None = None
    pattern_hint: str = ""
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    help: str = ""
    group: str = ""


class LegalBasis(_Data, frozen=True, kw_only=True):
    title: str
    document_number: str = ""
    article: str
    text: str = ""


class Material(_Data, frozen=True, kw_only=True):
    """`required_if` decides by the answers; `shared_from` names the class of licence that, when the hall holds it, makes this one 免交."""

    code: str
    name: str
    forms: tuple[MaterialForm, ...]
    copies: int = 1
    source: str
    issuer: str = ""
    because: str
    required_if: Predicate | None = None
    is_core: bool = True
    """False: may be promised and handed in later (容缺受理)."""
    signed_by: tuple[str, ...] = ()
    shared_from: str | None = None
    obtained_by: Literal["applicant", "system", "sharing"] = "applicant"
    """system: made from the form (备案表, 承诺书); sharing: the hall fetches it, or the identity check replaces it."""
    accepts: tuple[str, ...] = ("application/pdf", "image/jpeg", "image/png")
    max_bytes: int = 10 * 1024 * 1024
    note: str = ""


class Fee(_Data, frozen=True, kw_only=True):
    name: str
    amount_fen: int
    basis: str = ""


class Signer(_Data, frozen=True, kw_only=True):
    """Who signs `signs`; the persons themselves come from their accounts, not from the form."""

    role: str
    label: str
    signs: str
    required_if: Predicate | None = None


class Step(_Data, frozen=True, kw_only=True):
    """One box of the flow chart; `working_days` is its share of the promised limit."""

    code: str
    name: str
    who: str
    does: str
    working_days: int = 0
    next: tuple[str, ...] = ()


class NotApplicable(_Data, frozen=True, kw_only=True):
    """When `when` holds, this is the wrong item; the applicant is told why and where to go instead."""

    when: Predicate
    because: str
    instead: str
    instead_code: str | None = None
    basis: str = ""


class Remark(_Data, frozen=True, kw_only=True):
    text: str
    when: Predicate | None = None


class PlaceRef(_Data, frozen=True, kw_only=True):
    office_id: str
    window_id: str


class ResultDocument(_Data, frozen=True, kw_only=True):
    """`document_class` is the class under which the licence is issued and shared; `valid_years` is None when it does not expire."""

    name: str
    document_class: str
    kind: Literal["证照", "批文", "证明", "其他"] = "证照"
    valid_years: int | None = None
    number_prefix: str = "锦备"
    """Before the year in the printed number: 锦餐备〔2026〕000001号."""
    holder_field: str = ""
    """The form field that names the holder; empty: the applicant in person. Likewise the next three; empty: not stated."""
    uscc_field: str = ""
    address_field: str = ""
    scope_field: str = ""
    face: tuple[str, ...] = ()
    """The form fields printed on the licence besides, in order."""


class Item(_Data, frozen=True, kw_only=True):
    code: str
    """实施编码, 31 characters: credit code of the department 18 + level 1 + basic code 12."""
    basic_code: str
    version: int
    status: Literal["draft", "published"]
    effective_on: date
    name: str
    short_name: str
    item_type: Literal["行政许可", "行政确认", "行政给付", "其他行政权力", "公共服务"]
    handling: Literal["即办件", "承诺件"]
    level: Literal["国家级", "省级", "市级", "县级", "乡级"]
    department_id: str
    department: str
    audiences: tuple[Audience, ...]
    life_topics: tuple[str, ...] = ()
    keywords: tuple[str, ...]
    is_frequent: bool = False
    legal_bases: tuple[LegalBasis, ...]
    conditions: tuple[str, ...]
    statutory_days: int
    promised_days: int
    limit_note: str = ""
    fees: tuple[Fee, ...] = ()
    materials: tuple[Material, ...]
    scenario: tuple[FormField, ...]
    not_applicable: tuple[NotApplicable, ...] = ()
    form: tuple[FormField, ...]
    signers: tuple[Signer, ...]
    steps: tuple[Step, ...]
    results: tuple[ResultDocument, ...]
    deliveries: tuple[Delivery, ...]
    channels: tuple[str, ...]
    places: tuple[PlaceRef, ...]
    max_trips: int = 0
    supervision_phone: str
    remedies: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()
    commitment: tuple[str, ...] = ()
    """The promises that the signers make, one sentence each."""
    commitment_consequences: tuple[str, ...] = ()

    @property
    def implementation_code(self) -> str:
        return self.code

    @property
    def office_id(self) -> str:
        """The office that handles the item by default."""
        return self.places[0].office_id


class Department(_Data, frozen=True, kw_only=True):
    id: str
    name: str
    uscc: str
    phone: str


class Window(_Data, frozen=True, kw_only=True):
    id: str
    number: str
    name: str
    zone: str
    phone: str = ""


class Office(_Data, frozen=True, kw_only=True):
    id: str
    name: str
    tier: Literal["市级", "县级", "街道"]
    district: str
    address: str
    phone: str
    opening_hours: str
    windows: tuple[Window, ...]


class Places(_Data, frozen=True, kw_only=True):
    """`places.json`: the departments and the offices with their windows."""

    departments: tuple[Department, ...]
    offices: tuple[Office, ...]


class CancelledProof(_Data, frozen=True, kw_only=True):
    """A proof that no guide may demand any more (取消的证明事项目录, R21)."""

    name: str
    words: tuple[str, ...]
    """A material whose name contains one of these asks for it."""
    instead: str
