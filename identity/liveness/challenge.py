"""What a person is asked to do, and how each frame proves that it belongs to this session and follows the one before.

A frame travels as `magic · seq · t · step · mac · JPEG` (big-endian, 45 bytes before the picture). With `chain₀ = SHA-256(nonce)` and
`chainₙ = SHA-256(chainₙ₋₁ · seq · t · step · SHA-256(JPEG))`, `mac = HMAC-SHA-256(key, chainₙ)` (RFC 2104). A frame that is left out, put
in, changed, repeated or taken from another session breaks the chain from there on.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from collections.abc import Sequence

import msgspec

from core.crypto import derive
from identity.liveness.motion.actions import ACTIONS, MOVES_HEAD, Action

MAGIC = b"ZF1\x00"
_HEAD = struct.Struct(">4sIIB32s")
_SIGNED = struct.Struct(">IIB")
HEAD_BYTES = _HEAD.size


class FrameRefused(Exception):
    """`code` is a reason: OUT_OF_ORDER or TAMPERED."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Frame(msgspec.Struct, frozen=True):
    """`t` in seconds of the phone's clock since the first frame; `step` is the prompt that was on the screen, 0 before the first."""

    seq: int
    t: float
    step: int
    data: bytes


def draw(count: int = 3) -> tuple[Action, ...]:
    """`count` different actions in random order, with at least one that moves the head and one that moves the face."""
    while True:
        left, chosen = list(ACTIONS), []
        for _ in range(count):
            chosen.append(left.pop(secrets.randbelow(len(left))))
        heads = sum(action in MOVES_HEAD for action in chosen)
        if 0 < heads < count:
            return tuple(chosen)


def jitter(limits: tuple[float, float]) -> float:
    """Seconds to wait before a prompt, evenly random between the limits."""
    low, high = limits
    return low + (high - low) * secrets.randbelow(1 << 20) / (1 << 20)


def session_key(master: bytes, verification_id: str, nonce: str) -> bytes:
    """32 bytes that only the server and the phone of this session know; another nonce gives another key."""
    return derive(master, f"capture:{verification_id}:{nonce}")


class FrameChain:
    """Checks frames in order. The same object on the phone's side seals them (tests, the demo)."""

    def __init__(self, key: bytes, nonce: str) -> None:
        self._key = key
        self._chain = hashlib.sha256(nonce.encode()).digest()
        self._next = 0
        self._last_ms = -1

    def open(self, message: bytes) -> Frame:
        """FrameRefused for a frame out of order, or one that the chain or the key does not vouch for."""
        if len(message) <= HEAD_BYTES:
            raise FrameRefused("TAMPERED")
        magic, seq, ms, step, mac = _HEAD.unpack_from(message)
        if magic != MAGIC:
            raise FrameRefused("TAMPERED")
        data = message[HEAD_BYTES:]
        chain = self._link(seq, ms, step, data)
        if not hmac.compare_digest(hmac.digest(self._key, chain, "sha256"), mac):
            # A frame that is old, or comes twice, was vouched for under another link.
            raise FrameRefused("OUT_OF_ORDER" if seq != self._next else "TAMPERED")
        if seq != self._next or ms <= self._last_ms:
            raise FrameRefused("OUT_OF_ORDER")
        self._chain, self._next, self._last_ms = chain, seq + 1, ms
        return Frame(seq, ms / 1000, step, data)

    def seal(self, ms: int, step: int, data: bytes) -> bytes:
        """The message for the next frame, taken `ms` milliseconds after the first."""
        self._chain = self._link(self._next, ms, step, data)
        head = _HEAD.pack(MAGIC, self._next, ms, step, hmac.digest(self._key, self._chain, "sha256"))
        self._next, self._last_ms = self._next + 1, ms
        return head + data

    def _link(self, seq: int, ms: int, step: int, data: bytes) -> bytes:
        return hashlib.sha256(self._chain + _SIGNED.pack(seq, ms, step) + hashlib.sha256(data).digest()).digest()


def steps_of(stored: str) -> tuple[Action, ...]:
    return msgspec.json.decode(stored, type=tuple[Action, ...])


def to_store(actions: Sequence[Action]) -> str:
    return msgspec.json.encode(actions).decode()
