"""The queue for identification over video: join, wait, be taken by exactly one clerk, be decided on evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Annotated, Literal

import msgspec
from tortoise.expressions import Q

from core import audit
from core.actor import SYSTEM, Actor, Role
from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.ids import new_id
from identity.accounts.service import COUNTER_PERMISSION, Accounts, Staff
from identity.liveness.service import Identifications, RouteReport
from identity.video_checks.config import VideoConfig
from identity.video_checks.errors import ClerkTalking, QueueEmpty, VideoClosed, VideoMissing, VideoOpen, VideoRoundOver
from identity.video_checks.flow import ABANDONED, FLOW, TALKING, WAITING
from identity.video_checks.media import SILENT, Media
from identity.video_checks.models import VideoCheck
from identity.video_checks.ports import WorkingDays
from identity.video_checks.rules import hours_text, opening_text, opens_at, refusal_text, spans_of, wait_seconds
from identity.video_checks.views import VideoCallView, VideoCheckView, VideoDecided, VideoHours, VideoQueueView

__all__ = ["VideoChecks", "VideoConfig", "VideoEvidence", "video_report"]

Check = Literal["document_genuine", "holder_matches_photo", "number_matches_account", "moves_when_asked", "is_alone"]
REQUIRED_CHECKS = frozenset({"document_genuine", "holder_matches_photo", "number_matches_account", "moves_when_asked", "is_alone"})
_LOOKED_AT = 20


class VideoEvidence(msgspec.Struct, frozen=True):
    """What the clerk saw. All five checks are needed to accept; a refusal needs a reason."""

    outcome: Literal["accept", "reject"]
    document_kind: Literal["resident_id_card", "temporary_id_card", "hmt_residence_permit", "permanent_residence_card"]
    checked: Annotated[list[Check], msgspec.Meta(max_length=10)]
    reason: Literal["other_person", "forged_document", "picture_too_bad", "under_pressure", "no_document"] | None = None


class VideoChecks:
    """`is_offered`: whether this hall has the queue at all."""

    def __init__(
        self,
        *,
        clock: Clock,
        cipher: Cipher,
        accounts: Accounts,
        staff: Staff,
        days: WorkingDays,
        identifications: Identifications,
        config: VideoConfig,
        is_offered: bool,
    ) -> None:
        self._clock, self._accounts, self._staff, self._days = clock, accounts, staff, days
        self._identifications, self._config, self._is_offered = identifications, config, is_offered
        self._spans = spans_of(config.hours)
        self._media = Media(cipher=cipher, config=config)

    def hours(self) -> VideoHours:
        """Whether one may join the queue now, and if not, when. VideoMissing."""
        self._require_offered()
        now = self._clock.now()
        opens = opens_at(now, self._spans, self._days.is_working_day)
        return VideoHours(opens and opens.astimezone(UTC), opening_text(opens, now) if opens else None, hours_text(self._spans))

    async def join(self, actor: Actor, *, application_id: str, document_sha256: str | None) -> VideoCheckView:
        """Join the queue; the same wish again gives the same place, also after hours. VideoMissing, NotDeclared, VideoOpen, VideoClosed."""
        opening = self.hours().opening_text
        await self._accounts.identity_of(actor.id)
        await self.sweep()
        if opening and not await VideoCheck.exists(open_for=actor.id):
            raise VideoClosed(opening)
        now = self._clock.now()
        try:
            async with transaction():
                row = await VideoCheck.create(
                    id=new_id("video"),
                    account_id=actor.id,
                    open_for=actor.id,
                    application_id=application_id,
                    document_sha256=document_sha256,
                    state=FLOW.initial,
                    joined_at=now,
                    seen_at=now,
                )
                await self._record(row, "identity.video_joined", actor)
        except IntegrityError:
            known = await VideoCheck.get_or_none(open_for=actor.id)
            if known is None or (known.application_id, known.document_sha256) != (application_id, document_sha256):
                raise VideoOpen() from None
            row = known
        return await self._view(row, actor)

    async def get(self, actor: Actor, check_id: str) -> VideoCheckView:
        """Where it stands; asking keeps the place. NotFound."""
        row = await self._mine(actor, check_id)
        await VideoCheck.filter(id=row.id, state__in=[WAITING, TALKING]).update(seen_at=self._clock.now())
        return await self._view(row, actor)

    async def leave(self, actor: Actor, check_id: str) -> VideoCheckView:
        """Leave the queue or the call. NotFound, IllegalMove."""
        row = await self._mine(actor, check_id)
        target = FLOW.move(row.state, "leave", actor).target
        async with transaction():
            await self._save(row, state=target, open_for=None, held_by=None, ended_at=self._clock.now(), **SILENT)
            await self._record(row, "identity.video_left", actor)
        return await self._view(row, actor)

    async def queue(self, clerk: Actor) -> VideoQueueView:
        """How many wait, without names. Forbidden."""
        _admit(clerk)
        await self.sweep()
        waiting = VideoCheck.filter(state=WAITING)
        first = await waiting.order_by("joined_at").first()
        longest = round((self._clock.now() - first.joined_at).total_seconds()) if first else 0
        current = await VideoCheck.get_or_none(held_by=clerk.id)
        return VideoQueueView(
            await waiting.count(), await VideoCheck.filter(state=TALKING).count(), longest, current.id if current else None
        )

    async def take_next(self, clerk: Actor) -> VideoCallView:
        """Take whoever has waited longest; of two clerks at once each gets another. Forbidden, QueueEmpty, ClerkTalking, VideoMissing."""
        _admit(clerk)
        self._require_offered()
        await self.sweep()
        waiting = await VideoCheck.filter(state=WAITING).order_by("joined_at", "id").limit(_LOOKED_AT)
        # Whom this clerk has put back is for a colleague, as long as somebody else waits.
        for row in sorted(waiting, key=lambda one: one.clerk_id == clerk.id):
            if await self._staff.is_same_person(clerk.id, row.account_id):
                continue
            target = FLOW.move(row.state, "take", clerk).target
            try:
                async with transaction():
                    await self._save(row, state=target, held_by=clerk.id, clerk_id=clerk.id, taken_at=self._clock.now())
                    await self._record(row, "identity.video_taken", clerk)
            except IntegrityError:
                raise ClerkTalking() from None
            except Conflict:
                continue
            return await self._call(row)
        raise QueueEmpty()

    async def current(self, clerk: Actor) -> VideoCallView:
        """The clerk's own call as it stands. Forbidden, NotFound."""
        _admit(clerk)
        return await self._call(await self._held(clerk))

    async def offer(self, clerk: Actor, sdp: str) -> VideoCallView:
        """Begin a new round of connecting: what was answered before is void; the same offer again changes nothing.

        Forbidden, NotFound, Conflict.
        """
        _admit(clerk)
        row = await self._held(clerk)
        if self._media.offer_of(row) != sdp:
            await self._save(row, **self._media.new_round(row, sdp))
        return await self._call(row)

    async def answer(self, actor: Actor, check_id: str, media_round: int, sdp: str) -> VideoCheckView:
        """Answer the clerk's offer; the same answer again changes nothing. NotFound, VideoRoundOver when there is a newer offer, none
        any more, or another answer; Conflict."""
        row = await self._mine(actor, check_id)
        if row.state != TALKING or row.media_round != media_round or row.offer_sealed is None:
            raise VideoRoundOver()
        known = self._media.answer_of(row)
        if known is not None and known != sdp:
            raise VideoRoundOver()
        if known is None:
            await self._save(row, **self._media.answered(row, sdp))
        return await self._view(row, actor)

    async def reconnect(self, actor: Actor, check_id: str) -> VideoCheckView:
        """Ask the clerk's browser for a new offer: the page was loaded again, or the connection is lost. Changes nothing while one is
        expected, or nobody talks. NotFound, Conflict."""
        row = await self._mine(actor, check_id)
        if row.state == TALKING and row.offer_sealed is not None:
            await self._save(row, **SILENT)
        return await self._view(row, actor)

    async def put_back(self, clerk: Actor) -> VideoQueueView:
        """Give the call back to the queue, at its old place, for a colleague: the same clerk gets it again only when nobody else waits.

        Forbidden, NotFound.
        """
        _admit(clerk)
        row = await self._held(clerk)
        target = FLOW.move(row.state, "put_back", clerk).target
        async with transaction():
            await self._save(row, state=target, held_by=None, taken_at=None, **SILENT)
            await self._record(row, "identity.video_put_back", clerk)
        return await self.queue(clerk)

    async def decide(self, clerk: Actor, video_id: str, evidence: VideoEvidence) -> VideoDecided:
        """Decide the own call: accepted, it is worth as much as a face or a counter. NotFound also when the clerk has taken another call
        meanwhile, in another window. Forbidden, NotFound, InvalidInput."""
        _admit(clerk)
        row = await self._held(clerk)
        if row.id != video_id:
            raise NotFound()
        if evidence.outcome == "accept" and not REQUIRED_CHECKS.issubset(evidence.checked):
            raise InvalidInput(fields={"checked": "请核对全部五项后再通过。"})
        if evidence.outcome == "reject" and evidence.reason is None:
            raise InvalidInput(fields={"reason": "请写明不通过的原因。"})
        target = FLOW.move(row.state, "decide", clerk).target
        checked = sorted(set(evidence.checked))
        facts = {"video": row.id, "document_kind": evidence.document_kind, "checked": checked, "reason": evidence.reason}
        async with transaction():
            ended = {"open_for": None, "held_by": None, "ended_at": self._clock.now(), **SILENT}
            await self._save(row, state=target, outcome=evidence.outcome, **ended)
            verification_id = await self._identifications.record(
                clerk,
                method="video",
                account_id=row.account_id,
                application_id=row.application_id,
                document_sha256=row.document_sha256,
                outcome=evidence.outcome,
                evidence=facts,
            )
            await VideoCheck.filter(id=row.id).update(verification_id=verification_id)
        return VideoDecided(row.id, evidence.outcome, verification_id)

    async def sweep(self) -> int:
        """End what nobody waits for any more, and calls that were forgotten; returns how many."""
        now = self._clock.now()
        unseen = now - timedelta(seconds=self._config.unseen_seconds)
        gone = Q(state=WAITING, seen_at__lt=unseen) | Q(state=TALKING, taken_at__lt=now - self._longest_call())
        ended = 0
        for row in await VideoCheck.filter(gone).limit(500):
            target = FLOW.move(row.state, "expire", SYSTEM).target
            ended += await VideoCheck.filter(id=row.id, version=row.version, seen_at=row.seen_at).update(
                state=target, open_for=None, held_by=None, ended_at=now, version=row.version + 1, **SILENT
            )
        return ended

    async def _mine(self, actor: Actor, check_id: str) -> VideoCheck:
        await self.sweep()
        row = await VideoCheck.get_or_none(id=check_id, account_id=actor.id) if actor.kind is Role.CITIZEN else None
        if row is None:
            raise NotFound()
        return row

    async def _held(self, clerk: Actor) -> VideoCheck:
        await self.sweep()
        row = await VideoCheck.get_or_none(held_by=clerk.id, state=TALKING)
        if row is None:
            raise NotFound()
        return row

    async def _save(self, row: VideoCheck, **changes: object) -> None:
        if not await VideoCheck.filter(id=row.id, state=row.state, version=row.version).update(**changes, version=row.version + 1):
            raise Conflict()
        await row.refresh_from_db()

    async def _record(self, row: VideoCheck, action: str, actor: Actor) -> None:
        data = {"video": row.id, "application": row.application_id}
        await audit.record(f"account:{row.account_id}", action, at=self._clock.now(), actor=actor, data=data)

    async def _call(self, row: VideoCheck) -> VideoCallView:
        identity = await self._accounts.identity_of(row.account_id)
        media = self._media.for_clerk(row, self._ends_at(row))
        return VideoCallView(row.id, row.account_id, identity.name, identity.id_number, row.application_id, media)

    def _require_offered(self) -> None:
        if not self._is_offered:
            raise VideoMissing()

    def _ends_at(self, row: VideoCheck) -> datetime:
        return (row.taken_at or self._clock.now()) + self._longest_call()

    def _longest_call(self) -> timedelta:
        return timedelta(minutes=self._config.call_minutes)

    async def _view(self, row: VideoCheck, actor: Actor) -> VideoCheckView:
        position, estimate = None, None
        if row.state == WAITING:
            before = Q(joined_at__lt=row.joined_at) | Q(joined_at=row.joined_at, id__lt=row.id)
            ahead = await VideoCheck.filter(before, state=WAITING).count()
            clerks = await VideoCheck.filter(state=TALKING).count()
            position, estimate = ahead + 1, wait_seconds(ahead, clerks, await self._recent_calls())
        return VideoCheckView(
            id=row.id,
            application_id=row.application_id,
            state=row.state,
            position=position,
            wait_seconds=estimate,
            media=self._media.for_citizen(row, self._ends_at(row)) if row.state == TALKING else None,
            outcome=row.outcome,
            verification_id=row.verification_id if row.outcome == "accept" else None,
            reason_text=await self._refusal(row),
            allowed_actions=FLOW.allowed_actions(row.state, actor),
        )

    async def _refusal(self, row: VideoCheck) -> str | None:
        if row.outcome != "reject":
            return None
        facts = await self._identifications.evidence_of(row.verification_id or "")
        return refusal_text(facts.get("reason"))

    async def _recent_calls(self) -> list[float]:
        done = VideoCheck.filter(taken_at__isnull=False, ended_at__isnull=False).exclude(state=ABANDONED)
        rows = await done.order_by("-ended_at").limit(_LOOKED_AT)
        return [(row.ended_at - row.taken_at).total_seconds() for row in rows if row.ended_at and row.taken_at]


def _admit(clerk: Actor) -> None:
    if clerk.kind is not Role.CLERK or not clerk.may(COUNTER_PERMISSION):
        raise Forbidden()


async def video_report(since: datetime) -> RouteReport:
    """How the queue serves people, over the latest 10,000 that joined since then."""
    rows = await VideoCheck.filter(joined_at__gte=since).order_by("-joined_at").limit(10_000)
    decided = [row for row in rows if row.outcome is not None]
    times = [(row.ended_at - row.joined_at).total_seconds() for row in decided if row.ended_at is not None]
    waits = [(row.taken_at - row.joined_at).total_seconds() for row in rows if row.taken_at is not None]
    accepted = sum(row.outcome == "accept" for row in decided)
    return RouteReport(
        method="video",
        started=len(rows),
        accepted=accepted,
        rejected=len(decided) - accepted,
        manual_review=0,
        expired=sum(row.state == ABANDONED for row in rows),
        median_seconds=median(times) if times else None,
        completed_share=round(len(decided) / len(rows), 4) if rows else None,
        accepted_share=round(accepted / len(decided), 4) if decided else None,
        median_wait_seconds=median(waits) if waits else None,
    )
