"""The door of feedback: rating a finished case, and the public figures."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from tortoise.functions import Count

from core import audit
from core.actor import SYSTEM, Actor
from core.clock import BEIJING, Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from core.outbox import emit
from hall.catalog.service import WorkingDays
from hall.feedback.config import FeedbackConfig
from hall.feedback.errors import AlreadyRated, NotFinished
from hall.feedback.events import BadRatingReceived, ServiceRated
from hall.feedback.flow import FLOW
from hall.feedback.models import Rating, RectificationTask
from hall.feedback.ports import RatedCase, RatedCases
from hall.feedback.rules import LEVEL_NAMES, Level, is_bad, rating_problems, satisfaction_percent, tags_of
from hall.feedback.sealed import Sealed
from hall.feedback.tasks import Rectification
from hall.feedback.views import LevelOption, RatingView, Tally

__all__ = ["Feedback", "RatedCase", "Rectification"]


class Feedback:
    def __init__(self, *, clock: Clock, cipher: Cipher, days: WorkingDays, cases: RatedCases, config: FeedbackConfig) -> None:
        self._clock, self._days, self._cases, self._config = clock, days, cases, config
        self._sealed = Sealed(cipher)

    def options(self) -> list[LevelOption]:
        """The five levels, best first, with the tags that each offers."""
        return [LevelOption(int(level), LEVEL_NAMES[level], dict(tags_of(level))) for level in sorted(Level, reverse=True)]

    async def rate(self, actor: Actor, case_id: str, level: int, tags: Sequence[str] = (), comment: str = "") -> RatingView:
        """Rate one finished case once. A bad rating opens a task with deadlines in working days.

        Raises NotFound (unknown or not the actor's), NotFinished, InvalidInput, AlreadyRated.
        """
        problems = rating_problems(level, tags, comment)
        if problems:
            raise InvalidInput(fields=problems)
        case = await self._cases.rated_case(actor, case_id)
        if case is None:
            raise NotFound()
        if not case.is_finished:
            raise NotFinished()
        now = self._clock.now()
        rating_id = new_id("rating")
        try:
            async with transaction():
                rating = await Rating.create(
                    id=rating_id,
                    case_id=case.case_id,
                    account_id=actor.id,
                    item_code=case.item_code,
                    office_id=case.office_id,
                    level=level,
                    tags=msgspec.json.encode(list(tags)).decode(),
                    comment=self._sealed.seal("comment", rating_id, comment.strip()),
                    created_at=now,
                )
                await audit.record(f"case:{case.case_id}", "case.rated", at=now, actor=actor, data={"rating": rating.id, "level": level})
                await emit(ServiceRated(rating_id=rating.id, case_id=case.case_id, level=level), at=now)
                if is_bad(Level(level)):
                    await self._open_task(rating)
        except IntegrityError:
            raise AlreadyRated() from None
        return self._view(rating)

    async def _open_task(self, rating: Rating) -> None:
        today = rating.created_at.astimezone(BEIJING).date()
        call_back_on, _ = self._days.deadline(today, self._config.call_back_days)
        due_on, is_provisional = self._days.deadline(today, self._config.rectify_days)
        task = await RectificationTask.create(
            id=new_id("task"),
            rating_id=rating.id,
            case_id=rating.case_id,
            office_id=rating.office_id,
            state=FLOW.initial,
            call_back_on=call_back_on,
            due_on=due_on,
            is_deadline_provisional=is_provisional,
            created_at=rating.created_at,
        )
        data = {"task": task.id, "due_on": due_on.isoformat()}
        await audit.record(f"case:{rating.case_id}", "rectification.opened", at=rating.created_at, actor=SYSTEM, data=data)
        await emit(BadRatingReceived(task_id=task.id, case_id=rating.case_id, office_id=rating.office_id), at=rating.created_at)

    async def mine(self, actor: Actor, case_id: str) -> RatingView:
        """The actor's own rating of a case; NotFound when there is none."""
        rating = await Rating.get_or_none(case_id=case_id, account_id=actor.id)
        if rating is None:
            raise NotFound()
        return self._view(rating)

    async def tally(self, item_code: str) -> Tally:
        """Public figures of an item; all zero when nobody rated it."""
        rows = await Rating.filter(item_code=item_code).annotate(n=Count("id")).group_by("level").values("level", "n")
        counts = dict.fromkeys(sorted(Level, reverse=True), 0) | {Level(row["level"]): int(row["n"]) for row in rows}
        levels = {LEVEL_NAMES[level]: number for level, number in counts.items()}
        return Tally(item_code, sum(counts.values()), levels, satisfaction_percent(counts))

    def _view(self, rating: Rating) -> RatingView:
        level = Level(rating.level)
        promise = f"我们会在 {self._config.call_back_days} 个工作日内联系您，{self._config.rectify_days} 个工作日内整改。"
        return RatingView(
            id=rating.id,
            case_id=rating.case_id,
            level=int(level),
            level_text=LEVEL_NAMES[level],
            tags=msgspec.json.decode(rating.tags, type=list[str]),
            comment=self._sealed.open("comment", rating.id, rating.comment),
            created_at=rating.created_at,
            follow_up=promise if is_bad(level) else None,
        )
