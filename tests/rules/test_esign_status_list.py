"""Token Status List: against the draft's own example, round trips, and lists that must not be believed."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esign.authority import Purpose
from esign.credentials import cbor, cose, status_list
from esign.credentials.status_list import Status
from esign.errors import CredentialMalformed
from tests.factories.credentials import CODE, NOW, STATUS_URI, World

world = World()
KEY = world.keys[Purpose.STATUS]

# draft-ietf-oauth-status-list section 5.2: the payload of the example Status List Token in CWT form.
DRAFT_PAYLOAD = bytes.fromhex(
    "a502782168747470733a2f2f6578616d706c652e636f6d2f7374617475736c697374732f31061a648c5bea041a8898dfea19fffe19a8c019fffd"
    "a2646269747301636c73744a78dadbb918000217015d"
)
# Section 4.1: the statuses of that example, index 0 first.
DRAFT_STATUSES = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]


def test_the_drafts_example() -> None:
    found = status_list.read_claims(DRAFT_PAYLOAD)
    assert found.uri == "https://example.com/statuslists/1" and found.issuer is None
    assert int(found.issued_at.timestamp()) == 1686920170 and found.ttl == timedelta(seconds=43200)
    assert [found.lookup(index) for index in range(16)] == DRAFT_STATUSES
    assert found.lookup(16) is None and found.lookup(-1) is None


def test_two_bits_as_the_draft_packs_them() -> None:
    """Section 4.1's second example: statuses 1,2,0,3,0,1,0,1,1,2,3,3 are the bytes C9 44 F9."""
    payload = cbor.encode({2: "x", 6: 1, 65533: {"bits": 2, "lst": zlib.compress(bytes.fromhex("c944f9"))}})
    found = status_list.read_claims(payload)
    assert [found.lookup(index) for index in range(12)] == [1, 2, 0, None, 0, 1, 0, 1, 1, 2, None, None]


@given(st.dictionaries(st.integers(0, 4_095), st.sampled_from(Status), max_size=60))
@settings(max_examples=30, deadline=None)
def test_round_trip(statuses: dict[int, Status]) -> None:
    data = status_list.build(statuses, KEY, uri=STATUS_URI, issuer=CODE, size=4_096, now=NOW, ttl=timedelta(hours=1))
    message, found = status_list.parse(data)
    assert message.is_signed_by(KEY.certificate.public_key())
    assert all(found.lookup(index) is statuses.get(index, Status.VALID) for index in range(4_096))
    assert len(found) == 4_096 and found.uri == STATUS_URI and found.issuer == CODE


def test_a_million_entries_stay_small() -> None:
    revoked = dict.fromkeys(range(0, 1 << 20, 1000), Status.INVALID)
    data = status_list.build(revoked, KEY, uri=STATUS_URI, issuer=CODE, size=1 << 20, now=NOW, ttl=timedelta(hours=1))
    assert len(data) < 6_000


@pytest.mark.parametrize(("size", "index"), [(8, 8), (8, -1), (6, 0), (0, 0), (1 << 25, 0)])
def test_impossible_lists_are_not_built(size: int, index: int) -> None:
    with pytest.raises(ValueError):
        status_list.build({index: Status.INVALID}, KEY, uri=STATUS_URI, issuer=CODE, size=size, now=NOW, ttl=timedelta(hours=1))


def test_freshness_is_the_earlier_of_expiry_and_ttl() -> None:
    _, found = status_list.parse(world.status())
    assert found.is_fresh(NOW) and found.is_fresh(NOW + timedelta(hours=24, seconds=-1))
    assert not found.is_fresh(NOW + timedelta(hours=24))
    draft = status_list.read_claims(DRAFT_PAYLOAD)
    assert draft.is_fresh(draft.issued_at + timedelta(hours=11)) and not draft.is_fresh(draft.issued_at + timedelta(hours=12))
    endless = status_list.read_claims(cbor.encode({2: "x", 6: 1, 65533: {"bits": 1, "lst": zlib.compress(b"\0")}}))
    assert not endless.is_fresh(endless.issued_at)


def _token(lst: bytes, *, bits: object = 2, typ: str | None = status_list.TYPE, **more: object) -> bytes:
    body = {2: STATUS_URI, 6: 1, 65533: {"bits": bits, "lst": lst}} | {int(key[1:]): value for key, value in more.items()}
    return cose.sign(cbor.encode(body), KEY, typ=typ)


def _bomb() -> bytes:
    press = zlib.compressobj(9)
    return b"".join([*(press.compress(bytes(1 << 20)) for _ in range(64)), press.flush()])


GOOD = zlib.compress(bytes(8))


@pytest.mark.parametrize(
    "data",
    [
        _token(_bomb()),
        _token(GOOD[:-1]),
        _token(GOOD + b"\0"),
        _token(b"not zlib"),
        _token(GOOD, bits=3),
        _token(GOOD, bits=True),
        _token(GOOD, bits="2"),
        _token(GOOD, typ=None),
        _token(GOOD, typ="application/statuslist+jwt"),
        _token(GOOD, k6="today"),
        _token(GOOD, k4=-5),
        _token(GOOD, k65534=2**40),
        _token(GOOD, k2=7),
        _token(GOOD, k65533=[]),
        cose.sign(b"", KEY, typ=status_list.TYPE),
        cose.sign(cbor.encode([1]), KEY, typ=status_list.TYPE),
    ],
)
def test_lists_that_are_none(data: bytes) -> None:
    with pytest.raises(CredentialMalformed):
        status_list.parse(data)


def test_indices_are_drawn_from_the_whole_list() -> None:
    drawn = {status_list.random_index(1 << 20) for _ in range(400)}
    assert all(0 <= index < 1 << 20 for index in drawn)
    assert len(drawn) > 390 and max(drawn) - min(drawn) > 1 << 19
