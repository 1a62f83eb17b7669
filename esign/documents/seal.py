"""The picture of a round official seal. A picture proves nothing: what proves is the digital signature it is the face of."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Literal

import msgspec

from esign.documents.render import TEMPLATE_FOLDER, render_picture

SEAL = TEMPLATE_FOLDER / "seal.typ"


class SealDesign(msgspec.Struct, frozen=True):
    """`authority` runs around the top, `purpose` (业务专用章) under the star, `code` along the bottom.

    `is_test` prints 测试 on the face: required for every seal whose certificate a local authority made.
    """

    authority: str
    purpose: str = ""
    code: str = ""
    is_test: bool = True


@lru_cache(maxsize=32)
def seal_picture(design: SealDesign, kind: Literal["pdf", "svg", "png"], created_at: datetime) -> bytes:
    """The seal, 42 mm across, on a transparent ground; png at 600 dots an inch."""
    return render_picture(SEAL, msgspec.to_builtins(design), kind=kind, created_at=created_at, pixels_per_inch=600)
