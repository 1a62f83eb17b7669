"""Settings of the face check: the engine, its processes, and an outside verification service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from core.config import setting
from identity.liveness.calibration import load_calibration

SANDBOX_SECRET = "sandbox-face-secret"  # noqa: S105 - public, protects invented data only


@dataclass(frozen=True)
class LivenessConfig:
    engine: str = setting("ZT_IDENTITY_FACE_ENGINE", "dlib", "The face engine's name in identity/liveness/engines: dlib or onnx.")
    policy_path: Path | None = setting("ZT_IDENTITY_FACE_POLICY", None, "A policy file instead of the shipped one.")
    vision_socket: Path | None = setting("ZT_IDENTITY_VISION_SOCKET", None, "The vision process's socket; empty means in the data folder.")
    vision_processes: int = setting("ZT_IDENTITY_VISION_PROCESSES", 1, "Vision processes beside a server; each loads the models.")
    vision_workers: int = setting("ZT_IDENTITY_VISION_WORKERS", 1, "Analyses at once in a vision process.")
    vision_queue: int = setting("ZT_IDENTITY_VISION_QUEUE", 8, "Analyses that may wait before the answer is “busy”.")
    vision_timeout: float = setting("ZT_IDENTITY_VISION_TIMEOUT", 20.0, "Seconds to wait for an analysis.")
    vision_memory_mb: int = setting("ZT_IDENTITY_VISION_MEMORY_MB", 1500, "Memory above which a vision process is replaced by a fresh one.")
    onnx_detector: Path | None = setting("ZT_IDENTITY_ONNX_DETECTOR", None, "Engine onnx: the detector's model file.")
    onnx_landmarks: Path | None = setting("ZT_IDENTITY_ONNX_LANDMARKS", None, "Engine onnx: the 68-point model file.")
    onnx_embedding: Path | None = setting("ZT_IDENTITY_ONNX_EMBEDDING", None, "Engine onnx: the embedding's model file.")
    onnx_pad: Path | None = setting("ZT_IDENTITY_ONNX_PAD", None, "Engine onnx: the attack detector's model file; may be empty.")
    onnx_card: Path | None = setting("ZT_IDENTITY_ONNX_CARD", None, "Engine onnx: the model card (JSON), see docs/howto.")

    def engine_options(self, match: float | None) -> dict[str, str | float]:
        """What the engine is built with. Plain values without secrets: they are seen in the list of processes.

        `match`: the policy's distance for this engine.
        """
        if self.engine != "onnx":
            return {}
        files = {name: path for name, path in self._onnx_files().items() if path is not None}
        # The vision process may be started from another folder.
        options: dict[str, str | float] = {name: str(path.absolute()) for name, path in files.items()}
        return options if match is None else {**options, "match": match}

    def _onnx_files(self) -> dict[str, Path | None]:
        return {
            "detector": self.onnx_detector,
            "landmarks": self.onnx_landmarks,
            "embedding": self.onnx_embedding,
            "pad": self.onnx_pad,
            "card": self.onnx_card,
        }

    def problems(self) -> list[str]:
        """Settings that do not fit together."""
        found = []
        if self.vision_processes < 1 or self.vision_workers < 1 or self.vision_queue < 0:
            found.append("ZT_IDENTITY_VISION_PROCESSES and _WORKERS must be at least 1, ZT_IDENTITY_VISION_QUEUE at least 0")
        if self.vision_memory_mb < 300:
            found.append("ZT_IDENTITY_VISION_MEMORY_MB must be at least 300: the models alone need that")
        if self.engine == "onnx":
            for name, path in self._onnx_files().items():
                if path is None and name != "pad":
                    found.append(f"ZT_IDENTITY_ONNX_{name.upper()} is required with ZT_IDENTITY_FACE_ENGINE=onnx")
        return found


@dataclass(frozen=True)
class FaceProviderConfig:
    provider: Literal["none", "wechat", "remote"] = setting(
        "ZT_IDENTITY_FACE_PROVIDER", "none", "An outside service that verifies faces: none, wechat or remote."
    )
    calibration_path: Path | None = setting(
        "ZT_IDENTITY_FACE_PROVIDER_CALIBRATION",
        None,
        "Its measured error rates (JSON, see docs/howto); without them a passed check still goes to a clerk in production.",
    )
    operator: str = setting(
        "ZT_IDENTITY_FACE_PROVIDER_OPERATOR", "", "Who runs the service, by name: citizens read it. Empty for WeChat's own."
    )
    url: str = setting("ZT_IDENTITY_REMOTE_FACE_URL", "http://127.0.0.1:8090", "Provider remote: its base address.")
    app_id: str = setting("ZT_IDENTITY_REMOTE_FACE_APP_ID", "sandbox", "Provider remote: our client id there.")
    secret: str = setting("ZT_IDENTITY_REMOTE_FACE_SECRET", SANDBOX_SECRET, "Provider remote: our HMAC secret there.", secret=True)
    timeout: float = setting("ZT_IDENTITY_FACE_PROVIDER_TIMEOUT", 5.0, "Seconds to wait for an answer of the provider.")
    breaker_failures: int = setting("ZT_IDENTITY_FACE_PROVIDER_FAILURES", 5, "Failures in a row after which it is left alone for a while.")
    breaker_seconds: float = setting("ZT_IDENTITY_FACE_PROVIDER_PAUSE", 30.0, "Seconds for which it is left alone; then one call tries.")

    def problems(self) -> list[str]:
        """Settings that do not fit together."""
        found = []
        if not 0 < self.timeout <= 10:
            found.append("ZT_IDENTITY_FACE_PROVIDER_TIMEOUT must be above 0 and at most 10: a check is held for 30 seconds")
        if self.breaker_failures < 1 or self.breaker_seconds <= 0:
            found.append("ZT_IDENTITY_FACE_PROVIDER_FAILURES must be at least 1, ZT_IDENTITY_FACE_PROVIDER_PAUSE above 0")
        if self.calibration_path is not None:
            try:
                load_calibration(self.calibration_path)
            except OSError as error:
                found.append(f"ZT_IDENTITY_FACE_PROVIDER_CALIBRATION cannot be read: {error.strerror}")
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                found.append(f"ZT_IDENTITY_FACE_PROVIDER_CALIBRATION: {error}")
        return found

    def production_problems(self) -> list[str]:
        """What must be changed before real people are served."""
        if self.provider != "remote":
            return []
        problems = []
        if not self.url.startswith("https://"):
            problems.append("ZT_IDENTITY_REMOTE_FACE_URL must be an https address in production")
        if not self.operator:
            problems.append("ZT_IDENTITY_FACE_PROVIDER_OPERATOR is required: citizens must read who gets their name and number")
        if self.secret == SANDBOX_SECRET:
            problems.append("ZT_IDENTITY_REMOTE_FACE_SECRET is the sandbox's")
        return problems
