"""Answering bad ratings: take, call back, put right. Its door is `service.py`."""

from __future__ import annotations

from typing import Any

import msgspec
from tortoise.expressions import F

from core import audit
from core.actor import Actor
from core.clock import BEIJING, Clock
from core.crypto import Cipher
from core.db import transaction
from core.errors import Conflict, InvalidInput, NotFound
from core.flow import Transition
from core.ids import new_id
from core.outbox import emit
from hall.feedback.events import RatingRectified
from hall.feedback.flow import FLOW
from hall.feedback.models import CallBack, RectificationTask
from hall.feedback.rules import LEVEL_NAMES, MAX_COMMENT, Level, was_contacted
from hall.feedback.sealed import Sealed
from hall.feedback.views import CallBackView, TaskView


class Rectification:
    """Tasks of the clerk's own office; another office's are NotFound."""

    def __init__(self, *, clock: Clock, cipher: Cipher) -> None:
        self._clock, self._sealed = clock, Sealed(cipher)

    async def tasks(self, clerk: Actor, state: str | None = None) -> list[TaskView]:
        """The office's tasks, the most urgent first; without a state, all that are not finished. InvalidInput for an unknown state."""
        if state is not None and state not in FLOW.states:
            raise InvalidInput(fields={"state": "没有这个状态。"})
        wanted = [state] if state is not None else [name for name in FLOW.states if name not in FLOW.final]
        rows = RectificationTask.filter(office_id=clerk.office_id or "", state__in=wanted).order_by("due_on", "id").limit(100)
        return [self._view(row, clerk) for row in await rows.prefetch_related("rating", "calls")]

    async def one(self, clerk: Actor, task_id: str) -> TaskView:
        return self._view(await self._load(clerk, task_id), clerk)

    async def take(self, clerk: Actor, task_id: str) -> TaskView:
        """Become responsible. Raises NotFound, IllegalMove (somebody else has it), Conflict."""
        return await self._move(clerk, task_id, "take", clerk_id=clerk.id)

    async def hand_over(self, clerk: Actor, task_id: str) -> TaskView:
        """Give the task back for a colleague; the calls and the deadline stay."""
        return await self._move(clerk, task_id, "hand_over", clerk_id=None)

    async def call_back(self, clerk: Actor, task_id: str, *, was_reached: bool, note: str) -> TaskView:
        """Record one call to the person. Raises NotFound, InvalidInput, IllegalMove, GuardRefused (not the clerk's task), Conflict."""
        text = _text("note", note)
        task = await self._load(clerk, task_id)
        move = FLOW.move(task.state, "call_back", clerk, _facts(task, clerk))
        now, call_id = self._clock.now(), new_id("call")
        async with transaction():
            await self._save(task, move, contacted_at=now)
            sealed = self._sealed.seal("call", call_id, text)
            await CallBack.create(id=call_id, task_id=task.id, clerk_id=clerk.id, was_reached=was_reached, note=sealed, called_at=now)
            await self._note(task, "rectification.called_back", clerk, was_reached=was_reached)
        return await self.one(clerk, task_id)

    async def rectify(self, clerk: Actor, task_id: str, *, outcome: str) -> TaskView:
        """Close with what was put right. GuardRefused until the person was reached, or three calls went unanswered."""
        text = _text("outcome", outcome)
        sealed = self._sealed.seal("outcome", task_id, text)
        return await self._move(clerk, task_id, "rectify", outcome=sealed, rectified_at=self._clock.now())

    async def overdue(self) -> int:
        """How many tasks of all offices are past their deadline and not finished (metrics, supervision)."""
        today = self._clock.now().astimezone(BEIJING).date()
        return await RectificationTask.filter(due_on__lt=today).exclude(state__in=sorted(FLOW.final)).count()

    async def _move(self, clerk: Actor, task_id: str, action: str, **changes: Any) -> TaskView:
        task = await self._load(clerk, task_id)
        move = FLOW.move(task.state, action, clerk, _facts(task, clerk))
        async with transaction():
            await self._save(task, move, **changes)
            await self._note(task, f"rectification.{action}", clerk)
            if move.target == "rectified":
                event = RatingRectified(task_id=task.id, case_id=task.case_id, account_id=task.rating.account_id)
                await emit(event, at=self._clock.now())
        return await self.one(clerk, task_id)

    async def _load(self, clerk: Actor, task_id: str) -> RectificationTask:
        row = await RectificationTask.get_or_none(id=task_id, office_id=clerk.office_id or "").prefetch_related("rating", "calls")
        if row is None:
            raise NotFound()
        return row

    async def _save(self, task: RectificationTask, move: Transition, **changes: Any) -> None:
        query = RectificationTask.filter(id=task.id, state=task.state, version=task.version)
        if not await query.update(version=F("version") + 1, state=move.target, **changes):
            raise Conflict()
        task.state = move.target

    async def _note(self, task: RectificationTask, action: str, clerk: Actor, **data: Any) -> None:
        await audit.record(
            f"case:{task.case_id}", action, at=self._clock.now(), actor=clerk, data={"task": task.id, "state": task.state, **data}
        )

    def _view(self, task: RectificationTask, clerk: Actor) -> TaskView:
        level = Level(task.rating.level)
        today = self._clock.now().astimezone(BEIJING).date()
        calls = sorted(task.calls, key=lambda call: call.called_at)
        return TaskView(
            id=task.id,
            state=task.state,
            state_text=FLOW.states[task.state],
            case_id=task.case_id,
            level=int(level),
            level_text=LEVEL_NAMES[level],
            tags=msgspec.json.decode(task.rating.tags, type=list[str]),
            comment=self._sealed.open("comment", task.rating.id, task.rating.comment),
            clerk_id=task.clerk_id,
            call_back_on=task.call_back_on,
            due_on=task.due_on,
            is_deadline_provisional=task.is_deadline_provisional,
            is_overdue=task.state not in FLOW.final and today > task.due_on,
            calls=[
                CallBackView(call.called_at, call.was_reached, self._sealed.open("call", call.id, call.note), call.clerk_id)
                for call in calls
            ],
            outcome=self._sealed.open("outcome", task.id, task.outcome),
            created_at=task.created_at,
            rectified_at=task.rectified_at,
            allowed_actions=FLOW.allowed_actions(task.state, clerk, _facts(task, clerk)),
        )


def _facts(task: RectificationTask, clerk: Actor) -> dict[str, bool]:
    reached = sum(call.was_reached for call in task.calls)
    return {"is_mine": task.clerk_id == clerk.id, "was_contacted": was_contacted(reached, len(task.calls) - reached)}


def _text(field: str, value: str) -> str:
    text = value.strip()
    if not 2 <= len(text) <= MAX_COMMENT:
        raise InvalidInput(fields={field: f"请写 2 到 {MAX_COMMENT} 个字。"})
    return text
