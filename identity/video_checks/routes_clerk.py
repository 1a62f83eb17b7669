"""A clerk's side of the video queue. A clerk has one call at a time; a decision names it all the same, for there may be two windows."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import Conflict, InvalidInput, NotFound
from core.http.routes import Audience, Call, Routes
from identity.accounts.service import COUNTER_PERMISSION
from identity.video_checks.errors import ClerkTalking, QueueEmpty, VideoMissing
from identity.video_checks.rules import Sdp
from identity.video_checks.service import VideoChecks, VideoEvidence
from identity.video_checks.views import VideoCallView, VideoDecided, VideoQueueView


class DecideVideo(VideoEvidence, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`video_id`: which call was looked at."""

    video_id: Annotated[str, msgspec.Meta(min_length=1, max_length=48)]


routes = Routes("video_checks", "/api/clerk/identity/video", Audience.CLERK)


class OfferCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sdp: Sdp


@routes.get("/queue", needs=COUNTER_PERMISSION, returns=VideoQueueView, summary="视频核验的队列")
async def video_queue(call: Call) -> VideoQueueView:
    return await call.service(VideoChecks).queue(call.actor)


@routes.post(
    "/next", needs=COUNTER_PERMISSION, returns=VideoCallView, summary="接听下一位", errors=(QueueEmpty, ClerkTalking, VideoMissing)
)
async def take_next_video(call: Call) -> VideoCallView:
    return await call.service(VideoChecks).take_next(call.actor)


@routes.get("/current", needs=COUNTER_PERMISSION, returns=VideoCallView, summary="正在进行的通话", errors=(NotFound,))
async def current_video(call: Call) -> VideoCallView:
    return await call.service(VideoChecks).current(call.actor)


@routes.put(
    "/current/offer",
    body=OfferCall,
    needs=COUNTER_PERMISSION,
    returns=VideoCallView,
    summary="请对方接上画面和声音",
    errors=(NotFound, Conflict),
)
async def offer_video(call: Call, body: OfferCall) -> VideoCallView:
    return await call.service(VideoChecks).offer(call.actor, body.sdp)


@routes.post("/current/put-back", needs=COUNTER_PERMISSION, returns=VideoQueueView, summary="放回队列", errors=(NotFound,))
async def put_back_video(call: Call) -> VideoQueueView:
    return await call.service(VideoChecks).put_back(call.actor)


@routes.post(
    "/current/decision",
    body=DecideVideo,
    needs=COUNTER_PERMISSION,
    returns=VideoDecided,
    summary="视频核验的结论",
    errors=(NotFound, InvalidInput),
)
async def decide_video(call: Call, body: DecideVideo) -> VideoDecided:
    return await call.service(VideoChecks).decide(call.actor, body.video_id, body)
