"""A stranger at /v checks a licence: by its file, by a picture of its code, by the link in the code; R53, R54."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.pages.stranger import Stranger
from tests.factories import browser_axe, browser_faults
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

HOLDS = re.compile("是真的.*目前有效")
REVOKED = re.compile("已撤销")
FAILS = re.compile("没有通过查验")
UNSURE = re.compile("暂时无法确认真假")
PDF, PNG = "application/pdf", "image/png"


@pytest.fixture(scope="module")
def licence(hall: RunningHall) -> dict[str, Any]:
    """The files that the holder has, and the text in the code."""
    kept = played(hall, until="licence")
    with Image.open(io.BytesIO(kept["licence-qr.png"])) as picture:
        kept["code"] = zxingcpp.read_barcodes(picture)[0].text
    return kept


@pytest.fixture
def stranger(hall: RunningHall, windows: Windows) -> Stranger:
    return Stranger(windows.phone(), hall.base_url).opens()


def test_file_picture_and_link_all_hold(stranger: Stranger, licence: dict[str, Any]) -> None:
    ways: tuple[Callable[[], Locator], ...] = (
        lambda: stranger.uploads("licence.pdf", licence["licence.pdf"], PDF),
        lambda: stranger.opens().uploads("code.png", licence["licence-qr.png"], PNG),
        lambda: stranger.opens().pastes(licence["code"]),
        lambda: stranger.scans(licence["code"]),
    )
    for brings in ways:
        verdict = brings()
        expect(verdict).to_contain_text(HOLDS)
        for fact in ("锦川市市场监督管理局", licence["licence"]["number"], "小餐饮食品经营备案证", "临江小面馆", "张伟"):
            expect(verdict).to_contain_text(fact)


def test_what_stands_in_the_code_is_not_in_the_address_of_any_request(
    stranger: Stranger, licence: dict[str, Any], hall: RunningHall
) -> None:
    asked: list[str] = []
    stranger.page.on("request", lambda request: asked.append(request.url))
    expect(stranger.scans(licence["code"])).to_contain_text(HOLDS)
    digits = licence["code"].split("#")[1]
    assert asked and not [url for url in asked if digits in url.split("#")[0]]
    assert digits not in hall.log


def test_a_changed_file_and_a_wrong_text_do_not(stranger: Stranger, licence: dict[str, Any]) -> None:
    changed = bytearray(licence["licence.pdf"])
    changed[len(changed) // 3] ^= 1
    expect(stranger.uploads("licence.pdf", bytes(changed), PDF)).to_contain_text(FAILS)
    expect(stranger.opens().uploads("cat.png", _blank(), PNG)).to_contain_text(UNSURE)
    expect(stranger.opens().pastes("你好")).to_contain_text(UNSURE)
    altered = licence["code"][:-3] + ("117" if not licence["code"].endswith("117") else "711")
    expect(stranger.opens().pastes(altered)).not_to_contain_text(HOLDS)


def test_hostile_text_is_shown_as_text(stranger: Stranger) -> None:
    stranger.page.evaluate("globalThis.fell = false")
    verdict = stranger.pastes('<img src=x onerror="fell=true"><script>fell=true</script>')
    expect(verdict).to_contain_text(UNSURE)
    assert stranger.page.evaluate("fell") is False and verdict.get_by_role("img").count() == 0


def test_lost_signal_is_said_and_a_second_try_works(stranger: Stranger, licence: dict[str, Any]) -> None:
    """Nothing typed or picked is lost."""
    with browser_faults.no_signal(stranger.page.context):
        expect(stranger.pastes(licence["code"])).to_contain_text("没有连上网络")
    stranger.page.get_by_role("button", name="查验", exact=True).click()
    expect(stranger.verdict).to_contain_text(HOLDS)


def test_a_server_that_is_away_is_not_taken_for_a_forgery(stranger: Stranger, licence: dict[str, Any]) -> None:
    with browser_faults.broken(stranger.page, "**/api/open/verify/code", status=503, retry_after=1):
        verdict = stranger.pastes(licence["code"])
        expect(verdict).to_be_visible()
        expect(verdict).not_to_contain_text(FAILS)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_cut_off_and_axe_is_content(hall: RunningHall, windows: Windows, licence: dict[str, Any], width: int) -> None:
    page = windows.desktop(viewport={"width": width, "height": 800})
    expect(Stranger(page, hall.base_url).scans(licence["code"])).to_contain_text(HOLDS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert browser_axe.findings(page) == []


def test_revoked_is_said(stranger: Stranger, licence: dict[str, Any], hall: RunningHall) -> None:
    """R54. The last test of the file: it revokes the one licence."""
    played(hall, until="verification", after=("delivery", licence))
    expect(stranger.scans(licence["code"])).to_contain_text(REVOKED)
    expect(stranger.opens().uploads("licence.pdf", licence["licence.pdf"], PDF)).to_contain_text(REVOKED)


def _blank() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    return out.getvalue()
