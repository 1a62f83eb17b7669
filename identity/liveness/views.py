"""What citizens and clerks see of verifications: outcomes and coaching, never scores."""

from __future__ import annotations

from datetime import datetime

import msgspec


class OtherRoute(msgspec.Struct, frozen=True):
    """A way of equal rank to prove one's identity without a face."""

    code: str
    title: str
    description: str


class ConsentView(msgspec.Struct, frozen=True):
    version: str
    text: str
    is_given: bool
    other_routes: list[OtherRoute]


class ConsentRecord(msgspec.Struct, frozen=True):
    """One consent as it was given, and withdrawn if it was. `kind`: face or audit_image."""

    id: str
    kind: str
    title: str
    version: str
    text_sha256: str
    granted_at: datetime
    withdrawn_at: datetime | None


class FaceDataErased(msgspec.Struct, frozen=True):
    """`withdrawn`: the consents that were in force until now. `images`: how many kept pictures were deleted."""

    withdrawn: list[str]
    images: int = 0


class CaptureLimits(msgspec.Struct, frozen=True):
    """How to capture: a stream (`stream`: path of the WebSocket; JPEG frames a second, picture size), or a clip."""

    max_frame_bytes: int
    stream: str
    fps: int
    width: int
    height: int
    jpeg_quality: int
    max_seconds: int
    max_clip_bytes: int
    clip_types: list[str]


class PromptView(msgspec.Struct, frozen=True):
    """Show `text` at `at` seconds of the recording."""

    action: str
    text: str
    at: float


class ClipChallengeView(msgspec.Struct, frozen=True):
    """Record for `seconds`, showing each prompt at its time; the upload must have begun by `upload_by`."""

    nonce: str
    seconds: float
    prompts: list[PromptView]
    upload_by: datetime


class VerificationView(msgspec.Struct, frozen=True):
    """`nonce` and `key` (32 bytes, base64url) belong to the next capture and are given only while it is awaited.

    `outcome`: accept, manual_review, reject or none yet.
    """

    id: str
    method: str
    purpose: str
    application_id: str
    document_sha256: str | None
    state: str
    nonce: str | None
    key: str | None
    expires_at: datetime
    tries_left: int
    limits: CaptureLimits
    outcome: str | None
    reasons: list[str]
    coaching: list[str]
    allowed_actions: list[str]


class AssertionView(msgspec.Struct, frozen=True):
    """`assertion` is a compact JWS (ES256), valid until `expires_at`."""

    assertion: str
    expires_at: datetime


class HolderView(msgspec.Struct, frozen=True):
    """For the clerk who compares the person, the document and the account."""

    account_id: str
    name: str
    id_number: str
    level: str


class CounterView(msgspec.Struct, frozen=True):
    verification_id: str
    account_id: str
    application_id: str
    outcome: str


class ProofRevoked(msgspec.Struct, frozen=True):
    """The account's level is L2 at most until its holder proves himself again."""

    account_id: str


class RouteReport(msgspec.Struct, frozen=True):
    """How one route serves people: counts of verifications, and the middle time from start to decision in seconds.

    `completed_share`: of those started, how many came to a decision; `accepted_share`: of those decided. None where there are none.
    `median_wait_seconds`: until somebody attends, where there is a queue.
    """

    method: str
    started: int
    accepted: int
    rejected: int
    manual_review: int
    expired: int
    median_seconds: float | None
    completed_share: float | None = None
    accepted_share: float | None = None
    median_wait_seconds: float | None = None


class ProviderNoticeView(msgspec.Struct, frozen=True):
    """An outside verification service, and the text to agree to before it is used."""

    provider: str
    version: str
    text: str


class ProviderSessionView(msgspec.Struct, frozen=True):
    """What the phone needs to show the outside service. `client` for "wechat": `verify_id` for `wx.requestFacialVerify`."""

    verification_id: str
    provider: str
    client: dict[str, str]
    expires_at: datetime


class ProviderOutcomeView(msgspec.Struct, frozen=True):
    """`is_finished` is false while the service has no verdict, and `coaching` says what to do; else the verdict is the verification's."""

    is_finished: bool
    coaching: list[str]
    verification: VerificationView
