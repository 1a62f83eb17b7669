"""R52: webhooks are signed so that anybody can check them, and go to no address inside; a month is a month in Beijing."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actor import SYSTEM, Actor, Role
from core.flow import IllegalMove
from identity.relying_parties.errors import SignatureInvalid, SignatureStale, WebhookUrlInvalid
from identity.relying_parties.flow import PARTY_FLOW, REQUEST_FLOW
from identity.relying_parties.rules import check_webhook_url, is_public_address, month_of, sign, signed_headers, verify_webhook

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
BODY = b'{"type":"verification.verified"}'


def test_the_example_of_the_standard() -> None:
    """The published example of Standard Webhooks: secret, id, time, body and signature."""
    body = b'{"test": 2432232314}'
    assert sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_was_signed_is_accepted_and_named() -> None:
    assert verify_webhook(SECRET, signed_headers([SECRET], "msg_1", AT, BODY), BODY, now=AT) == "msg_1"


def test_during_a_rotation_both_secrets_check() -> None:
    headers = signed_headers([OTHER, SECRET], "msg_1", AT, BODY)
    assert verify_webhook(SECRET, headers, BODY, now=AT) == verify_webhook(OTHER, headers, BODY, now=AT) == "msg_1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(AT.timestamp()) + 1)},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v2,é"},
    ],
)
def test_what_was_altered_is_refused(change: dict[str, str]) -> None:
    headers = signed_headers([SECRET], "msg_1", AT, BODY) | change
    with pytest.raises(SignatureInvalid):
        verify_webhook(SECRET, headers, BODY, now=AT)


@given(st.binary(max_size=60).filter(lambda body: body != BODY))
def test_no_other_body_passes(body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify_webhook(SECRET, signed_headers([SECRET], "msg_1", AT, BODY), body, now=AT)


def test_another_secret_and_no_secret_are_refused() -> None:
    headers = signed_headers([OTHER], "msg_1", AT, BODY)
    for secret in (SECRET, "plain", "whsec_!!!"):
        with pytest.raises(SignatureInvalid):
            verify_webhook(secret, headers, BODY, now=AT)


def test_the_replay_window_is_five_minutes_both_ways() -> None:
    headers = signed_headers([SECRET], "msg_1", AT, BODY)
    for seconds in (-300, 300):
        assert verify_webhook(SECRET, headers, BODY, now=AT + timedelta(seconds=seconds)) == "msg_1"
    for seconds in (-301, 301):
        with pytest.raises(SignatureStale):
            verify_webhook(SECRET, headers, BODY, now=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *(
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "ff02::1",
            "fec0::1",
        ),
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "2002:0a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:db8::1"),
        *("not-an-address", ""),
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_outside_are(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "ftp://a.example.com/",
            "file:///etc/passwd",
            "//a.example.com",
            "https://",
            "https:///x",
            "a.example.com",
            "gopher://a.example.com",
        ),
        *(
            "https:/" + "/user@a.example.com/",
            "https:/" + "/:pw@a.example.com/",
            "https://a.example.com/#x",
            "https://a.example.com:99999/",
        ),
        *("https://a.example.com:0/", "https://a.example.com/a b", "https://a.example.com/\r\nX: y", "https://例子.example.com/"),
        *("https://a.example.com\\@b.example.com/", "https://[::1", "https://a.example.com:x/"),
    ],
)
@pytest.mark.parametrize("is_production", [True, False])
def test_addresses_that_are_no_webhook(url: str, is_production: bool) -> None:
    with pytest.raises(WebhookUrlInvalid):
        check_webhook_url(url, is_production=is_production)


def test_plain_http_is_for_development_only() -> None:
    check_webhook_url("http://127.0.0.1:9000/hooks?of=bank", is_production=False)
    check_webhook_url("https://a.example.com:8443/hooks?of=bank", is_production=True)
    with pytest.raises(WebhookUrlInvalid):
        check_webhook_url("http://a.example.com/hooks", is_production=True)


def test_a_month_begins_at_midnight_in_beijing() -> None:
    assert month_of(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)) == "2026-11"
    assert month_of(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == "2026-12"


def test_who_may_do_what_with_a_request() -> None:
    citizen, program, console = Actor(Role.CITIZEN, "a"), Actor(Role.RELYING_PARTY, "p"), Actor(Role.ENTERPRISE, "e")
    assert REQUEST_FLOW.problems() == PARTY_FLOW.problems() == []
    assert REQUEST_FLOW.allowed_actions("invited", citizen) == ["consent", "decline"]
    assert REQUEST_FLOW.allowed_actions("invited", program) == REQUEST_FLOW.allowed_actions("consented", console) == ["cancel"]
    for state in ("verified", "declined", "cancelled", "expired"):
        assert REQUEST_FLOW.allowed_actions(state, citizen) == REQUEST_FLOW.allowed_actions(state, SYSTEM) == []
    for actor in (citizen, program, console):
        with pytest.raises(IllegalMove):
            REQUEST_FLOW.move("consented", "verify", actor)
