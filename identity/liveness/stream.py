"""A capture over a WebSocket: one prompt at a time, each frame checked as it comes, hints on the way, the verdict at the end.

The conversation knows nothing of sockets: it is given two functions. The phone sends `hello` and then binary frames (`challenge`); the
server sends JSON: `ready`, `prompt`, `done`, `hint`, `judging`, and `verdict` or `error`, after which it says nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.clock import Clock
from core.errors import DomainError
from identity.liveness.challenge import Frame, FrameChain, FrameRefused, jitter
from identity.liveness.facts import FrameMotion
from identity.liveness.judging import Judge, OpenedCapture, Verdict
from identity.liveness.motion.actions import Action
from identity.liveness.motion.steps import Step, baseline_problems, is_done
from identity.liveness.policy import CapturePolicy
from identity.liveness.reasons import ACTION_WORDS, reason_of
from identity.liveness.rules import live_hint

STALL_SECONDS = 3.0
AIM_SECONDS = 8.0
"""How long a person may take to find the frame, before the clock of the capture runs."""
_LOOK_EVERY = 2
_AFTER_WINDOW = 0.6

Receive = Callable[[], Awaitable[bytes]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class _Course:
    """Where the capture stands. `first`: place of the first frame that counts."""

    frames: list[FrameMotion] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    first: int | None = None
    shown: int = 0
    due_at: float | None = None
    size: int = 0
    hinted: str | None = None
    offset: float | None = None


class StreamedCapture:
    """One run of prompts. `actions` are asked in order; `chain` vouches for the frames. `mirrored`: the phone sends a mirror image.

    `keeps_picture`: the last frame before the first prompt is held in memory as `picture`.
    """

    def __init__(
        self,
        judge: Judge,
        capture: OpenedCapture,
        actions: Sequence[Action],
        chain: FrameChain,
        clock: Clock,
        *,
        mirrored: bool,
        keeps_picture: bool = False,
    ):
        self._keeps_picture = keeps_picture
        self.picture: bytes | None = None
        self._judge, self._capture, self._actions = judge, capture, actions
        self._chain, self._clock, self._mirrored = chain, clock, mirrored
        self._limits: CapturePolicy = judge.policy.capture
        self._at = _Course()

    @property
    def prompts_shown(self) -> int:
        return self._at.shown

    async def run(self, account_id: str, receive: Receive, send: Send) -> Verdict:
        """Until the last movement was made, or could not be. A break of the line is a verdict too: BROKEN_OFF. VisionUnavailable."""
        await send({"type": "prompt", "step": 0, "action": "neutral", "text": "请正对镜头，先不要动"})
        fault = await self._follow(receive, send)
        if fault is not None and fault in {"BROKEN_OFF", "TAMPERED"}:
            return self._judge.failed(fault)
        await send({"type": "judging", "text": "正在核对，请稍等"})
        at = self._at
        earlier = [fault] if fault else []
        return await self._judge.judge(
            account_id, self._capture, at.frames, at.steps, first=at.first or 0, mirrored=self._mirrored, earlier=earlier
        )

    async def _follow(self, receive: Receive, send: Send) -> str | None:
        """Take frames until it is over; the reason when it ended before its time."""
        while True:
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    message = await receive()
            except (TimeoutError, ConnectionError):
                return "BROKEN_OFF"
            arrived = self._clock.now().timestamp()
            self._at.size += len(message)
            if self._at.size > self._limits.max_bytes:
                return "TOO_LONG"
            try:
                frame = self._chain.open(message)
            except FrameRefused as refused:
                return refused.code
            if frame.step > self._at.shown or (self._at.steps and frame.step < len(self._at.steps)):
                return "TAMPERED"
            if self._drifts(frame, arrived):
                return "CLOCK_DRIFT"
            try:
                motion = await self._capture.see(frame.t, frame.data)
            except DomainError as error:
                if error.status >= 500:
                    raise
                return "TAMPERED"
            self._at.frames.append(motion)
            if self._keeps_picture and self._at.first is None:
                self.picture = frame.data
            if frame.step == len(self._at.steps) + 1:
                self._at.steps.append(Step(self._actions[frame.step - 1], frame.t))
            over, fault = await self._advance(motion, send)
            if over:
                return fault

    def _drifts(self, frame: Frame, arrived: float) -> bool:
        """The phone's clock may not run away from ours: whoever feeds a film stops or hurries somewhere."""
        if self._at.offset is None:
            self._at.offset = arrived - frame.t
        return abs(arrived - frame.t - self._at.offset) > self._limits.max_drift_seconds

    async def _advance(self, motion: FrameMotion, send: Send) -> tuple[bool, str | None]:
        at, t = self._at, motion.t
        await self._hint(motion, send)
        if at.first is None:
            if self._is_calm(t):
                at.due_at = t + jitter(self._limits.jitter)
            return (t > AIM_SECONDS, None)
        if t - at.frames[at.first].t > self._limits.max_seconds:
            return True, "TOO_LONG"
        if at.due_at is not None:
            if t >= at.due_at:
                await self._prompt(send)
            return False, None
        if at.shown > len(at.steps):
            # The prompt is on its way; the first frame under it tells when it was seen.
            return False, None
        step = at.steps[-1]
        if len(at.frames) % _LOOK_EVERY == 0 and is_done(at.frames[at.first :], step, self._judge.policy, mirrored=self._mirrored):
            await send({"type": "done", "step": at.shown})
            at.due_at = t + jitter(self._limits.jitter)
            return at.shown == len(self._actions), None
        return t - step.asked_at > self._limits.window[1] + _AFTER_WINDOW, None

    def _is_calm(self, t: float) -> bool:
        """Whether the last second can be the baseline; if so, the capture counts from its beginning."""
        limits, frames = self._limits, self._at.frames
        first = next(place for place, frame in enumerate(frames) if frame.t >= t - limits.baseline_seconds - 1e-6)
        if t - frames[0].t < limits.baseline_seconds or frames[first].t > t - limits.baseline_seconds + 0.2:
            return False
        recent = frames[first:]
        if any(live_hint(frame, self._judge.policy.quality) for frame in recent):
            return False
        if any(frame.geometry is None for frame in recent) or any(baseline_problems(recent, self._judge.policy)):
            return False
        self._at.first = first
        return True

    async def _prompt(self, send: Send) -> None:
        at = self._at
        action = self._actions[at.shown]
        at.shown, at.due_at = at.shown + 1, None
        await send({"type": "prompt", "step": at.shown, "action": action, "text": f"请{ACTION_WORDS[action]}"})

    async def _hint(self, motion: FrameMotion, send: Send) -> None:
        if motion.faces is None:
            return
        code = live_hint(motion, self._judge.policy.quality)
        if code != self._at.hinted:
            self._at.hinted = code
            await send({"type": "hint", "code": code, "text": reason_of(code).coaching if code else ""})
