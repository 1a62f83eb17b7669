"""Pure rules of cases."""

from __future__ import annotations

from datetime import date

import pytest

from core.actor import SYSTEM, Actor, Role
from core.flow import GuardRefused, IllegalMove
from hall.cases.flow import ACCEPT, DECIDE, FLOW, PREREVIEW
from hall.cases.models import CaseGap
from hall.cases.rules import DEADLINES, case_number, may_decide, missing, needs_delivery, subject_digests, tone, unlawful_gaps
from hall.catalog.packaged import packaged_items
from hall.notices.reactions import CASE_EVENTS
from hall.notices.templates import TEMPLATES

CODE = "11519900MB1A2C345F3510131016001"
CITIZEN = Actor(Role.CITIZEN, "account_1")
ALL = Actor(Role.CLERK, "staff_1", frozenset({PREREVIEW, ACCEPT, DECIDE}), "office")
OWNER = {"is_owner": True}


def test_a_case_number_is_the_item_the_day_and_a_serial() -> None:
    number = case_number(CODE, date(2026, 11, 3), 17)
    assert number == CODE + "20261103" + "0017"
    assert len(number) == 43


@pytest.mark.parametrize(("code", "serial"), [(CODE[:-1], 1), (CODE + "0", 1), ("", 1), (CODE, 0), (CODE, 10_000), (CODE, -1)])
def test_a_number_that_would_not_have_43_characters_is_refused(code: str, serial: int) -> None:
    with pytest.raises(ValueError):
        case_number(code, date(2026, 11, 3), serial)


def test_every_gap_is_named_at_once() -> None:
    """R24: one notice holds all gaps of form, files, people and delivery."""
    gaps = missing(
        {"seats": "请填写餐位数。", "uscc": "统一社会信用代码不对。"},
        {"M06": "经营场所平面图", "M07": "房屋租赁合同"},
        ["M07"],
        has_delivery=False,
        parties_waiting=2,
        roles_missing=["shareholder"],
    )
    assert gaps == {
        "form.seats": "请填写餐位数。",
        "form.uscc": "统一社会信用代码不对。",
        "materials.M06": "请上传经营场所平面图。",
        "parties.shareholder": "请邀请股东一起签署。",
        "parties": "还有 2 位签署人没有接受邀请。",
        "delivery": "请填写证照寄送的收件人和地址。",
    }


def test_nothing_is_missing_from_a_complete_application() -> None:
    """R24: extra files are no gap."""
    assert missing({}, {"M06": "平面图"}, ["M06", "M99"], has_delivery=True, parties_waiting=0, roles_missing=[]) == {}


def test_a_first_request_may_name_anything() -> None:
    """R25."""
    assert unlawful_gaps(["form.seats", "materials.M06"], [], {"form.seats": "a"}) == []


def test_a_second_request_needs_a_new_fact() -> None:
    """R25: what looked the same when the earlier request was made may not be asked for now; what changed since may."""
    then = subject_digests({"seats": 30, "shop_name": "老巷面馆"}, {"M06": ["ab"], "M07": ["cd"]})
    now = subject_digests({"seats": 40, "shop_name": "老巷面馆"}, {"M06": ["ab", "ef"], "M07": ["cd"]})
    asked = ["form.seats", "form.shop_name", "materials.M06", "materials.M07"]
    assert unlawful_gaps(asked, [then], now) == ["form.shop_name", "materials.M07"]


def test_what_was_absent_then_and_is_absent_now_is_no_new_fact() -> None:
    """R25: a file that was missing the first time had to be named the first time."""
    then = subject_digests({"seats": 30}, {})
    assert unlawful_gaps(["materials.M09", "form.opens_on"], [then], then) == ["materials.M09", "form.opens_on"]


def test_going_back_to_an_earlier_value_was_seen_before() -> None:
    """R25: each earlier round counts, not only the last."""
    first, second = subject_digests({"seats": 30}, {}), subject_digests({"seats": 40}, {})
    assert unlawful_gaps(["form.seats"], [first, second], subject_digests({"seats": 30}, {})) == ["form.seats"]
    assert unlawful_gaps(["form.seats"], [first, second], subject_digests({"seats": 50}, {})) == []


def test_a_digest_knows_the_kind_of_a_value_and_not_the_order_of_files() -> None:
    one = subject_digests({"a": 1, "b": "1", "c": True}, {"M1": ["x", "y"]})
    assert len({one["form.a"], one["form.b"], one["form.c"]}) == 3
    assert subject_digests({}, {"M1": ["y", "x"]}) == {"materials.M1": one["materials.M1"]}


@pytest.mark.parametrize(
    ("decider", "others", "may"),
    [
        ("staff_b", ("staff_a", "staff_a"), True),
        ("staff_a", ("staff_a", "staff_b"), False),
        ("staff_b", ("staff_a", "staff_b"), False),
        ("staff_a", (None, "staff_b"), True),
        ("staff_a", (None, None), True),
        ("", (None, None), False),
    ],
)
def test_who_reviewed_or_accepted_does_not_decide(decider: str, others: tuple[str | None, ...], may: bool) -> None:
    """R38."""
    assert may_decide(decider, *others) is may


