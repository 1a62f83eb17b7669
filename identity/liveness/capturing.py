"""Take a capture of an open verification, streamed or as a clip: claim it, have it judged, write down the verdict. One at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from core.actor import SYSTEM, Actor
from core.clock import Clock
from core.crypto import same
from core.errors import Conflict
from identity.accounts.service import Accounts
from identity.guardians.service import Guardians
from identity.liveness.challenge import FrameChain, draw, session_key, steps_of, to_store
from identity.liveness.clips import MAX_CLIP_BYTES, container_of
from identity.liveness.errors import (
    ClipInvalid,
    ClipNotAsked,
    ClipTooLarge,
    ClipTooLate,
    ClipTypeUnsupported,
    NonceWrong,
    VerificationExpired,
    VerificationRunning,
)
from identity.liveness.flow import CAPTURING, CREATED, EXPIRED, FLOW
from identity.liveness.judging import Judge, Verdict, clip_steps
from identity.liveness.keeping import PictureKeeper
from identity.liveness.lockout import FaceLockouts, ensure_device
from identity.liveness.models import Verification
from identity.liveness.reasons import ACTION_WORDS
from identity.liveness.recording import VerdictRecorder, new_nonce
from identity.liveness.stream import Receive, Send, StreamedCapture
from identity.liveness.views import ClipChallengeView, PromptView
from identity.liveness.watching import while_held

LEASE = timedelta(seconds=75)
"""Longer than any capture and its judgement take; whoever died in between blocks the verification no longer."""
UPLOAD_WITHIN = timedelta(seconds=15)

log = structlog.get_logger("liveness")


class Captures:
    """`key`: master of the sessions' keys. `keeper`: keeps one picture of those who want that."""

    def __init__(
        self,
        *,
        clock: Clock,
        accounts: Accounts,
        judge: Judge,
        lockouts: FaceLockouts,
        recorder: VerdictRecorder,
        keeper: PictureKeeper,
        guardians: Guardians,
        key: bytes,
    ) -> None:
        self._keeper, self._guardians = keeper, guardians
        self._clock, self._accounts, self._judge = clock, accounts, judge
        self._lockouts, self._recorder, self._key = lockouts, recorder, key

    def key_of(self, row: Verification) -> bytes:
        return session_key(self._key, row.id, row.nonce)

    async def stream(self, actor: Actor, row: Verification, *, nonce: str, mirrored: bool, receive: Receive, send: Send) -> None:
        """Hold the conversation of `stream` and write down its verdict. Errors leave the verification open for another capture."""
        await self._judge.ensure_live_place()
        version = await self._claim(row, actor, nonce, "stream")
        run: StreamedCapture | None = None
        keeps = await self._keeper.is_wanted(row.account_id)

        async def converse() -> Verdict:
            nonlocal run
            portrait = await self._judge.portrait_of(await self._accounts.identity_of(row.account_id))
            if portrait is None:
                # Nobody is asked to move for a picture that could not be compared.
                return self._judge.failed("PORTRAIT_MISSING")
            async with self._judge.capture(portrait, is_live=True) as capture:
                chain = FrameChain(self.key_of(row), row.nonce)
                actions = draw(self._judge.policy.capture.steps)
                run = StreamedCapture(self._judge, capture, actions, chain, self._clock, mirrored=mirrored, keeps_picture=keeps)
                return await run.run(row.account_id, receive, send)

        try:
            verdict = await while_held(row.id, version, converse(), self._guardians)
            await self._record(row, version, verdict, run.prompts_shown if run else 0)
            await self._keeper.keep(row, run.picture if run else None)
        except asyncio.CancelledError:
            await asyncio.shield(self._abandon(row, version, run.prompts_shown if run else 0))
            raise
        except BaseException:
            await self._give_back(row.id, version)
            raise

    async def clip_challenge(self, actor: Actor, row: Verification) -> ClipChallengeView:
        """Draw prompts for a clip. Their order is known before the recording: the weaker way, and the verdict says so."""
        if row.state == EXPIRED:
            raise VerificationExpired()
        FLOW.move(row.state, "capture", actor, {"is_lease_over": False})
        actions = draw(self._judge.policy.capture.steps)
        steps = clip_steps(actions, self._judge.policy)
        seconds = steps[-1].asked_at + self._judge.policy.capture.window[1] + 0.5
        until, nonce = self._clock.now() + timedelta(seconds=seconds) + UPLOAD_WITHIN, new_nonce()
        changed = await Verification.filter(id=row.id, state=CREATED, version=row.version).update(
            version=row.version + 1, nonce=nonce, challenge=to_store(actions), clip_until=until
        )
        if not changed:
            raise VerificationRunning()
        prompts = [PromptView(step.action, f"请{ACTION_WORDS[step.action]}", step.asked_at) for step in steps]
        return ClipChallengeView(nonce, seconds, prompts, until)

    async def clip(self, actor: Actor, row: Verification, *, nonce: str, data: bytes, mirrored: bool, begun_at: datetime) -> None:
        """Judge a clip recorded for the drawn prompts; `begun_at`: when its upload began. The errors of clips leave all as it was."""
        if len(data) > MAX_CLIP_BYTES:
            raise ClipTooLarge()
        if not data:
            raise ClipInvalid()
        if container_of(data) is None:
            raise ClipTypeUnsupported()
        actions = steps_of(row.challenge)
        if not actions or row.clip_until is None:
            raise ClipNotAsked()
        if begun_at > row.clip_until:
            raise ClipTooLate()
        version = await self._claim(row, actor, nonce, "clip")

        async def examine() -> Verdict:
            portrait = await self._judge.portrait_of(await self._accounts.identity_of(row.account_id))
            if portrait is None:
                return self._judge.failed("PORTRAIT_MISSING")
            async with self._judge.capture(portrait) as capture:
                seen = await capture.see_clip(data)
                return await self._judge.judge(
                    row.account_id,
                    capture,
                    seen.frames,
                    clip_steps(actions, self._judge.policy),
                    mirrored=mirrored,
                    order_was_known=True,
                )

        try:
            verdict = await while_held(row.id, version, examine(), self._guardians)
            await self._record(row, version, verdict, len(actions))
        except BaseException:
            await asyncio.shield(self._give_back(row.id, version))
            raise

    async def _record(self, row: Verification, version: int, verdict: Verdict, prompts_shown: int) -> None:
        # A line that broke before anything could be learnt of the prompts is nobody's fault.
        await self._recorder.record(row, version, verdict, counts=prompts_shown > 1 or verdict.reasons != ("BROKEN_OFF",))

    async def _abandon(self, row: Verification, version: int, prompts_shown: int) -> None:
        try:
            await self._record(row, version, self._judge.failed("BROKEN_OFF"), prompts_shown)
        except Conflict:
            log.info("capture_taken_over")

    async def _claim(self, row: Verification, actor: Actor, nonce: str, how: str) -> int:
        """Take the verification by a conditional update; returns its new version, which fences whoever held it before."""
        ensure_device(row, actor)
        await self._lockouts.check(actor.id, row.device_id)
        now = self._clock.now()
        is_lease_over = row.state == CAPTURING and (row.lease_until is None or row.lease_until <= now)
        if row.state == EXPIRED:
            raise VerificationExpired()
        if row.state == CAPTURING and not is_lease_over:
            raise VerificationRunning()
        move = FLOW.move(row.state, "capture", actor, {"is_lease_over": is_lease_over})
        if not same(row.nonce, nonce):
            raise NonceWrong()
        claimed = await Verification.filter(id=row.id, state=row.state, version=row.version).update(
            state=move.target, version=row.version + 1, lease_until=now + LEASE, capture=how
        )
        if not claimed:
            raise VerificationRunning()
        row.capture = how
        return row.version + 1

    async def _give_back(self, verification_id: str, version: int) -> None:
        """Open again, with another nonce: what was shown or sent under the old one is worth nothing any more."""
        move = FLOW.move(CAPTURING, "give_back", SYSTEM)
        await Verification.filter(id=verification_id, state=CAPTURING, version=version).update(
            state=move.target, version=version + 1, lease_until=None, nonce=new_nonce(), challenge="[]", clip_until=None
        )
