"""Being identified over video."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import NotFound
from core.flow import IllegalMove
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import NotDeclared
from identity.video_checks.errors import VideoMissing, VideoOpen
from identity.video_checks.service import VideoChecks
from identity.video_checks.views import VideoCheckView

routes = Routes("video_checks", "/api/citizen/video-checks", Audience.CITIZEN)


class JoinVideo(msgspec.Struct, frozen=True):
    application_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]
    document_sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] | None = None


@routes.post(
    "",
    body=JoinVideo,
    returns=VideoCheckView,
    status=201,
    idempotent=True,
    summary="排队等候视频核验",
    errors=(VideoMissing, VideoOpen, NotDeclared),
)
async def join_video(call: Call, body: JoinVideo) -> VideoCheckView:
    return await call.service(VideoChecks).join(call.actor, application_id=body.application_id, document_sha256=body.document_sha256)


@routes.get("/<video_id:str>", returns=VideoCheckView, summary="视频核验的位置和房间（每几秒查询一次）", errors=(NotFound,))
async def show_video(call: Call) -> VideoCheckView:
    return await call.service(VideoChecks).get(call.actor, call.path["video_id"])


@routes.delete("/<video_id:str>", returns=VideoCheckView, summary="离开视频核验", errors=(NotFound, IllegalMove))
async def leave_video(call: Call) -> VideoCheckView:
    return await call.service(VideoChecks).leave(call.actor, call.path["video_id"])
