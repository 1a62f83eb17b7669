"""Answering bad ratings."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.flow import GuardRefused, IllegalMove
from core.http.routes import Audience, Call, Routes
from hall.feedback.flow import HANDLE
from hall.feedback.service import Rectification
from hall.feedback.views import TaskView

routes = Routes("feedback", "/api/clerk/feedback/tasks", Audience.CLERK)

Text = Annotated[str, msgspec.Meta(min_length=2, max_length=500)]


class TaskQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without `state`: all that are not finished."""

    state: Annotated[str, msgspec.Meta(max_length=16)] | None = None


class CallBackBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    was_reached: bool
    note: Text


class OutcomeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Text


@routes.get("", query=TaskQuery, needs=HANDLE, returns=list[TaskView], summary="本大厅的差评整改任务")
async def rectification_tasks(call: Call) -> list[TaskView]:
    wanted: TaskQuery = call.query
    return await call.service(Rectification).tasks(call.actor, wanted.state)


@routes.get("/<task_id>", needs=HANDLE, returns=TaskView, summary="一个整改任务")
async def rectification_task(call: Call) -> TaskView:
    return await call.service(Rectification).one(call.actor, call.path["task_id"])


@routes.post("/<task_id>/take", needs=HANDLE, returns=TaskView, errors=(IllegalMove,), summary="接手")
async def take_task(call: Call) -> TaskView:
    return await call.service(Rectification).take(call.actor, call.path["task_id"])


@routes.post("/<task_id>/hand-over", needs=HANDLE, returns=TaskView, errors=(IllegalMove, GuardRefused), summary="转交")
async def hand_over_task(call: Call) -> TaskView:
    return await call.service(Rectification).hand_over(call.actor, call.path["task_id"])


@routes.post(
    "/<task_id>/call-back", body=CallBackBody, needs=HANDLE, returns=TaskView, errors=(IllegalMove, GuardRefused), summary="登记一次回访"
)
async def record_call_back(call: Call, body: CallBackBody) -> TaskView:
    return await call.service(Rectification).call_back(call.actor, call.path["task_id"], was_reached=body.was_reached, note=body.note)


@routes.post("/<task_id>/rectify", body=OutcomeBody, needs=HANDLE, returns=TaskView, errors=(IllegalMove, GuardRefused), summary="整改完毕")
async def rectify_task(call: Call, body: OutcomeBody) -> TaskView:
    return await call.service(Rectification).rectify(call.actor, call.path["task_id"], outcome=body.outcome)
