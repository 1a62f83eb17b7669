"""Typst to PDF/A. Data goes in as JSON, never as markup; only our own fonts are used; the same data and time give the same bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from esign.documents.glyphs import FONT_FILES, FONT_FOLDER, FontsMissing, printable

TEMPLATE_FOLDER = Path(__file__).with_name("templates")
NOTICE = TEMPLATE_FOLDER / "notice.typ"
COMMITMENT = TEMPLATE_FOLDER / "commitment.typ"
LICENCE = TEMPLATE_FOLDER / "licence.typ"


class RenderFailed(RuntimeError):
    """The template and its data do not fit; a mistake of ours, never of a citizen's text."""


@dataclass(frozen=True)
class Box:
    """An area reserved for a visible signature: page from 0, PDF points from the lower left corner (x1, y1, x2, y2)."""

    page: int
    rectangle: tuple[float, float, float, float]


@dataclass(frozen=True)
class Rendered:
    """A PDF, the signature boxes its template reserved, by name, and the characters that no font had (printed as 〓)."""

    pdf: bytes
    boxes: Mapping[str, Box] = field(default_factory=dict)
    missing_characters: tuple[str, ...] = ()


@cache
def _fonts() -> typst.Fonts:
    for name in FONT_FILES:
        if not (FONT_FOLDER / name).is_file():
            raise FontsMissing(f"{name} is not installed: run deploy/fonts/install.sh")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])


class _WarmCompiler:
    """One Typst world a template, kept with its parsed fonts and caches; one caller at a time."""

    def __init__(self, template: Path) -> None:
        self._lock = threading.Lock()
        self._compiler = typst.Compiler(str(template), root=str(template.parent), font_paths=_fonts(), ignore_system_fonts=True)

    def compile(self, inputs: dict[str, str], **options: Any) -> tuple[bytes, list[dict[str, Any]]]:
        try:
            with self._lock:
                pdf = self._compiler.compile(sys_inputs=inputs, **options)
                boxes = json.loads(self._compiler.query("<reserved-box>", field="value"))
        except typst.TypstError as error:
            raise RenderFailed(error.message) from error
        if not isinstance(pdf, bytes):
            raise RenderFailed("a picture has more than one page")
        return pdf, boxes


@cache
def _compiler(template: Path) -> _WarmCompiler:
    return _WarmCompiler(template)


def _made_printable(value: Any, missing: dict[str, None]) -> Any:
    if isinstance(value, str):
        text, lost = printable(value)
        missing.update(dict.fromkeys(lost))
        return text
    if isinstance(value, Mapping):
        return {key: item if key.endswith("_svg") else _made_printable(item, missing) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_made_printable(item, missing) for item in value]
    return value


def render_document(
    template: Path,
    data: Mapping[str, Any] | msgspec.Struct,
    *,
    created_at: datetime,
    attachments: Mapping[str, tuple[bytes, str]] | None = None,
) -> Rendered:
    """Render a template to PDF/A-2b, or to PDF/A-3b with `attachments` {file name: (bytes, media type)}.

    `data` is a struct of `documents.data` (or any mapping of plain JSON values). `created_at` (aware) is the only time the file records.
    Raises RenderFailed when template and data do not fit, FontsMissing when the fonts were never installed.
    """
    missing: dict[str, None] = {}
    plain = _made_printable(msgspec.to_builtins(data), missing)
    files = [{"name": name, "media_type": kind, "content": list(content)} for name, (content, kind) in (attachments or {}).items()]
    inputs = {
        "data": json.dumps({**plain, "missing_characters": len(missing)}, ensure_ascii=False),
        "attachments": json.dumps(files),
    }
    pdf, found = _compiler(template).compile(
        inputs,
        format="pdf",
        pdf_standards="a-3b" if files else "a-2b",
        timestamp=int(created_at.astimezone(UTC).timestamp()),
    )
    boxes = {
        item["name"]: Box(
            item["page"] - 1,
            (item["x"], item["page_height"] - item["y"] - item["height"], item["x"] + item["width"], item["page_height"] - item["y"]),
        )
        for item in found
    }
    return Rendered(pdf, boxes, tuple(missing))


def render(
    template: Path,
    data: Mapping[str, Any] | msgspec.Struct,
    *,
    created_at: datetime,
    attachments: Mapping[str, tuple[bytes, str]] | None = None,
) -> bytes:
    """`render_document` for callers that need only the file."""
    return render_document(template, data, created_at=created_at, attachments=attachments).pdf


def render_picture(template: Path, data: Mapping[str, Any], *, kind: str, created_at: datetime, pixels_per_inch: float = 288) -> bytes:
    """Render a one-page drawing (a seal, a signature's appearance) as `kind` pdf, svg or png."""
    plain = _made_printable(data, {})
    options: dict[str, Any] = {"format": kind}
    if kind == "png":
        options["ppi"] = pixels_per_inch
    elif kind == "pdf":
        options |= {"pdf_standards": "a-2b", "timestamp": int(created_at.astimezone(UTC).timestamp())}
    picture, _ = _compiler(template).compile({"data": json.dumps(plain, ensure_ascii=False), "attachments": "[]"}, **options)
    return picture
