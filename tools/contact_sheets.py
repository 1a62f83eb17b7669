"""What leads through docs/screens: a page that shows every picture, and contact sheets of each client and of the three modes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).resolve().parent.parent / "esign" / "documents" / "fonts" / "NotoSerifSC_400Regular.ttf"
PAPER, INK, LINE = (246, 243, 236), (69, 76, 81), (214, 208, 194)
GAP, LABEL, COLOURS = 20, 24, 64
MODES = ("normal", "large", "dark")
IN_ALL_MODES = (
    "miniprogram/home",
    "miniprogram/notice",
    "miniprogram/sign-write",
    "miniprogram/wallet",
    "miniprogram/parcel",
    "miniprogram/courier-door",
)


INDEX = "README.md"
CLIENTS = {"miniprogram": "The phone pages: citizens and couriers", "console": "The console", "verify": "The public verification page"}
HEAD = """# Every page in its three modes

Made by `make screens`, which plays the main job in a browser; nothing here is drawn by hand. Normal, large (大字) and dark.
"""


def write_gallery(folder: Path, names: Sequence[str]) -> None:
    """README.md: one row a page, in this order."""
    lines = [HEAD]
    for client, title in CLIENTS.items():
        lines += [f"## {title}", "", "| page | normal | large | dark |", "|---|---|---|---|"]
        for name in names:
            if name.startswith(f"{client}/"):
                width = 400 if client == "console" and not name.endswith("-phone") else 200
                shown = " | ".join(
                    f'<a href="{name}.{mode}.png"><img src="{name}.{mode}.png" width="{width}" alt=""></a>' for mode in MODES
                )
                lines.append(f"| {name.split('/')[1]} | {shown} |")
        lines.append("")
    (folder / INDEX).write_text("\n".join(lines), "utf-8")


def write_sheets(folder: Path) -> int:
    """One sheet a client (sheet-miniprogram.png …) and sheet-modes.png; the number of sheets."""
    names = list(dict.fromkeys(re.findall(r'href="([a-z-]+/[a-z-]+)\.', (folder / INDEX).read_text("utf-8"))))
    written = 0
    for client in CLIENTS:
        is_desk = client == "console"
        shown = [(name.split("/")[1], folder / f"{name}.normal.png") for name in names if name.startswith(f"{client}/")]
        if is_desk:
            shown = [(title, path) for title, path in shown if not title.endswith("-phone")]
        if shown:
            _sheet(shown, 4 if is_desk else 7, (400, 250) if is_desk else (200, 433)).save(folder / f"sheet-{client}.png", optimize=True)
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
    return sheet.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
