"""Rating one's own finished case."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.http.routes import Audience, Call, Routes
from hall.feedback.errors import AlreadyRated, NotFinished
from hall.feedback.service import Feedback
from hall.feedback.views import RatingView

routes = Routes("feedback", "/api/citizen/ratings", Audience.CITIZEN)


class RatingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`level` 5 is 非常满意, 1 is 非常不满意."""

    level: Annotated[int, msgspec.Meta(ge=1, le=5)]
    tags: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=32)], ...], msgspec.Meta(max_length=5)] = ()
    comment: Annotated[str, msgspec.Meta(max_length=500)] = ""


@routes.post(
    "/<case_id>",
    body=RatingBody,
    returns=RatingView,
    status=201,
    idempotent=True,
    errors=(AlreadyRated, NotFinished),
    summary="评价这次服务",
)
async def rate_case(call: Call, body: RatingBody) -> RatingView:
    return await call.service(Feedback).rate(call.actor, call.path["case_id"], body.level, body.tags, body.comment)


@routes.get("/<case_id>", returns=RatingView, summary="我的评价")
async def my_rating(call: Call) -> RatingView:
    return await call.service(Feedback).mine(call.actor, call.path["case_id"])
