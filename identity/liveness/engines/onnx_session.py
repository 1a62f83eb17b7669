"""One ONNX model file, opened once, with its input and outputs checked before any face is shown to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.liveness.engines.card import Picture
from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.engines.tensors import GROUND, Tensor, tensor
from identity.liveness.ports import Rgb

Values = NDArray[np.float64]


class Model:
    """`role` and the file's name appear in every complaint. `data` keeps the model to a single file: external weights do not load."""

    def __init__(self, role: str, path: Path, data: bytes, wanted: Picture) -> None:
        try:
            import onnxruntime as runtime
        except ImportError:
            raise EngineUnusable("the onnx engine needs the package onnxruntime: install zerotrip[onnx]") from None
        self._title, self._wanted = f"{role} model {path.name}", wanted
        options: Any = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session: Any = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # onnxruntime's errors have no common base; their text tells about the file and not about a person.
            raise EngineUnusable(f"{self._title} does not load: {str(error).splitlines()[0][:200]}") from None
        self._input = self._checked_input()
        self.outputs = tuple(str(output.name) for output in self._session.get_outputs())

    def _checked_input(self) -> str:
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise EngineUnusable(f"{self._title} has {len(inputs)} inputs, one is expected")
        (given,) = inputs
        wanted = self._wanted
        shape = (1, 3, wanted.height, wanted.width) if wanted.layout == "nchw" else (1, wanted.height, wanted.width, 3)
        if given.type != "tensor(float)":
            raise EngineUnusable(f"{self._title} takes {given.type}, float32 is expected")
        fits = len(given.shape) == 4 and all(not isinstance(had, int) or had == want for had, want in zip(given.shape, shape, strict=True))
        if not fits:
            raise EngineUnusable(f"{self._title} takes {list(given.shape)}, the card says {list(shape)}")
        return str(given.name)

    def named(self, *names: str) -> tuple[str, ...]:
        """These outputs, or the only one if a single one is asked for. EngineUnusable when the model does not have them."""
        if len(names) == 1 and len(self.outputs) == 1:
            return self.outputs
        if missing := [name for name in names if name not in self.outputs]:
            raise EngineUnusable(f"{self._title} has outputs {', '.join(self.outputs)}, but not {', '.join(missing)}")
        return names

    def run(self, picture: Rgb, names: tuple[str, ...]) -> list[Values]:
        """`picture` has the input's size. The outputs as 64-bit floats, in the order of `names`."""
        given: Tensor = tensor(picture, self._wanted)
        return [np.asarray(value, np.float64) for value in self._session.run(list(names), {self._input: given})]

    def tried(self, names: tuple[str, ...]) -> list[Values]:
        """The outputs for an empty picture, to see their shapes before they matter."""
        try:
            return self.run(np.full((self._wanted.height, self._wanted.width, 3), GROUND, np.uint8), names)
        except EngineUnusable:
            raise
        except Exception as error:
            raise EngineUnusable(f"{self._title} fails on an empty picture: {str(error).splitlines()[0][:200]}") from None

    def complain(self, about: str) -> EngineUnusable:
        return EngineUnusable(f"{self._title} {about}")
