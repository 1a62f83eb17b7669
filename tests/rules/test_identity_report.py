"""R51: docs/identity-report.md says what was measured, its bounds are right, and nobody's face is in its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.architecture.tree import ROOT
from tools.identity_report_text import draw, page, upper_bound

FOLDER = ROOT / "docs" / "identity-report"
KEPT = json.loads((FOLDER / "measured.json").read_text("utf-8"))


def test_the_committed_page_is_what_the_figures_say() -> None:
    assert (ROOT / "docs" / "identity-report.md").read_text("utf-8") == page(KEPT)


def test_the_plots_are_drawn_of_the_figures_alone(tmp_path: Path) -> None:
    """A photograph among them would not come out of `draw` again."""
    draw(KEPT, tmp_path)
    assert {path.name for path in FOLDER.iterdir()} == {path.name for path in tmp_path.iterdir()} | {"measured.json"}
    for made in tmp_path.iterdir():
        with Image.open(made) as fresh, Image.open(FOLDER / made.name) as committed:
            assert fresh.tobytes() == committed.tobytes(), made.name
        assert (FOLDER / made.name).stat().st_size < 30_000


@pytest.mark.parametrize(("hits", "of", "bound"), [(0, 741, 0.00403), (0, 10, 0.2589), (1, 10, 0.3942), (11, 741, 0.0244)])
def test_the_bound_is_clopper_pearsons(hits: int, of: int, bound: float) -> None:
    assert upper_bound(hits, of) == pytest.approx(bound, rel=0.01)


def test_nobody_else_matches_and_the_same_person_does() -> None:
    different, same = KEPT["portraits"]["distances"], KEPT["portraits"]["same"]
    assert len(different) >= 741 and min(different) > 0.45 >= max(same)
    assert KEPT["portraits"]["within"]["0.45"] == 0


def test_every_attack_failed_and_the_person_passed() -> None:
    outcomes = [(outcome, bool(reasons)) for _, outcome, reasons in KEPT["attacks"]["rows"]]
    assert outcomes[0] == ("accept", False) and len(outcomes) > 12
    assert all(outcome in {"retry", "reject"} and has_reason for outcome, has_reason in outcomes[1:])


def test_without_real_faces_the_page_keeps_to_what_is_there() -> None:
    told = page({name: part for name, part in KEPT.items() if name not in {"portraits", "clips"}})
    assert "## Attacks" in told and "## Different people" not in told
