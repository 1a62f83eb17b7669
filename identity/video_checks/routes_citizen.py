"""Being identified over video."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import Conflict, NotFound
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import NotDeclared
from identity.video_checks.errors import VideoClosed, VideoMissing, VideoOpen, VideoRoundOver
from identity.video_checks.rules import Sdp
from identity.video_checks.service import VideoChecks
from identity.video_checks.views import VideoCheckView, VideoHours

routes = Routes("video_checks", "/api/citizen/video-checks", Audience.CITIZEN)


class JoinVideo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    document_sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")] | None = None


class AnswerOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`round`: of the offer that is answered."""

    round: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    sdp: Sdp


@routes.get("", returns=VideoHours, summary="现在能不能排队视频核验", errors=(VideoMissing,))
async def video_hours(call: Call) -> VideoHours:
    return call.service(VideoChecks).hours()


@routes.post(
    "",
    body=JoinVideo,
    returns=VideoCheckView,
    status=201,
    idempotent=True,
    summary="排队等候视频核验",
    errors=(VideoMissing, VideoOpen, VideoClosed, NotDeclared),
)
async def join_video(call: Call, body: JoinVideo) -> VideoCheckView:
    return await call.service(VideoChecks).join(call.actor, application_id=body.application_id, document_sha256=body.document_sha256)


@routes.get("/<video_id:str>", returns=VideoCheckView, summary="视频核验的位置和通话（每几秒查询一次）", errors=(NotFound,))
async def show_video(call: Call) -> VideoCheckView:
    return await call.service(VideoChecks).get(call.actor, call.path["video_id"])


@routes.delete("/<video_id:str>", returns=VideoCheckView, summary="离开视频核验", errors=(NotFound, IllegalMove))
async def leave_video(call: Call) -> VideoCheckView:
    return await call.service(VideoChecks).leave(call.actor, call.path["video_id"])


@routes.put(
    "/<video_id:str>/answer",
    body=AnswerOffer,
    returns=VideoCheckView,
    summary="接上工作人员的画面和声音",
    errors=(NotFound, VideoRoundOver, Conflict),
)
async def answer_video(call: Call, body: AnswerOffer) -> VideoCheckView:
    return await call.service(VideoChecks).answer(call.actor, call.path["video_id"], body.round, body.sdp)


@routes.post("/<video_id:str>/reconnect", returns=VideoCheckView, summary="重新连接画面和声音", errors=(NotFound, Conflict))
async def reconnect_video(call: Call) -> VideoCheckView:
    return await call.service(VideoChecks).reconnect(call.actor, call.path["video_id"])
