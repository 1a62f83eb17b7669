"""The clerks' part of the main job with the keyboard alone (R82): sign in, find the case, read, pre-review, accept, decide, hand out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages.keyboard import KeyboardClerk
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

ITEM = "小餐饮食品经营备案"
NO_MOUSE = """() => {
  for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
    addEventListener(kind, () => { document.documentElement.dataset.mouse = 'used' }, true)
}"""


@pytest.fixture(scope="module")
def submitted(hall: RunningHall) -> RunningHall:
    """A case that two citizens have signed and sent in."""
    played(hall, until="signature")
    return hall


def _desk(windows: Windows) -> Page:
    page = windows.desktop()
    page.add_init_script(f"({NO_MOUSE})()")
    return page


def test_two_clerks_take_a_case_to_the_sealed_licence_and_the_hand_off_without_a_mouse(submitted: RunningHall, windows: Windows) -> None:
    chen = KeyboardClerk(_desk(windows), submitted, "chen.jing")
    chen.signs_in().opens_case(ITEM).reads_every_material().passes_prereview().accepts()
    liu = KeyboardClerk(_desk(windows), submitted, "liu.yang")
    liu.signs_in().opens_case(ITEM).grants("材料齐全，符合备案条件。").sees_sealed_licence()
    chen.opens_case(ITEM).opens_parcel_of_case()
    expect(chen.button("出示交接码")).to_be_visible(timeout=30_000)
    chen.press("出示交接码")
    dialog = chen.dialog("请快递员扫码")
    assert dialog.evaluate("e => e.contains(document.activeElement)"), "the dialog takes the focus"
    chen.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    for clerk in (chen, liu):
        assert clerk.page.evaluate("document.documentElement.dataset.mouse ?? ''") == "", "a mouse was used"
