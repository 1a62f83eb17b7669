"""The demo's two faces: a public-domain photograph and a person invented from it."""

from __future__ import annotations

from sandbox.faces.frames import blurred, dark, far_away, frames, no_face, portrait, two_faces

__all__ = ["blurred", "dark", "far_away", "frames", "no_face", "portrait", "two_faces"]
