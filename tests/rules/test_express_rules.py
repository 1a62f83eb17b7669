"""R60: who may carry what, and the two codes that prove a handoff."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest

from core.actor import SYSTEM, Actor, Role
from core.flow import IllegalMove
from core.ids import new_id
from express.flow import HAND_OVER, PARCEL_FLOW, ParcelState
from express.ports import Recipient
from express.rules import (
    LEG_HALL_TO_COURIER,
    DocumentClass,
    ExpressKeys,
    HandoffCode,
    check_handoff,
    choose_carrier,
    is_pickup_code,
    mask_name,
    mask_phone,
    order_number,
    pickup_code,
    recipient_problems,
    sign_handoff,
    step_at,
)

KEYS = ExpressKeys.from_master(b"\x01" * 32)
PARCEL = new_id("parcel")
GOOD = Recipient("张伟", "19900000001", "四川省", "成都市", "锦江区", "示例路2号3栋401")


def judge(payload: str, *, parcel: str = PARCEL, now: int = 1000, last: int = 0, keys: ExpressKeys = KEYS) -> object:
    return check_handoff(payload, keys.public_keys(), leg=LEG_HALL_TO_COURIER, parcel_id=parcel, now_step=now, last_step=last)


def test_the_flow_table_is_sound() -> None:
    assert PARCEL_FLOW.problems() == []


def test_official_documents_go_by_post_whatever_the_operator_sets() -> None:
    """Postal Law art. 55."""
    everything = [kind.value for kind in DocumentClass]
    assert choose_carrier(DocumentClass.OFFICIAL, {"sf": False, "ems": True}, everything) == "ems"
    assert choose_carrier(DocumentClass.OFFICIAL, {"sf": False}, everything) is None


def test_licences_go_by_post_unless_the_operator_names_them() -> None:
    assert choose_carrier(DocumentClass.LICENCE, {"sf": False, "ems": True}, []) == "ems"
    assert choose_carrier(DocumentClass.LICENCE, {"sf": False}, []) is None
    assert choose_carrier(DocumentClass.LICENCE, {"sf": False}, ["licence"]) == "sf"
    assert choose_carrier(DocumentClass.LICENCE, {}, ["licence"]) is None


@pytest.mark.parametrize(("step", "expected"), [(998, "stale"), (999, None), (1000, None), (1001, None), (1002, "stale")])
def test_a_handoff_code_lives_one_step_either_way(step: int, expected: str | None) -> None:
    found = judge(sign_handoff(KEYS, LEG_HALL_TO_COURIER, PARCEL, step))
    assert found == (expected or HandoffCode(LEG_HALL_TO_COURIER, PARCEL, step, KEYS.active))


def test_a_step_is_good_once() -> None:
    payload = sign_handoff(KEYS, LEG_HALL_TO_COURIER, PARCEL, 1000)
    assert judge(payload, last=1000) == "used"
    assert judge(payload, last=1001) == "used"
    assert isinstance(judge(payload, last=999), HandoffCode)


def test_a_handoff_code_is_bound_to_parcel_and_leg() -> None:
    assert judge(sign_handoff(KEYS, LEG_HALL_TO_COURIER, new_id("parcel"), 1000)) == "other_parcel"
    assert judge(sign_handoff(KEYS, "ch", PARCEL, 1000)) == "other_leg"


def test_every_changed_character_spoils_a_handoff_code() -> None:
    payload = sign_handoff(KEYS, LEG_HALL_TO_COURIER, PARCEL, 1000)
    for place in range(len(payload) - 1):  # the last base64 character carries spare bits that no byte depends on
        changed = payload[:place] + ("0" if payload[place] != "0" else "1") + payload[place + 1 :]
        assert isinstance(judge(changed), str), place


@pytest.mark.parametrize("payload", ["", "ZT1", "https://example.com", "ZT1.hc..1.a.b", "\u0000" * 300])
def test_what_is_no_handoff_code_is_malformed(payload: str) -> None:
    assert judge(payload) == "malformed"


def test_a_foreign_key_is_unknown_and_a_retired_one_still_verifies() -> None:
    foreign = ExpressKeys.from_master(b"\x02" * 32)
    payload = sign_handoff(foreign, LEG_HALL_TO_COURIER, PARCEL, 1000)
    assert judge(payload) == "unknown_key"
    both = replace(KEYS, seeds={**KEYS.seeds, **foreign.seeds})
    assert isinstance(judge(payload, keys=both), HandoffCode)


def test_steps_are_half_minutes() -> None:
    assert (step_at(29.9), step_at(30), step_at(59.999), step_at(60)) == (0, 1, 1, 2)


def test_a_pickup_code_is_six_digits_and_dies_with_its_salt() -> None:
    codes = {pickup_code(KEYS.pickup, PARCEL, secrets.token_hex(16)) for _ in range(200)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 190
    code = pickup_code(KEYS.pickup, PARCEL, "one")
    assert is_pickup_code(KEYS.pickup, PARCEL, "one", code)
    assert pickup_code(KEYS.pickup, PARCEL, "two") != code or pickup_code(KEYS.pickup, PARCEL, "three") != code
    assert pickup_code(b"\x09" * 32, PARCEL, "one") != code or pickup_code(b"\x08" * 32, PARCEL, "one") != code


def test_keys_never_show_in_a_repr() -> None:
    assert KEYS.pickup.hex() not in repr(KEYS)
    assert "seeds" not in repr(KEYS)
    assert "张伟" not in repr(GOOD)


def test_recipient() -> None:
    assert recipient_problems(GOOD) == {}
    for field, value in [
        ("phone", "12345678901"),
        ("phone", "1990000000"),
        ("phone", "1990000000１"),
        ("name", " "),
        ("name", "长" * 51),
        ("address", "路"),
        ("city", ""),
    ]:
        assert set(recipient_problems(Recipient(**{**_fields(GOOD), field: value}))) == {field}


def _fields(recipient: Recipient) -> dict[str, str]:
    return {name: getattr(recipient, name) for name in recipient.__struct_fields__}


def test_masks() -> None:
    assert (mask_name("张伟"), mask_name("欧阳小明"), mask_name("𠮷")) == ("张*", "欧***", "𠮷*")
    assert (mask_phone("19900000001"), mask_phone("123")) == ("199****0001", "****")


def test_the_order_number_follows_from_the_parcel() -> None:
    assert order_number(PARCEL) == order_number(PARCEL) == "ZT" + PARCEL.removeprefix("parcel_").upper()


def test_who_may_do_what() -> None:
    courier, desk = Actor(Role.COURIER, "acct_c"), Actor(Role.CLERK, "acct_d", frozenset({HAND_OVER}))
    plain_clerk = Actor(Role.CLERK, "acct_p")
    assert PARCEL_FLOW.allowed_actions(ParcelState.ORDERED, desk) == ["offer_handoff"]
    assert PARCEL_FLOW.allowed_actions(ParcelState.WAITING_HANDOFF, desk) == ["offer_handoff"], "a fresh code every half minute"
    assert PARCEL_FLOW.allowed_actions(ParcelState.ORDERED, plain_clerk) == []
    assert PARCEL_FLOW.allowed_actions(ParcelState.WITH_COURIER, courier) == ["start_delivery", "deliver", "report_failure"]
    for state, action, actor in [
        (ParcelState.READY, "deliver", courier),
        (ParcelState.DELIVERED, "deliver", courier),
        (ParcelState.WITH_COURIER, "deliver", SYSTEM),
        (ParcelState.DELIVERED, "carrier_delivered", SYSTEM),
    ]:
        with pytest.raises(IllegalMove):
            PARCEL_FLOW.move(state, action, actor)
