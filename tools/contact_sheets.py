"""Contact sheets of docs/screens: every page of a client side by side, and some pages in their three modes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).resolve().parent.parent / "esign" / "documents" / "fonts" / "NotoSerifSC_400Regular.ttf"
PAPER, INK, LINE = (246, 243, 236), (69, 76, 81), (214, 208, 194)
GAP, LABEL, COLOURS = 20, 24, 64
MODES = ("normal", "large", "dark")
IN_ALL_MODES = ("miniprogram/home", "miniprogram/notice", "miniprogram/sign-write", "miniprogram/parcel", "miniprogram/courier-door")


def write_sheets(folder: Path) -> int:
    """One sheet a client (sheet-miniprogram.png …) and sheet-modes.png; the number of sheets."""
    written = 0
    for client in sorted(path for path in folder.iterdir() if path.is_dir()):
        pictures = sorted(client.glob("*.normal.png"), key=lambda path: path.stat().st_mtime_ns)
        is_desk = client.name == "console"
        shown = [(path.name.removesuffix(".normal.png"), path) for path in pictures if not (is_desk and "-phone." in path.name)]
        if shown:
            _sheet(shown, 4 if is_desk else 7, (400, 250) if is_desk else (200, 433)).save(
                folder / f"sheet-{client.name}.png", optimize=True
            )
            written += 1
    modes = [(f"{name.split('/')[1]} · {mode}", folder / f"{name}.{mode}.png") for name in IN_ALL_MODES for mode in MODES]
    if all(path.exists() for _, path in modes):
        _sheet(modes, 6, (240, 520)).save(folder / "sheet-modes.png", optimize=True)
        written += 1
    return written


def _sheet(pictures: Sequence[tuple[str, Path]], columns: int, cell: tuple[int, int]) -> Image.Image:
    """Each picture as wide as its cell, cut off at its foot."""
    width, height = cell
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (GAP + columns * (width + GAP), GAP + rows * (height + LABEL + GAP)), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype(str(FONT), 14)
    for number, (name, path) in enumerate(pictures):
        left, top = GAP + number % columns * (width + GAP), GAP + number // columns * (height + LABEL + GAP)
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        tall = round(picture.height * width / picture.width)
        picture = picture.resize((width, tall), Image.Resampling.LANCZOS).crop((0, 0, width, min(tall, height)))
        draw.text((left, top), name, INK, font)
        sheet.paste(picture, (left, top + LABEL))
        draw.rectangle((left - 1, top + LABEL - 1, left + width, top + LABEL + picture.height), outline=LINE)
    return sheet.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
