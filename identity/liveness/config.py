"""Settings of the face check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.config import setting


@dataclass(frozen=True)
class LivenessConfig:
    engine: str = setting("ZT_IDENTITY_FACE_ENGINE", "dlib", "The face engine's name in identity/liveness/engines.")
    policy_path: Path | None = setting("ZT_IDENTITY_FACE_POLICY", None, "A policy file instead of the shipped one.")
    vision_socket: Path | None = setting("ZT_IDENTITY_VISION_SOCKET", None, "The vision process's socket; empty means in the data folder.")
    vision_workers: int = setting("ZT_IDENTITY_VISION_WORKERS", 1, "Analyses at once in a vision process.")
    vision_queue: int = setting("ZT_IDENTITY_VISION_QUEUE", 8, "Analyses that may wait before the answer is “busy”.")
    vision_timeout: float = setting("ZT_IDENTITY_VISION_TIMEOUT", 20.0, "Seconds to wait for an analysis.")
