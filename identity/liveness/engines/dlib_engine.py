"""The built-in engine: dlib's HOG detector, 68-point predictor and ResNet descriptor, with the model files of face_recognition_models.

Not a production matcher; see docs/decisions/0004. dlib is imported when an engine is built, so that only the vision process carries it.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from identity.liveness.facts import Capabilities
from identity.liveness.ports import Box, Embedding, Gray, Points, Rgb

PREDICTOR = "shape_predictor_68_face_landmarks.dat"
DESCRIPTOR = "dlib_face_recognition_resnet_model_v1.dat"
LENIENT = -0.4
"""HOG score from which a face that was there a moment ago counts as still there."""


def model_folder() -> Path:
    """Where the model files are. The package is located, not imported: its import needs pkg_resources, which setuptools has dropped."""
    spec = find_spec("face_recognition_models")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package face_recognition_models is not installed")
    return Path(spec.origin).parent / "models"


def _sha256(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while part := stream.read(1 << 20):
                digest.update(part)
    return digest.hexdigest()


class DlibEngine:
    name = "dlib"
    capabilities = Capabilities(
        calibrated=False,
        detects_attacks=False,
        licence="dlib: Boost 1.0; descriptor model: CC0; 68-point model: trained on iBUG 300-W, whose terms exclude commercial use",
        population="not calibrated for people of East Asian heritage: of different pairs 48 % were within 0.60, 1.6 % within 0.45",
    )

    def __init__(self) -> None:
        import dlib

        folder = model_folder()
        self._dlib: Any = dlib
        self._detector: Any = dlib.get_frontal_face_detector()
        self._predictor: Any = dlib.shape_predictor(str(folder / PREDICTOR))
        self._descriptor: Any = dlib.face_recognition_model_v1(str(folder / DESCRIPTOR))
        self.version = str(dlib.__version__)
        self.model_sha256 = _sha256([folder / PREDICTOR, folder / DESCRIPTOR])

    def detect(self, gray: Gray, *, small: bool = False, lenient: bool = False) -> tuple[Box, ...]:
        """Faces of about 80 pixels and more, 40 with `small`."""
        found, _, _ = self._detector.run(np.ascontiguousarray(gray), 1 if small else 0, LENIENT if lenient else 0.0)
        return tuple(Box(face.left(), face.top(), face.right(), face.bottom()) for face in found)

    def landmarks(self, picture: Gray | Rgb, box: Box) -> Points:
        shape = self._predictor(np.ascontiguousarray(picture), self._dlib.rectangle(*box))
        return np.array([(point.x, point.y) for point in shape.parts()], dtype=np.float64)

    def pad_score(self, rgb: Rgb, box: Box) -> float | None:
        """None: dlib brings no presentation-attack detector."""
        return None

    def embed(self, rgb: Rgb, points: Points) -> Embedding:
        """128 values. Only the points place the face; the rectangle that dlib asks for beside them is not used by it."""
        corners = [round(float(edge)) for edge in (*points.min(axis=0), *points.max(axis=0))]
        parts = self._dlib.points([self._dlib.point(round(float(x)), round(float(y))) for x, y in points])
        shape = self._dlib.full_object_detection(self._dlib.rectangle(*corners), parts)
        return np.array(self._descriptor.compute_face_descriptor(np.ascontiguousarray(rgb), shape), dtype=np.float64)

    def compare(self, one: Embedding, other: Embedding) -> float:
        """Euclidean distance."""
        return float(np.linalg.norm(one - other))
