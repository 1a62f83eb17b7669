"""Pure rules of delivery: who may carry what, handoff codes, pick-up codes, addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.crypto import derive
from express.ports import Recipient

STEP_SECONDS = 30
STEP_DRIFT = 1
PICKUP_TRIES = 5
PICKUP_DIGITS = 6
LEG_HALL_TO_COURIER = "hc"


class DocumentClass(StrEnum):
    """OFFICIAL: papers of state organs (国家机关公文). LICENCE: a licence for its holder. ORIGINAL: the citizen's own papers going back."""

    OFFICIAL = "official"
    LICENCE = "licence"
    ORIGINAL = "original"


def choose_carrier(document_class: DocumentClass, carriers: Mapping[str, bool], other_carriers_for: Collection[str]) -> str | None:
    """The code of the carrier to use, the postal enterprise first; `carriers` maps a code to whether it is the postal enterprise.

    Postal Law art. 55: an express firm must not carry official documents of state organs, whatever an operator sets. The other classes
    go by post too unless the operator has named them.
    """
    postal = [code for code, is_postal in carriers.items() if is_postal]
    if postal:
        return postal[0]
    if document_class is DocumentClass.OFFICIAL or document_class not in other_carriers_for:
        return None
    return next(iter(carriers), None)


@dataclass(frozen=True)
class ExpressKeys:
    """Handoff codes are signed with `seeds[active]` (32 bytes, Ed25519); older key ids still verify. `pickup` keys the pick-up codes."""

    seeds: Mapping[str, bytes] = field(repr=False)
    active: str
    pickup: bytes = field(repr=False)

    @classmethod
    def from_master(cls, master: bytes) -> ExpressKeys:
        seed = derive(master, "express.handoff")
        kid = hashlib.sha256(_public(Ed25519PrivateKey.from_private_bytes(seed))).hexdigest()[:8]
        return cls({kid: seed}, kid, derive(master, "express.pickup"))

    def public_keys(self) -> dict[str, bytes]:
        """Key id to raw 32-byte public key, so that a courier's phone can check a code without a network."""
        return {kid: _public(Ed25519PrivateKey.from_private_bytes(seed)) for kid, seed in self.seeds.items()}


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@dataclass(frozen=True)
class HandoffCode:
    leg: str
    parcel_id: str
    step: int
    key_id: str


HandoffProblem = Literal["malformed", "unknown_key", "bad_signature", "other_parcel", "other_leg", "stale", "used"]
_HANDOFF = re.compile(r"^ZT1\.([a-z]{2})\.([a-z]+_[0-9a-z]{26})\.([0-9]{1,12})\.([0-9a-z]{1,16})\.([A-Za-z0-9_-]{86})$")


def step_at(seconds: float) -> int:
    """The 30-second step of a Unix time."""
    return int(seconds) // STEP_SECONDS


def sign_handoff(keys: ExpressKeys, leg: str, parcel_id: str, step: int) -> str:
    """`ZT1.<leg>.<parcel>.<step>.<key id>.<Ed25519 signature of all before it, base64url>`."""
    text = f"ZT1.{leg}.{parcel_id}.{step}.{keys.active}"
    signature = Ed25519PrivateKey.from_private_bytes(keys.seeds[keys.active]).sign(text.encode())
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def check_handoff(
    payload: str, public_keys: Mapping[str, bytes], *, leg: str, parcel_id: str, now_step: int, last_step: int
) -> HandoffCode | HandoffProblem:
    """Read and judge a scanned code. A step is good once: it must be later than the last accepted one (RFC 6238 section 5.2)."""
    found = _HANDOFF.fullmatch(payload)
    if found is None:
        return "malformed"
    code = HandoffCode(found[1], found[2], int(found[3]), found[4])
    if code.key_id not in public_keys:
        return "unknown_key"
    try:
        signature = base64.urlsafe_b64decode(found[5] + "==")
        Ed25519PublicKey.from_public_bytes(public_keys[code.key_id]).verify(signature, payload.rpartition(".")[0].encode())
    except (InvalidSignature, binascii.Error):
        return "bad_signature"
    if code.parcel_id != parcel_id:
        return "other_parcel"
    if code.leg != leg:
        return "other_leg"
    if abs(code.step - now_step) > STEP_DRIFT:
        return "stale"
    return "used" if code.step <= last_step else code


def pickup_code(key: bytes, parcel_id: str, salt: str) -> str:
    """The six digits of a parcel: truncated HMAC as in RFC 4226 section 5.3, over the parcel and a random salt that a resend replaces.

    Neither the code nor a digest of it is stored: without the key, the database says nothing about it.
    """
    digest = hmac.new(key, f"pickup\n{parcel_id}\n{salt}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**PICKUP_DIGITS:0{PICKUP_DIGITS}d}"


def is_pickup_code(key: bytes, parcel_id: str, salt: str, given: str) -> bool:
    return hmac.compare_digest(pickup_code(key, parcel_id, salt).encode(), given.encode("utf-8", "replace"))


_MOBILE = re.compile(r"^1[3-9][0-9]{9}$")
_LIMITS = (("name", 1, 50), ("province", 2, 20), ("city", 2, 20), ("county", 1, 20), ("address", 4, 100))


def recipient_problems(recipient: Recipient) -> dict[str, str]:
    """A sentence for each field that a carrier could not use; the length of a name counts characters, rare ones included."""
    problems = {name: f"要填{low}到{high}个字。" for name, low, high in _LIMITS if not low <= len(getattr(recipient, name).strip()) <= high}
    if not _MOBILE.fullmatch(recipient.phone):
        problems["phone"] = "要填11位手机号码。"
    return problems


def mask_name(name: str) -> str:
    """张伟 -> 张*; 欧阳小明 -> 欧***."""
    return name[:1] + "*" * max(1, len(name) - 1)


def mask_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"


def order_number(parcel_id: str) -> str:
    """Our number at the carrier: made from the parcel's id, so that every retry sends the same one."""
    return "ZT" + parcel_id.rpartition("_")[2].upper()
