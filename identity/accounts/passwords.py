"""Staff credentials: argon2id (RFC 9106) and TOTP (RFC 6238), checked in constant work whether or not the user exists."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime
from functools import cached_property

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.crypto import same

STEP_SECONDS = 30
DRIFT_STEPS = (0, -1, 1)


HASHER = PasswordHasher()


class Passwords:
    """Hashing takes tens of milliseconds of CPU and 64 MiB, so it runs in a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or HASHER

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, stored: str | None, password: str) -> bool:
        """Against a hash of nobody's password when there is no such user."""
        right = await asyncio.to_thread(self._verify, stored, password)
        return right and stored is not None

    def _verify(self, stored: str | None, password: str) -> bool:
        nobody = self._nobody  # asked for whoever comes: the first login takes longer, and tells nothing by that
        try:
            return self._hasher.verify(stored or nobody, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step (one of three around `now`) whose code this is; all three are compared."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_SECONDS
    found = [current + drift for drift in DRIFT_STEPS if same(totp.at((current + drift) * STEP_SECONDS), code)]
    return found[0] if found else None


def provisioning_uri(secret: str, username: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="零跑办")
