"""The registry of face engines: one line each. The contract suite runs over all of them."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from identity.liveness.ports import FaceEngine

ENGINES: dict[str, str] = {
    "dlib": "identity.liveness.engines.dlib_engine:DlibEngine",
}


def build_engine(name: str) -> FaceEngine:
    """Load an engine with its models (seconds, hundreds of megabytes). KeyError for a name not in the registry."""
    module, _, factory = ENGINES[name].partition(":")
    return cast(FaceEngine, getattr(import_module(module), factory)())
