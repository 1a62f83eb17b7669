"""What the stand-in remembers: virtual time, codes, tokens, parcels, scripted faults, the journal of requests."""

from __future__ import annotations

import os
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

FaultKind = Literal["timeout", "502", "truncated", "accepted_no_reply", "errcode"]


class VirtualClock:
    """Real time plus an offset that the admin endpoint moves; it never goes backwards."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        self._offset += timedelta(seconds=max(0.0, seconds))
        return self.now()


class Fault(msgspec.Struct):
    """The next `times` requests to `path` go wrong. `errcode` and `delay_seconds` matter to the kinds that use them."""

    path: str
    kind: FaultKind
    times: int = 1
    errcode: int = -1
    delay_seconds: float = 30.0


class ParcelEvent(msgspec.Struct):
    at: datetime
    op_code: str
    op_name: str
    op_desc: str
    city: str = "成都市"


class SandboxParcel(msgspec.Struct):
    """`receiver` keeps what the client sent, as the carrier would; the journal never shows it."""

    waybill_no: str
    order_no: str
    created_at: datetime
    receiver: dict[str, Any]
    state: str = "ordered"
    events: list[ParcelEvent] = []


class _Saved(msgspec.Struct):
    parcels: list[SandboxParcel]
    next_serial: int


@dataclass
class LoginCode:
    openid: str
    expires_at: datetime
    is_used: bool = False


@dataclass
class FaceSession:
    """A verification begun at WeChat or at the remote service. `proof` is what the client must say again: a digest, never the name."""

    id: str
    reference: str
    person: str | None
    proof: str
    expires_at: datetime


@dataclass
class AccessToken:
    value: str
    issued_at: datetime
    expires_at: datetime


@dataclass
class State:
    path: Path | None = None
    clock: VirtualClock = field(default_factory=VirtualClock)
    login_codes: dict[str, LoginCode] = field(default_factory=dict)
    phone_codes: dict[str, LoginCode] = field(default_factory=dict)
    session_keys: dict[str, str] = field(default_factory=dict)
    tokens: list[AccessToken] = field(default_factory=list)
    forced_refreshes: list[datetime] = field(default_factory=list)
    accepts: dict[tuple[str, str], int] = field(default_factory=dict)
    sent_messages: list[dict[str, Any]] = field(default_factory=list)
    nonces: dict[str, datetime] = field(default_factory=dict)
    face_sessions: dict[str, FaceSession] = field(default_factory=dict)
    face_scripts: dict[tuple[str, str], str] = field(default_factory=dict)
    parcels: dict[str, SandboxParcel] = field(default_factory=dict)
    next_serial: int = field(default_factory=lambda: 10_000 + secrets.randbelow(900_000))
    faults: list[Fault] = field(default_factory=list)
    journal: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=2000))

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            saved = msgspec.json.decode(self.path.read_bytes(), type=_Saved)
            self.parcels = {parcel.waybill_no: parcel for parcel in saved.parcels}
            self.next_serial = saved.next_serial

    def save(self) -> None:
        """Write parcels to the state file, whole or not at all."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(_Saved(list(self.parcels.values()), self.next_serial)))
        os.replace(draft, self.path)

    def parcel_of_order(self, order_no: str) -> SandboxParcel | None:
        return next((parcel for parcel in self.parcels.values() if parcel.order_no == order_no), None)

    def face_session_of(self, reference: str) -> FaceSession | None:
        return next((session for session in self.face_sessions.values() if session.reference == reference), None)

    def take_fault(self, path: str) -> Fault | None:
        """The fault scripted for this request, counted down."""
        fault = next((fault for fault in self.faults if fault.path == path and fault.times > 0), None)
        if fault is not None:
            fault.times -= 1
            self.faults = [fault for fault in self.faults if fault.times > 0]
        return fault

    def note(self, method: str, path: str, **facts: Any) -> None:
        """One line in the journal. Facts are codes and numbers that the sandbox itself made, never names, phones or secrets."""
        self.journal.append({"at": self.clock.now().isoformat(timespec="milliseconds"), "method": method, "path": path, **facts})