def test_the_table_of_states_is_sound() -> None:
    assert FLOW.problems() == []


@pytest.mark.parametrize("state", sorted(FLOW.final))
def test_an_ended_case_moves_no_more(state: str) -> None:
    facts = dict.fromkeys(FLOW.guards, True)
    for actor in (CITIZEN, ALL, SYSTEM, Actor(Role.ADMIN, "admin")):
        assert FLOW.allowed_actions(state, actor, facts) == []


def test_the_way_of_a_granted_case() -> None:
    state = FLOW.initial
    steps = [
        ("prepare_signing", CITIZEN),
        ("sign", CITIZEN),
        ("submit", CITIZEN),
        ("return", ALL),
        ("reopen", CITIZEN),
        ("prepare_signing", CITIZEN),
        ("submit", CITIZEN),
        ("pass", ALL),
        ("accept", ALL),
        ("pause", ALL),
        ("resume", ALL),
        ("grant", ALL),
        ("license", SYSTEM),
        ("close", SYSTEM),
    ]
    for action, actor in steps:
        state = FLOW.move(state, action, actor, dict.fromkeys(FLOW.guards, True)).target
    assert state == "closed"


@pytest.mark.parametrize(
    ("state", "action", "actor"),
    [
        ("draft", "submit", CITIZEN),
        ("prereview", "edit", CITIZEN),
        ("prereview", "reopen", CITIZEN),
        ("granted", "withdraw", CITIZEN),
        ("special", "withdraw", CITIZEN),
        ("special", "grant", ALL),
        ("prereviewed", "grant", ALL),
        ("prereview", "accept", ALL),
        ("accepted", "license", SYSTEM),
        ("prereview", "pass", CITIZEN),
        ("prereviewed", "accept", Actor(Role.CLERK, "staff_2", frozenset({PREREVIEW}))),
        ("accepted", "grant", Actor(Role.CLERK, "staff_2", frozenset({PREREVIEW, ACCEPT}))),
        ("granted", "license", ALL),
        ("draft", "edit", ALL),
    ],
)
def test_a_move_that_is_not_in_the_table_is_refused(state: str, action: str, actor: Actor) -> None:
    with pytest.raises(IllegalMove):
        FLOW.move(state, action, actor, dict.fromkeys(FLOW.guards, True))


@pytest.mark.parametrize(
    ("state", "action", "actor", "guard"),
    [
        ("draft", "prepare_signing", CITIZEN, "is_complete"),
        ("signing", "submit", CITIZEN, "is_signed"),
        ("accepted", "grant", ALL, "is_another_person"),
        ("accepted", "refuse", ALL, "is_another_person"),
        ("draft", "edit", CITIZEN, "is_owner"),
        ("prereview", "withdraw", CITIZEN, "is_owner"),
    ],
)
def test_a_move_whose_condition_fails_is_refused(state: str, action: str, actor: Actor, guard: str) -> None:
    with pytest.raises(GuardRefused) as refused:
        FLOW.move(state, action, actor, {**dict.fromkeys(FLOW.guards, True), guard: False})
    assert refused.value.fields == {"guard": guard}


def test_every_event_of_a_case_has_its_message() -> None:
    """R60: a transition that people are told about has exactly one template, short enough for WeChat."""
    emitted = {row.emits for row in FLOW.transitions if row.emits}
    told = {kind.__struct_config__.tag for kind in CASE_EVENTS}
    assert emitted == told
    assert told <= set(TEMPLATES)
    assert all(len(template.title) <= 20 and 1 <= len(template.phrase) <= 5 for template in TEMPLATES.values())


def test_every_subject_a_reviewer_can_name_fits_its_column() -> None:
    longest = CaseGap._meta.fields_map["subject"].max_length  # type: ignore[attr-defined]
    for item in packaged_items():
        subjects = [f"form.{field.name}" for field in item.form] + [f"materials.{material.code}" for material in item.materials]
        assert max(map(len, subjects)) <= longest


@pytest.mark.parametrize(
    ("today", "left", "expected"),
    [(27, 1, "warn"), (26, 2, "calm"), (30, 0, "warn"), (20, 6, "calm"), (31, -1, "overdue"), (31, 0, "overdue")],
)
def test_a_deadline_presses_before_it_passes(today: int, left: int, expected: str) -> None:
    """R20: its last day is not overdue; a free day after it is, though no working day has gone by."""
    assert tone(date(2026, 12, 30), date(2026, 12, today), left) == expected
    assert set(DEADLINES) <= set(FLOW.states)


def test_what_travels_needs_an_address() -> None:
    assert needs_delivery(("EMS", "电子送达")) and not needs_delivery(("电子送达",)) and not needs_delivery(())
