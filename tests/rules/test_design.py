"""The design language: readable colours in every mode, and style sheets that follow the tokens (R82)."""

from __future__ import annotations

import pytest

from tools import design

TOKENS = design.load()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_text_colour_is_readable_on_every_ground_it_is_used_on(mode: str) -> None:
    colours = TOKENS["color"]
    poor = [
        f"{text} on {ground}: {ratio:.2f} < {rule['least']}"
        for rule in TOKENS["contrast"]
        for text in rule["text"]
        for ground in rule["on"]
        if (ratio := design.contrast(colours[text][mode], colours[ground][mode])) < rule["least"]
    ]
    assert poor == []


def test_contrast_is_that_of_wcag() -> None:
    assert design.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert design.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_style_sheets_are_fresh() -> None:
    stale = [path.name for path, text in design.outputs().items() if path.read_text("utf-8") != text]
    assert stale == [], "run python -m tools.design"


def test_large_mode_enlarges_type_and_touch_targets() -> None:
    sheet = design.tokens_css(TOKENS, ".z-theme")
    large = sheet.split(".z-theme.z-large {")[1].split("}")[0]
    assert f"--z-fs-m: {17 * 1.3:.1f}px" in large
    assert f"--z-touch: {TOKENS['touch']['large']}px" in large
    assert TOKENS["touch"]["normal"] >= 48
