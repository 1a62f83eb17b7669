"""Every page of the two clients has its pictures, so that no page is kept out of sight (R82)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs" / "screens"
MODES = ("normal", "large", "dark")
OTHER_NAMES = {
    "pages/cases/index": "cases",
    "packages/identity/counter": "counter",
    "packages/licence/detail": "licence",
    "packages/signing/sign": "sign-read",
    "packages/courier/parcels": "courier-parcels",
}
"""Pages whose picture is not called after the page."""


def phone_pages() -> list[str]:
    declared = json.loads((ROOT / "miniprogram" / "src" / "pages.json").read_text("utf-8"))
    inner = [f"{package['root']}/{page['path']}" for package in declared["subPackages"] for page in package["pages"]]
    return [page["path"] for page in declared["pages"]] + inner


def console_pages() -> list[str]:
    return re.findall(r"import\('@/pages/([\w/]+)\.vue'\)", (ROOT / "console/src/router/index.ts").read_text("utf-8"))


def picture_of(page: str) -> str:
    if page in OTHER_NAMES:
        return OTHER_NAMES[page]
    parts = page.split("/")
    name = parts[-2] if parts[-1] == "index" else parts[-1]
    return f"courier-{name}" if "courier" in parts[:-1] else name


@pytest.mark.parametrize("page", phone_pages())
def test_a_phone_page_has_its_pictures(page: str) -> None:
    missing = [mode for mode in MODES if not (SCREENS / "miniprogram" / f"{picture_of(page)}.{mode}.png").exists()]
    assert not missing, f"{page} has no picture in {missing}; take it in tests/browser and run `make screens`"


@pytest.mark.parametrize("page", console_pages())
def test_a_page_of_the_console_has_its_pictures(page: str) -> None:
    words = re.findall(r"[A-Z][a-z]+", page.rsplit("/", 1)[-1].removesuffix("Page"))
    name = {"account": "enterprise"}.get("-".join(words).lower(), "-".join(words).lower())
    missing = [mode for mode in MODES if not (SCREENS / "console" / f"{name}.{mode}.png").exists()]
    assert not missing, f"{page} has no picture in {missing}; take it in tests/browser and run `make screens`"
