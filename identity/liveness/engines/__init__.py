"""The registry of face engines: one line each. The contract suite runs over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import Any, cast

from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.ports import FaceEngine

ENGINES: dict[str, str] = {
    "dlib": "identity.liveness.engines.dlib_engine:DlibEngine",
    "onnx": "identity.liveness.engines.onnx_engine:OnnxEngine",
}


def build_engine(name: str, options: Mapping[str, Any] | None = None) -> FaceEngine:
    """Load an engine with its models (seconds, hundreds of megabytes). `options` are plain values of its own, without secrets.

    KeyError for a name not in the registry, EngineUnusable for options, files or packages that do not fit.
    """
    module, _, factory = ENGINES[name].partition(":")
    build = getattr(import_module(module), factory)
    try:
        bound = signature(build).bind(**(options or {}))
    except TypeError as error:
        raise EngineUnusable(f"the {name} engine does not take these options: {error}") from None
    return cast(FaceEngine, build(*bound.args, **bound.kwargs))
