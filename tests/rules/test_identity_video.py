"""Access to a TURN server, descriptions a browser may send, and when the video queue is open."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from api.settings import load_settings
from core.clock import BEIJING
from core.config import SettingsError
from identity.video_checks.config import VideoConfig
from identity.video_checks.rules import (
    Sdp,
    hours_text,
    is_ice_address,
    opening_text,
    opens_at,
    refusal_text,
    spans_of,
    turn_access,
    wait_seconds,
)
from tests.factories.settings import PRODUCTION
from tests.factories.video import ICE, sdp

HOURS = ("09:00-12:00", "13:00-17:00")
ON = {
    **PRODUCTION,
    "ZT_IDENTITY_VIDEO_ENABLED": "1",
    "ZT_IDENTITY_VIDEO_ICE": ",".join(ICE),
    "ZT_IDENTITY_VIDEO_TURN_SECRET": "north wind",
    "ZT_IDENTITY_VIDEO_HOURS": ",".join(HOURS),
}


def test_turn_access_is_what_coturn_computes() -> None:
    """`printf %s 1780000000:citizen-video_1 | openssl dgst -sha1 -hmac 'north wind' -binary | base64`."""
    access = turn_access("north wind", "citizen-video_1", datetime.fromtimestamp(1_780_000_000, UTC))
    assert access == ("1780000000:citizen-video_1", "dPzMq7Q5KjPLWVgYciR2fXM++i0=")


@pytest.mark.parametrize("text", [sdp("192.0.2.1"), "v=0\n", "v=0\r\n" + "a" * 32_763])
def test_descriptions_that_are_taken(text: str) -> None:
    assert msgspec.convert(text, Sdp) == text


@pytest.mark.parametrize("text", ["", "v=1\r\n", "v=0", " v=0\r\n", "v=01\r\n", "<b>v=0\r\n", "v=0\r\n" + "a" * 32_764])
def test_descriptions_that_are_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Sdp)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-27T09:00", None),
        ("2026-11-27T11:59", None),
        ("2026-11-27T08:59", "2026-11-27T09:00"),
        ("2026-11-27T12:00", "2026-11-27T13:00"),
        ("2026-11-26T17:00", "2026-11-27T09:00"),
        ("2026-11-27T23:59", "2026-11-30T09:00"),
        ("2026-11-28T10:00", "2026-11-30T09:00"),
    ],
)
def test_the_queue_opens_on_working_days(now: str, opens: str | None) -> None:
    found = opens_at(datetime.fromisoformat(now).replace(tzinfo=BEIJING).astimezone(UTC), spans_of(HOURS), lambda day: day.weekday() < 5)
    assert (found and found.isoformat()[:16]) == opens


def test_a_queue_without_hours_is_open_and_one_without_days_ends_the_search() -> None:
    night = datetime(2026, 11, 28, 3, tzinfo=BEIJING)
    assert opens_at(night, (), lambda day: False) is None and hours_text(()) is None
    assert opens_at(night, spans_of(HOURS), lambda day: day == date(2026, 12, 7)) == datetime(2026, 12, 7, 9, tzinfo=BEIJING)


def test_opening_in_words() -> None:
    now = datetime(2026, 11, 27, 8, tzinfo=BEIJING)
    said = [opening_text(datetime(2026, 11, day, 9, tzinfo=BEIJING), now) for day in (27, 28, 30)]
    assert said == ["今天 09:00", "明天 09:00", "11 月 30 日（周一）09:00"]
    assert hours_text(spans_of(HOURS)) == "工作日 09:00—12:00，13:00—17:00"


@pytest.mark.parametrize("hours", [("9-12",), ("09:00-09:00",), ("12:00-09:00",), ("09:00-12:00", "11:00-13:00"), ("09:00-25:00",)])
def test_hours_that_make_no_sense(hours: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        spans_of(hours)
    assert "ZT_IDENTITY_VIDEO_HOURS" in VideoConfig(hours=hours).problems()[0]


def test_addresses_of_ice_servers() -> None:
    assert all(map(is_ice_address, (*ICE, "stun:192.0.2.1", "turn:[2001:db8::1]:3478")))
    assert not any(map(is_ice_address, ("", "stun:", "https://turn.example", "turn:a b", "turn:x?transport=tls", "turn:u:p@x")))
    assert "ZT_IDENTITY_VIDEO_ICE" in VideoConfig(ice=("turn.example",)).problems()[0]


def test_the_other_side_learns_no_address_wherever_there_is_a_relay() -> None:
    assert VideoConfig(ice=ICE).is_relayed and VideoConfig(ice=("turns:turn.example:5349",)).is_relayed
    assert not VideoConfig().is_relayed and not VideoConfig(ice=(ICE[0],)).is_relayed
    assert not VideoConfig(ice=ICE, relay_only=False).is_relayed
    assert "ZT_IDENTITY_VIDEO_RELAY_ONLY" in VideoConfig(ice=(ICE[0],), relay_only=True).problems()[0]
    assert load_settings(ON).video.is_relayed and VideoConfig(ice=ICE).problems() == []


def test_on_in_development_and_in_production_when_it_can_work() -> None:
    assert load_settings({}).video.is_offered(is_production=False) and not VideoConfig(enabled=False).is_offered(is_production=False)
    assert not load_settings(PRODUCTION).video.is_offered(is_production=True)
    assert load_settings(ON).video.is_offered(is_production=True) and "north wind" not in repr(load_settings(ON))
    for missing in ("ICE", "TURN_SECRET", "HOURS"):
        with pytest.raises(SettingsError) as caught:
            load_settings({name: value for name, value in ON.items() if name != f"ZT_IDENTITY_VIDEO_{missing}"})
        assert missing in str(caught.value)
    with pytest.raises(SettingsError):
        load_settings({**ON, "ZT_IDENTITY_VIDEO_ICE": ICE[0]})


def test_the_estimate_of_the_wait_and_the_words_of_a_refusal() -> None:
    assert wait_seconds(0, 0, []) == 300 and wait_seconds(3, 2, []) == 600 and wait_seconds(1, 1, [100.0, 200.0, 900.0]) == 400
    assert "没能核对上" in refusal_text("a reason of tomorrow")
