"""Judging frames: fetch the portrait, ask the vision process, decide. Nothing here writes; frames live in memory until it returns."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from identity.accounts.service import DeclaredIdentity
from identity.liveness.errors import FrameTooLarge, NoFrames, TooManyFrames, VisionUnavailable
from identity.liveness.facts import FrameAnalysis
from identity.liveness.models import SeenFrame
from identity.liveness.policy import Policy
from identity.liveness.reasons import Outcome
from identity.liveness.rules import EngineNotInPolicy, decide
from identity.liveness.views import CaptureLimits
from identity.liveness.vision_client import MAX_PICTURE_BYTES
from identity.liveness.vision_protocol import MAX_FRAMES

SEEN_BEFORE = "FRAMES_SEEN_BEFORE"
TRIES_USED_UP = "TRIES_USED_UP"
COACHING = {
    SEEN_BEFORE: "这些画面以前用过，本次核验没有通过。请对着摄像头实时拍摄，或改到窗口由工作人员核验。",
    TRIES_USED_UP: "已经试了 3 次，本次核验没有通过。请稍后再试，或改到窗口由工作人员核验。",
}

log = structlog.get_logger("liveness")


class Vision(Protocol):
    async def analyse(self, frames: Sequence[bytes], portrait: bytes | None) -> FrameAnalysis:
        """Measure the frames against the portrait; its errors about single pictures are meant for the citizen."""
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
    """What is kept of a judgement. `digests` are the SHA-256 of the frames."""

    outcome: Outcome
    reasons: tuple[str, ...]
    coaching: tuple[str, ...]
    digests: tuple[str, ...]
    engine: str | None = None
    model_sha256: str | None = None
    threshold: float | None = None
    policy_version: str | None = None

    def with_reason(self, outcome: Outcome, reason: str) -> Verdict:
        return Verdict(
            outcome,
            (*self.reasons, reason),
            (*self.coaching, COACHING[reason]),
            self.digests,
            self.engine,
            self.model_sha256,
            self.threshold,
            self.policy_version,
        )


class Judge:
    """`mode`: development or production (where the built-in engine never accepts anybody by itself)."""

    def __init__(self, *, portraits: PortraitSource, vision: Vision, policy: Policy, mode: str) -> None:
        self._portraits, self._vision, self._policy, self._mode = portraits, vision, policy, mode

    @property
    def limits(self) -> CaptureLimits:
        return CaptureLimits(self._policy.min_frames, MAX_FRAMES, MAX_PICTURE_BYTES, ["image/jpeg", "image/png"])

    def admit(self, frames: Sequence[bytes]) -> None:
        """Refuse at once what the vision process would refuse: NoFrames, TooManyFrames, FrameTooLarge."""
        if not frames:
            raise NoFrames()
        if len(frames) > MAX_FRAMES:
            raise TooManyFrames()
        for index, frame in enumerate(frames):
            if len(frame) > MAX_PICTURE_BYTES:
                raise FrameTooLarge(fields={f"frames[{index}]": FrameTooLarge.message})

    async def judge(self, holder: DeclaredIdentity, frames: Sequence[bytes]) -> Verdict:
        """Call outside any transaction. Raises the portrait authority's and the vision process's errors; then nothing was decided."""
        digests = tuple(sorted({hashlib.sha256(frame).hexdigest() for frame in frames}))
        if await SeenFrame.filter(sha256__in=list(digests)).exists():
            return Verdict("reject", (SEEN_BEFORE,), (COACHING[SEEN_BEFORE],), digests, policy_version=self._policy.version)
        answer = await self._portraits.lookup(holder.name, holder.id_number)
        analysis = await self._vision.analyse(frames, answer.portrait if answer.name_matches else None)
        try:
            decision = decide(analysis, self._policy, mode=self._mode)
        except EngineNotInPolicy:
            log.error("engine_not_in_policy", engine=analysis.engine.name, policy=self._policy.version)
            raise VisionUnavailable() from None
        return Verdict(
            decision.outcome,
            decision.reasons,
            decision.coaching,
            digests,
            f"{decision.engine}/{decision.engine_version}",
            decision.model_sha256,
            decision.threshold,
            decision.policy_version,
        )
