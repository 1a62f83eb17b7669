"""Which phone this is: a token that we made and the phone keeps. It says nothing about its owner and logs nobody in.

A phone that comes without one, or with one that we did not make, gets a new one; what counts then is the account alone.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from core.crypto import keyed_digest, same

_SECRET_BYTES = 18
_TAG = 32


class Device(NamedTuple):
    id: str
    token: str


class Devices:
    """`key` (32 bytes) tells our tokens from invented ones. Nothing is stored but the digest on the login."""

    def __init__(self, *, key: bytes) -> None:
        self._key = key

    def known_or_new(self, token: str | None) -> Device:
        """The device that holds this token, or a new one."""
        if token is not None and token.isascii():
            secret, dot, tag = token.partition(".")
            if dot and same(tag, self._tag(secret)):
                return Device(self._id(secret), token)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        return Device(self._id(secret), f"{secret}.{self._tag(secret)}")

    def _tag(self, secret: str) -> str:
        return keyed_digest(self._key, "device-tag", secret)[:_TAG]

    def _id(self, secret: str) -> str:
        return f"device_{keyed_digest(self._key, 'device-id', secret)[:32]}"
