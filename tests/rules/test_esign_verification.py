"""The offline verifier on credentials and QR codes: every verdict, and nothing hostile ever passes or raises (R54)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esign.algorithms.es256 import Es256
from esign.authority import Purpose, fingerprint, issue_for_authority
from esign.credentials import cbor, cose, cwt, packing, qr, trust_list
from esign.credentials.standing import judge
from esign.credentials.status_list import Status
from esign.credentials.trust_list import TrustEntry, TrustList, entry_for
from esign.verification import Report, as_json, exit_code, summary_zh, verify
from tests.factories.credentials import CLAIMS, CODE, INDEX, NAME, NOW, STATUS_URI, World

world = World()
TRUST = world.trust()
STATUS = world.status()
CREDENTIAL = world.credential()
HOST = "zwfw.example.gov.cn"


def _verdict(report: Report) -> tuple[str, str, str | None]:
    return report.verdict, report.status, report.subindication


def check(data: bytes | str = CREDENTIAL, *, trust: bytes = TRUST, status: bytes | None = STATUS, at: datetime = NOW) -> Report:
    return verify(data, trust=trust, status=status, at=at)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CREDENTIAL, "credential"),
        (packing.address(CREDENTIAL, HOST), "qr"),
        (packing.address(CREDENTIAL, HOST).encode(), "qr"),
        (packing.pack(CREDENTIAL), "qr"),
        (qr.png(CREDENTIAL, HOST), "qr"),
    ],
)
def test_a_good_licence_passes_in_every_form(data: bytes | str, kind: str) -> None:
    report = check(data)
    assert _verdict(report) == ("TOTAL_PASSED", "valid", None) and report.kind == kind and exit_code(report) == 0
    assert report.licence == CLAIMS and report.issuer is not None and (report.issuer.code, report.issuer.name) == (CODE, NAME)
    shown = json.loads(as_json(report))
    assert shown["verdict"] == "TOTAL_PASSED" and shown["status"] == "valid" and shown["licence"]["holder_uscc"] == CLAIMS.holder_uscc
    assert shown["checked_at"] == "2026-03-02T02:00:00Z" and shown["signatures"][0]["role"] == "licence"
    assert summary_zh(report) == f"“{CLAIMS.holder_name}”的小餐饮食品经营备案证是真的，由{NAME}签发，目前有效，有效期至2031年2月28日。"


def test_a_shown_code_passes_until_it_is_old() -> None:
    shown = cwt.present(CLAIMS, frozenset({"holder_name"}), world.keys[Purpose.PRESENTATION], now=NOW, seconds=60)
    assert _verdict(check(shown, at=NOW + timedelta(seconds=59))) == ("TOTAL_PASSED", "valid", None)
    late = check(shown, at=NOW + timedelta(seconds=60))
    assert _verdict(late) == ("TOTAL_FAILED", "unknown", "PRESENTATION_EXPIRED") and "重新出示" in summary_zh(late)


def test_a_presentation_key_cannot_issue_a_lasting_licence() -> None:
    lasting = cwt.issue(CLAIMS, world.keys[Purpose.PRESENTATION])
    assert check(lasting).subindication == "PRESENTATION_EXPIRED"
    endless = cwt.issue(msgspec.structs.replace(CLAIMS, expires_at=None), world.keys[Purpose.PRESENTATION])
    assert check(endless).verdict == "TOTAL_FAILED"


@pytest.mark.parametrize(
    ("status", "expected", "sentence"),
    [
        (Status.INVALID, ("TOTAL_FAILED", "revoked", "REVOKED"), "撤销"),
        (Status.SUSPENDED, ("TOTAL_FAILED", "suspended", "SUSPENDED"), "暂停"),
    ],
)
def test_the_standing_of_the_licence(status: Status, expected: tuple[str, str, str], sentence: str) -> None:
    """R54: a revoked seal or licence fails, offline."""
    report = check(status=world.status({INDEX: status, INDEX + 1: Status.VALID}))
    assert _verdict(report) == expected and exit_code(report) == 1 and sentence in summary_zh(report)
    assert check(status=world.status({INDEX - 1: status, INDEX + 1: status})).verdict == "TOTAL_PASSED"


def test_expiry_is_the_end_of_the_last_day_in_beijing() -> None:
    ending = world.credential(valid_until=date(2026, 3, 2), expires_at=None)
    last = datetime.fromisoformat("2026-03-02T23:59:59+08:00")
    assert check(ending, at=last).verdict == "TOTAL_PASSED"
    over = check(ending, at=last + timedelta(seconds=1))
    assert _verdict(over) == ("TOTAL_FAILED", "expired", "EXPIRED") and "有效期" in summary_zh(over)
    by_claim = world.credential(expires_at=NOW, valid_until=None)
    assert check(by_claim).status == "expired" and check(by_claim, at=NOW - timedelta(seconds=1)).verdict == "TOTAL_PASSED"


def test_revoked_weighs_more_than_expired() -> None:
    report = check(world.credential(expires_at=NOW), status=world.status({INDEX: Status.INVALID}))
    assert report.status == "revoked"


@pytest.mark.parametrize(
    ("status", "subindication"),
    [
        (None, "STATUS_UNKNOWN"),
        (b"", "STATUS_LIST_INVALID"),
        (b"\xd2" + bytes(80), "STATUS_LIST_INVALID"),
        (STATUS[:-1] + bytes([STATUS[-1] ^ 1]), "STATUS_LIST_INVALID"),
        (CREDENTIAL, "STATUS_LIST_INVALID"),
        (World().status(), "STATUS_LIST_INVALID"),
        (world.status(uri=STATUS_URI + "0"), "STATUS_LIST_MISMATCH"),
        (world.status(at=NOW - timedelta(hours=24)), "STATUS_LIST_STALE"),
        (world.status({INDEX: Status.INVALID}, at=NOW - timedelta(hours=24)), "STATUS_LIST_STALE"),
        (world.status(at=NOW + timedelta(minutes=6)), "STATUS_LIST_STALE"),
    ],
)
def test_without_a_list_to_believe_nothing_passes(status: bytes | None, subindication: str) -> None:
    report = check(status=status)
    assert _verdict(report) == ("INDETERMINATE", "unknown", subindication) and exit_code(report) == 2
    assert summary_zh(report).startswith("暂时无法确认")


def test_among_several_lists_the_licences_own_counts() -> None:
    revoked, other = world.status({INDEX: Status.INVALID}), world.status(uri=STATUS_URI + "0")
    for lists in ([other, revoked], [revoked, other], [b"", revoked]):
        assert verify(CREDENTIAL, trust=TRUST, status=lists, at=NOW).status == "revoked"
    assert verify(CREDENTIAL, trust=TRUST, status=[other], at=NOW).subindication == "STATUS_LIST_MISMATCH"
    assert verify(CREDENTIAL, trust=TRUST, status=[], at=NOW).subindication == "STATUS_UNKNOWN"


def test_a_licence_without_a_place_in_a_list_is_unknown() -> None:
    assert check(world.credential(status=None)).subindication == "STATUS_UNKNOWN"
    assert check(world.credential(status=cwt.StatusReference(STATUS_URI, 1 << 30))).subindication == "STATUS_UNKNOWN"


def test_another_issuers_status_list_is_not_believed() -> None:
    """Two authorities under one root: each speaks for its own licences only."""
    other = World(code="11440300MB2C12345X", name="深圳市市场监督管理局（测试）")
    other.keys[Purpose.STATUS] = issue_for_authority(
        world.root, Purpose.STATUS, code=other.code, name=other.name, now=NOW - timedelta(days=2), life=timedelta(days=9)
    )
    entry = entry_for(other.keys[Purpose.STATUS].certificate, Purpose.STATUS, issuer_name=other.name, issuer_code=other.code)
    both = world.trust([*world.entries(), entry])
    assert check(trust=both).verdict == "TOTAL_PASSED"
    assert check(trust=both, status=other.status()).subindication == "STATUS_LIST_INVALID"


def test_a_compromised_status_key_is_not_believed() -> None:
    entries = world.entries(status={"state": "compromised", "compromised_at": NOW - timedelta(hours=1)})
    assert check(trust=world.trust(entries)).subindication == "STATUS_LIST_INVALID"


def test_keys_retired_compromised_and_out_of_their_window() -> None:
    retired = world.trust(world.entries(licence={"state": "retired", "valid_until": NOW - timedelta(hours=1)}))
    assert check(trust=retired).verdict == "TOTAL_PASSED", "retired keys still verify what they signed in time"
    early = world.trust(world.entries(licence={"state": "retired", "valid_until": NOW - timedelta(days=2)}))
    assert _verdict(check(trust=early)) == ("INDETERMINATE", "unknown", "OUT_OF_BOUNDS_NO_POE")
    lost = world.trust(world.entries(licence={"state": "compromised", "compromised_at": NOW}))
    assert _verdict(check(trust=lost)) == ("INDETERMINATE", "unknown", "REVOKED_NO_POE")


def test_unknown_keys_and_keys_of_another_use() -> None:
    for stranger in (World().credential(), cwt.issue(CLAIMS, world.keys[Purpose.SEAL]), cwt.issue(CLAIMS, world.keys[Purpose.STATUS])):
        assert _verdict(check(stranger)) == ("INDETERMINATE", "unknown", "NO_SIGNING_CERTIFICATE_FOUND")


def test_an_authority_cannot_issue_in_anothers_name() -> None:
    report = check(world.credential(issuer="11440300MB2C12345X"))
    assert _verdict(report) == ("TOTAL_FAILED", "unknown", "ISSUER_MISMATCH") and report.licence is None


def test_two_certificates_with_one_kid() -> None:
    """Short key ids collide: the right one is found wherever it stands, and a wrong one never passes."""
    trust = trust_list.parse(TRUST)
    (right,) = trust.for_purpose(Purpose.LICENCE)
    (wrong,) = trust.for_purpose(Purpose.SEAL)
    wrong = TrustEntry(
        Purpose.LICENCE, NAME, CODE, wrong.certificate, wrong.public_key, wrong.valid_from, wrong.valid_until, "active", None
    )
    for order in ((right, wrong), (wrong, right)):
        crowded = TrustList(1, trust.issued_at, trust.next_update, trust.roots, order, {right.kid: order})
        assert judge(CREDENTIAL, crowded, (), NOW).subindication == "STATUS_UNKNOWN"
    alone = TrustList(1, trust.issued_at, trust.next_update, trust.roots, (wrong,), {right.kid: (wrong,)})
    assert judge(CREDENTIAL, alone, (), NOW).subindication == "SIG_CRYPTO_FAILURE"


def test_a_clock_in_the_past() -> None:
    assert check(world.credential(issued_at=NOW + timedelta(minutes=6))).subindication == "NOT_YET_VALID"
    assert check(world.credential(issued_at=NOW + timedelta(minutes=4))).verdict == "TOTAL_PASSED"
    assert check(at=NOW - timedelta(days=2)).subindication == "TRUST_LIST_STALE"
    assert check(world.credential(valid_from=date(2026, 3, 3))).subindication == "NOT_YET_VALID"


def test_trust_lists_too_old_or_none() -> None:
    assert check(at=NOW + timedelta(days=7)).subindication == "TRUST_LIST_STALE"
    for broken in (b"", b"{}", STATUS, TRUST[:-1], TRUST[:-1] + bytes([TRUST[-1] ^ 1])):
        report = check(trust=broken)
        assert _verdict(report) == ("INDETERMINATE", "unknown", "TRUST_LIST_INVALID")
    pinned = verify(CREDENTIAL, trust=TRUST, status=STATUS, at=NOW, pinned_root=fingerprint(world.root.certificate))
    assert pinned.verdict == "TOTAL_PASSED"
    assert verify(CREDENTIAL, trust=TRUST, status=STATUS, at=NOW, pinned_root=bytes(32)).subindication == "TRUST_LIST_INVALID"


def test_algorithm_confusion() -> None:
    """The header of a good message rewritten to another algorithm, signature kept or made anew over the lie."""
    good = cose.decode(CREDENTIAL, limit=9_000)
    key = world.keys[Purpose.LICENCE]
    for algorithm in (-8, -35, 5, -257):
        protected = cbor.encode({1: algorithm, 4: good.kid})
        anew = Es256().sign(key.private_key, cose.signature_input(protected, good.payload))
        for signature in (good.signature, anew, b""):
            assert check(b"\xd2" + cbor.encode([protected, {}, good.payload, signature])).subindication == "SIG_CRYPTO_FAILURE"


@given(place=st.integers(0, len(CREDENTIAL) - 1), flip=st.integers(1, 255))
@settings(max_examples=300, deadline=None)
def test_one_changed_byte_never_passes(place: int, flip: int) -> None:
    """R53: a tampered credential fails verification."""
    changed = bytearray(CREDENTIAL)
    changed[place] ^= flip
    report = check(bytes(changed))
    assert report.verdict != "TOTAL_PASSED" and exit_code(report) in (1, 2)


def test_every_changed_bit_never_passes() -> None:
    for place in range(len(CREDENTIAL) * 8):
        changed = bytearray(CREDENTIAL)
        changed[place // 8] ^= 1 << place % 8
        assert check(bytes(changed)).verdict != "TOTAL_PASSED", place


def test_a_changed_digit_never_makes_another_licence() -> None:
    """DEFLATE has more than one form for the same bytes (padding bits, distances): such a twin holds the very same credential."""
    digits = packing.pack(CREDENTIAL)
    twins = 0
    for place, digit in enumerate(digits):
        changed = digits[:place] + str((int(digit) + 1) % 10) + digits[place + 1 :]
        if check(changed).verdict == "TOTAL_PASSED":
            twins += 1
            assert packing.unpack(changed) == CREDENTIAL, place
    assert twins <= 5


def test_trailing_and_missing_bytes_never_pass() -> None:
    for data in (CREDENTIAL + b"\0", CREDENTIAL + CREDENTIAL, CREDENTIAL[:-1], b"\xd2" + CREDENTIAL, CREDENTIAL[1:]):
        assert check(data).verdict != "TOTAL_PASSED"


@given(st.binary(max_size=300) | st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_noise_never_passes_and_never_raises(noise: bytes | str) -> None:
    assert check(noise).verdict != "TOTAL_PASSED"
    if isinstance(noise, bytes):
        assert check(trust=noise).subindication == "TRUST_LIST_INVALID"
        assert check(status=noise).subindication == "STATUS_LIST_INVALID"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "",
        b"hello",
        "https://example.com/",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"\xff\xd8\xff\xe0" + bytes(40),
        "9" * 9_000,
        b"\0" * 20_000,
    ],
)
def test_what_is_no_licence_is_said_to_be_none(data: bytes | str) -> None:
    report = check(data)
    assert _verdict(report) == ("INDETERMINATE", "unknown", "NOT_RECOGNISED") and report.licence is None and report.reasons
