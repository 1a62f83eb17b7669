"""No personal data in a log line, whatever a caller put into it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog

from core import logs

ID_NUMBER = "51010419920315001X"
PHONE = "13912345678"


def redacted(**event: Any) -> dict[str, Any]:
    return dict(logs.redact(None, "info", dict(event)))


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "client_secret", "token", "Authorization", "set_cookie", "session_key", "openid", "unionid", "phone",
        "mobile", "id_number", "home_address", "applicant", "holder_name", "real_name", "pickup_code", "js_code", "otp",
    ],
)  # fmt: skip
def test_a_field_with_a_personal_name_is_blanked(name: str) -> None:
    assert redacted(**{name: "anything"}) == {name: "***"}
    assert redacted(**{name: {"nested": "anything"}}) == {name: "***"}


@pytest.mark.parametrize("text", [ID_NUMBER, ID_NUMBER.lower(), f"申请人{ID_NUMBER}已提交", f"a={ID_NUMBER},b"])
def test_an_id_number_anywhere_is_masked(text: str) -> None:
    shown = redacted(event=text)["event"]
    assert ID_NUMBER[:17] not in shown and "*" * 18 in shown


@pytest.mark.parametrize("text", [PHONE, f"拨打{PHONE}无人接听", f"/path?p={PHONE}", f"+86{PHONE}"[:3] + " " + PHONE])
def test_a_mobile_number_anywhere_is_masked(text: str) -> None:
    assert PHONE not in redacted(event=text)["event"]


@pytest.mark.parametrize("value", [{"note": PHONE}, [PHONE], ("x", [{"deep": ID_NUMBER}]), {"openid": "o-123"}, {ID_NUMBER: 1}, int(PHONE)])
def test_nothing_hides_in_a_nested_value(value: Any) -> None:
    shown = str(redacted(details=value))
    assert PHONE not in shown and ID_NUMBER not in shown and "o-123" not in shown


@pytest.mark.parametrize(
    "text", ["case_06fv2w8q5t0000000000000000", "20261123090000123456789", "2026-11-23T09:00:00", "42", "400-139-1234"]
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redacted(event=text)["event"] == text
    assert redacted(count=12, ok=True, ms=1.5, frames=["a.py:1:f"]) == {"count": 12, "ok": True, "ms": 1.5, "frames": ["a.py:1:f"]}


def test_a_whole_line(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        logs.configure(json_lines=True)
        structlog.contextvars.bind_contextvars(request_id="req-12345678")
        try:
            raise ValueError(f"bad number {PHONE}")
        except ValueError:
            structlog.get_logger("x").exception("失败", phone=PHONE, text=f"电话{PHONE}")
        line = json.loads(capfd.readouterr().err.strip().splitlines()[-1])
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()
    assert PHONE not in json.dumps(line) and line["request_id"] == "req-12345678" and line["phone"] == "***"
    assert "ValueError" in line["exception"]


def test_frames_tell_where_and_not_what() -> None:
    try:
        json.loads("{" + PHONE)
    except ValueError as error:
        found = logs.frames(error)
    assert found[0].startswith("tests/rules/test_core_logs.py:") and found[-1].endswith(":raw_decode") and PHONE not in str(found)
