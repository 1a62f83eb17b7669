"""What each template is given. All texts are plain data: a template never evaluates them as markup."""

from __future__ import annotations

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One labelled value: ("经营场所", "…")."""

    label: str
    value: str


class MaterialRow(msgspec.Struct, frozen=True):
    """One material of a personal list."""

    name: str
    form: str
    """原件, 复印件, 电子件, …"""
    copies: str
    source: str
    """申请人自备, 部门共享免交, …"""
    note: str = ""
    is_exempt: bool = False
    """True when the hall already has it: printed as 免交."""


class NoticeData(msgspec.Struct, frozen=True):
    """`notice.typ`, 一次性告知书 (国务院令第722号 第三十四条 asks for one complete notice)."""

    receipt_number: str
    item_name: str
    item_code: str
    authority: str
    person_name: str
    issued_on: str
    """A date as people write it: 2026年3月5日."""
    answers: tuple[Line, ...]
    materials: tuple[MaterialRow, ...]
    legal_limit: str
    promised_limit: str
    fee: str
    legal_basis: tuple[str, ...]
    channels: tuple[str, ...]
    """Ways of equal rank to go on: online, at a counter, by mail."""
    help: tuple[Line, ...]
    """Where to ask: telephone, address, hours."""
    remarks: tuple[str, ...] = ()
    is_test: bool = False


class Party(msgspec.Struct, frozen=True):
    """A signer of the commitment; `signature_field` names the PDF field reserved for them."""

    role: str
    name: str
    masked_id_number: str
    signature_field: str


class CommitmentData(msgspec.Struct, frozen=True):
    """`commitment.typ`, 承诺书 of 小餐饮食品经营备案, with one reserved signature box a party."""

    number: str
    item_name: str
    authority: str
    business: tuple[Line, ...]
    parties: tuple[Party, ...]
    promises: tuple[str, ...]
    consequences: tuple[str, ...]
    issued_on: str
    is_test: bool = False


class LicenceData(msgspec.Struct, frozen=True):
    """`licence.typ`, 小餐饮食品经营备案证, with the seal box `seal`."""

    title: str
    number: str
    """The filing number printed on the face (备案编号)."""
    identifier: str
    """Licence identifier in the shape of GB/T 36904."""
    fields: tuple[Line, ...]
    authority: str
    issued_on: str
    valid_until: str
    qr_svg: str
    """The credential's QR picture as an SVG document."""
    verify_hint: str
    """How anybody checks it, with the host of the public verifier."""
    is_test: bool = False
