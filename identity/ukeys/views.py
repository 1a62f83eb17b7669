"""What a program beside a U-key needs."""

from __future__ import annotations

from datetime import datetime

import msgspec


class UkeyChallengeView(msgspec.Struct, frozen=True):
    """Sign the bytes of `message` (UTF-8) with SHA-256: ECDSA on P-256 (DER), or RSA PKCS #1 v1.5. Valid once, until `expires_at`."""

    id: str
    message: str
    expires_at: datetime


class UkeyPassed(msgspec.Struct, frozen=True):
    """`verification_id`: ask for the assertion as after a face check."""

    verification_id: str
