"""What may not be published."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hall.catalog.item import Item, NotApplicable, PlaceRef
from hall.catalog.lint import element_count, lint
from hall.catalog.packaged import cancelled_proofs, packaged_items, packaged_places
from tests.factories.catalog import CATERING_CODE, catering, item_with

DEPARTMENTS = {one.id: one for one in packaged_places().departments}
WINDOWS = {window.id for office in packaged_places().offices for window in office.windows}


def elements(item: Item) -> set[str]:
    return {found.element for found in lint(item, departments=DEPARTMENTS, window_ids=WINDOWS, cancelled=cancelled_proofs())}


@pytest.mark.parametrize("item", packaged_items(), ids=lambda item: item.short_name)
def test_what_ships_is_sound(item: Item) -> None:
    """R13, R14: every mandatory element, at least twenty, a unique code of 31 characters, a flow chart."""
    assert elements(item) == set()
    assert element_count(item) >= 20
    assert len(item.code) == 31
    assert item.steps


def test_codes_are_unique() -> None:
    """R14."""
    listed = [item.code for item in packaged_items()]
    assert len(listed) == len(set(listed)) == 5


@pytest.mark.parametrize(
    "name",
    [
        "legal_bases",
        "conditions",
        "materials",
        "signers",
        "steps",
        "results",
        "deliveries",
        "channels",
        "places",
        "keywords",
        "form",
        "remedies",
    ],
)
def test_a_missing_element_is_found(name: str) -> None:
    """R13."""
    assert name in elements(item_with(**{name: ()}))


def replaced(sequence: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    return (msgspec.structs.replace(sequence[0], **changes), *sequence[1:])


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"promised_days": 21}, "promised_days"),
        ({"promised_days": -1}, "promised_days"),
        ({"handling": "即办件"}, "handling"),
        ({"promised_days": 2}, "steps"),
        ({"basic_code": "51013101600X"}, "basic_code"),
        ({"code": CATERING_CODE[:-1]}, "code"),
        ({"code": "11519900MB1A2C345E" + CATERING_CODE[18:]}, "code"),
        ({"code": CATERING_CODE[:18] + "1" + CATERING_CODE[19:]}, "code"),
        ({"code": CATERING_CODE[:-1] + "9"}, "code"),
        ({"department_id": "dept_nowhere"}, "department_id"),
        ({"department_id": "dept_civil"}, "department"),
        ({"department_id": "dept_civil", "department": "锦川市民政局"}, "code"),
        ({"places": (PlaceRef(office_id="office_x", window_id="window_x"),)}, "places"),
        (
            {"not_applicable": (NotApplicable(when={"eq": ["area_sqm", 1]}, because="x", instead="y", instead_code=CATERING_CODE),)},
            "not_applicable.0",
        ),
        ({"materials": replaced(catering().materials, name="居委会证明")}, "materials.M01"),
        ({"materials": replaced(catering().materials, required_if={"eq": ["nowhere", 1]})}, "materials.M01"),
        ({"materials": replaced(catering().materials, code="M02")}, "materials.M02"),
        ({"materials": replaced(catering().materials, signed_by=("stranger",))}, "materials.M01"),
        ({"steps": replaced(catering().steps, next=("nowhere",))}, "steps.apply"),
        ({"scenario": replaced(catering().scenario, shown_if={"eq": ["handled_by", "self"]})}, "scenario.applicant_kind"),
        ({"scenario": replaced(catering().scenario, choices=())}, "scenario.applicant_kind"),
        ({"form": replaced(catering().form, name="uscc")}, "form.uscc"),
    ],
)
def test_a_planted_mistake_is_found(changes: dict[str, Any], element: str) -> None:
    """R13, R19 (promise within the law), R21 (a cancelled proof), and conditions that look at a later or an unknown question."""
    assert element in elements(item_with(**changes))


def test_a_misspelt_key_is_an_error() -> None:
    plain = msgspec.to_builtins(catering())
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({**plain, "fee": 1}, Item)
