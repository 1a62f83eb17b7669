"""Judging a capture: compare the frames that matter, look for recordings, decide. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
import structlog

from identity.accounts.service import DeclaredIdentity
from identity.liveness.errors import VisionUnavailable
from identity.liveness.facts import CaptureFacts, Comparison, EngineFacts, FrameMotion
from identity.liveness.models import SeenCapture, SeenFrame
from identity.liveness.motion.actions import Action
from identity.liveness.motion.steps import Step
from identity.liveness.motion.traces import share_seen
from identity.liveness.policy import Policy
from identity.liveness.reasons import Outcome, ordered, reason_of, told
from identity.liveness.rules import EngineNotInPolicy, choose_places, decide
from identity.liveness.vision_protocol import ClipMotion

SEEN_BEFORE, REPLAYED, TRIES_USED_UP = "FRAMES_SEEN_BEFORE", "REPLAYED", "TRIES_USED_UP"
_CAPTURES_LOOKED_AT = 50

log = structlog.get_logger("liveness")


class OpenedCapture(Protocol):
    """A capture under way in the vision process; see `vision_client.OpenedCapture`."""

    engine: EngineFacts
    portrait_faces: int | None

    async def see(self, t: float, data: bytes) -> FrameMotion: ...

    async def see_clip(self, data: bytes) -> ClipMotion: ...

    async def compare(self, places: Sequence[int]) -> Comparison: ...


class Vision(Protocol):
    async def ensure_live_place(self) -> None:
        """VisionBusy, VisionUnavailable when no live capture could begin now."""
        ...

    def capture(self, portrait: bytes | None, *, is_live: bool = False) -> AbstractAsyncContextManager[OpenedCapture]:
        """Begin a capture; VisionBusy, PortraitUnusable, VisionUnavailable."""
        ...


class PortraitAnswer(Protocol):
    @property
    def name_matches(self) -> bool: ...

    @property
    def portrait(self) -> bytes | None: ...


class PortraitSource(Protocol):
    async def lookup(self, name: str, id_number: str) -> PortraitAnswer: ...


@dataclass(frozen=True)
class Verdict:
    """What is kept of a judgement. `digests` are the SHA-256 of the frames, `traces` those of what moved."""

    outcome: Outcome
    reasons: tuple[str, ...]
    digests: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    engine: str | None = None
    model_sha256: str | None = None
    threshold: float | None = None
    policy_version: str | None = None

    @property
    def coaching(self) -> tuple[str, ...]:
        return told(self.reasons)

    def with_reason(self, code: str) -> Verdict:
        reasons = ordered([*self.reasons, code])
        return replace(self, reasons=reasons, outcome=reason_of(reasons[0]).outcome)


class Judge:
    """`mode`: development or production (where the built-in engine never accepts anybody by itself)."""

    def __init__(self, *, portraits: PortraitSource, vision: Vision, policy: Policy, mode: str) -> None:
        self._portraits, self._vision, self.policy, self._mode = portraits, vision, policy, mode

    async def portrait_of(self, holder: DeclaredIdentity) -> bytes | None:
        """The portrait on file, None where there is none for this name. Call outside any transaction. The authority's errors."""
        answer = await self._portraits.lookup(holder.name, holder.id_number)
        return answer.portrait if answer.name_matches else None

    async def ensure_live_place(self) -> None:
        """VisionBusy, VisionUnavailable when no live capture could begin now."""
        await self._vision.ensure_live_place()

    def capture(self, portrait: bytes | None, *, is_live: bool = False) -> AbstractAsyncContextManager[OpenedCapture]:
        return self._vision.capture(portrait, is_live=is_live)

    async def judge(
        self,
        account_id: str,
        capture: OpenedCapture,
        frames: Sequence[FrameMotion],
        steps: Sequence[Step],
        *,
        first: int = 0,
        mirrored: bool = False,
        order_was_known: bool = False,
        earlier: Sequence[str] = (),
    ) -> Verdict:
        """Decide on a capture whose frames from place `first` on count; `earlier` are reasons found while it came in. VisionUnavailable."""
        counted = tuple(frames[first:])
        places = [place + first for place in choose_places(counted, steps, self.policy)] if counted else []
        measured = await capture.compare(places)
        if counted:
            measured = msgspec.structs.replace(measured, loops=tuple(loop for loop in measured.loops if loop.start >= counted[0].t))
        digests = tuple(sorted({frame.sha256 for frame in frames}))
        found = [*earlier, *await self._recordings(account_id, digests, measured.traces)]
        facts = CaptureFacts(counted, measured, capture.portrait_faces, capture.engine)
        try:
            decision = decide(facts, steps, self.policy, mode=self._mode, mirrored=mirrored, order_was_known=order_was_known, earlier=found)
        except EngineNotInPolicy:
            log.error("engine_not_in_policy", engine=capture.engine.name, policy=self.policy.version)
            raise VisionUnavailable() from None
        return Verdict(
            outcome=decision.outcome,
            reasons=decision.reasons,
            digests=digests,
            traces=measured.traces,
            engine=f"{decision.engine}/{decision.engine_version}",
            model_sha256=decision.model_sha256,
            threshold=decision.threshold,
            policy_version=decision.policy_version,
        )

    def failed(self, code: str) -> Verdict:
        """The verdict on a capture that came to nothing, for one reason."""
        return Verdict(reason_of(code).outcome, (code,), policy_version=self.policy.version)

    async def _recordings(self, account_id: str, digests: Sequence[str], traces: Sequence[str]) -> list[str]:
        found = []
        if digests and await SeenFrame.filter(sha256__in=list(digests)).exists():
            found.append(SEEN_BEFORE)
        rows = await SeenCapture.filter(account_id=account_id).order_by("-seen_at").limit(_CAPTURES_LOOKED_AT)
        if any(share_seen(traces, row.traces.split()) >= self.policy.capture.replayed_share for row in rows):
            found.append(REPLAYED)
        return found


def clip_steps(actions: Sequence[Action], policy: Policy) -> list[Step]:
    """When a clip's prompts come: the phone shows them at these times, which it was told before."""
    begin, each = policy.capture.baseline_seconds + 0.2, policy.capture.window[1]
    return [Step(action, begin + each * number) for number, action in enumerate(actions)]
