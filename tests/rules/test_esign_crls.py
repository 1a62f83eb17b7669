"""Revocation lists as evidence: what a list says about a moment, and which lists are not read at all (RFC 5280 section 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from esign.pdf_verification.crls import EXPIRED_CERTIFICATES_STAY, RevocationList, Revocations, read_crl
from esign.pdf_verification.verdict import Doubt
from esign.revocation import issue_crl
from esign.signer import SigningIdentity
from tests.factories.certificates import NOT_AFTER, TinyAuthority
from tests.factories.documents import CREATED_AT

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
Builder = x509.CertificateRevocationListBuilder


@cache
def _authority() -> TinyAuthority:
    return TinyAuthority()


def _root() -> SigningIdentity:
    return SigningIdentity(_authority().root_key, _authority().root)


def _listed(now: datetime = CREATED_AT, revoked: dict[int, datetime] | None = None) -> RevocationList:
    return read_crl(issue_crl(_root(), revoked or {}, now=now), 1)


def _made(change: Callable[[Builder], Builder], *, hash_: hashes.SHA224 | hashes.SHA256 | None = None) -> bytes:
    builder = Builder().issuer_name(_authority().root.subject).last_update(CREATED_AT).next_update(CREATED_AT + DAY)
    return change(builder).sign(_authority().root_key, hash_ or hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("moment", "is_fresh"),
    [
        (CREATED_AT - 365 * DAY, True),
        (CREATED_AT, True),
        (CREATED_AT + 7 * DAY - SECOND, True),
        (CREATED_AT + 7 * DAY, False),
        (CREATED_AT + 8 * DAY, False),
    ],
)
def test_a_list_speaks_about_the_time_before_it_and_until_its_next(moment: datetime, is_fresh: bool) -> None:
    assert _listed().speaks_about(_authority().seal().certificate, moment) is is_fresh


def test_a_list_that_names_no_next_one_speaks_about_the_time_before_it() -> None:
    seal, plain = _authority().seal().certificate, _listed()
    endless = RevocationList(plain.crl, 1, plain.this_update, None, None)
    assert endless.speaks_about(seal, CREATED_AT) and not endless.speaks_about(seal, CREATED_AT + SECOND)


@pytest.mark.parametrize(("keeps", "expired_for", "speaks"), [(True, DAY, True), (False, DAY, False), (False, timedelta(0), True)])
def test_about_expired_certificates_only_a_list_that_keeps_them(keeps: bool, expired_for: timedelta, speaks: bool) -> None:
    citizen = _authority().leaf("甲", not_after=CREATED_AT - expired_for).certificate
    found = _listed() if keeps else read_crl(_made(lambda builder: builder), 1)
    assert (found.keeps_since is not None) is keeps
    assert found.speaks_about(citizen, CREATED_AT - 2 * DAY) is speaks


@pytest.mark.parametrize(("since", "passes"), [(-SECOND, False), (timedelta(0), False), (SECOND, True)])
def test_revoked_counts_from_its_second_on(since: timedelta, passes: bool) -> None:
    seal = _authority().seal().certificate
    revocations = Revocations([_listed(CREATED_AT + DAY, {seal.serial_number: CREATED_AT + since})])
    path = [seal, _authority().root]
    if passes:
        assert revocations.check(path, CREATED_AT) == 1
    else:
        with pytest.raises(Doubt, match="REVOKED_NO_POE"):
            revocations.check(path, CREATED_AT)


def test_every_certificate_but_the_anchor_needs_a_list() -> None:
    citizen = _authority().citizen("甲", CREATED_AT)
    path = [citizen.certificate, _authority().issuing, _authority().root]
    by_root, by_issuing = (read_crl(der, number) for number, der in enumerate(_authority().crls(CREATED_AT), start=1))
    assert Revocations([by_root, by_issuing]).check(path, CREATED_AT) == 2
    assert Revocations([by_root]).check(path, CREATED_AT) is None
    assert Revocations([by_issuing]).check(path, CREATED_AT) is None
    assert Revocations().check(path[2:], CREATED_AT) == 0


def test_a_list_by_another_key_or_by_an_end_certificate_says_nothing() -> None:
    other, seal = TinyAuthority(), _authority().seal()
    assert other.root.subject == _authority().root.subject
    assert not read_crl(other.crls(CREATED_AT)[0], 1).is_by(_authority().root)
    assert not read_crl(issue_crl(seal, {}, now=CREATED_AT), 1).is_by(seal.certificate)
    assert _listed().is_by(_authority().root)


def test_a_list_made_outside_its_issuers_life_makes_no_level() -> None:
    path = [_authority().seal().certificate, _authority().root]
    assert Revocations([_listed(NOT_AFTER + DAY)]).check(path, CREATED_AT) is None


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        issue_crl(_root(), {}, now=CREATED_AT) + b"\0",
        issue_crl(_root(), {}, now=CREATED_AT)[:-1],
        _made(lambda builder: builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)),
        _made(
            lambda builder: builder.add_extension(x509.IssuingDistributionPoint(None, None, True, False, None, False, False), critical=True)
        ),
        _made(
            lambda builder: builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(7)
                .revocation_date(CREATED_AT)
                .add_extension(x509.CertificateIssuer([x509.DirectoryName(_authority().issuing.subject)]), critical=True)
                .build()
            )
        ),
        _made(lambda builder: builder.add_extension(x509.UnrecognizedExtension(EXPIRED_CERTIFICATES_STAY, b"\x18\x01x"), critical=False)),
        _made(lambda builder: builder, hash_=hashes.SHA224()),
    ],
    ids=["empty", "nothing", "longer", "shorter", "delta", "partial", "indirect", "no time", "weak"],
)
def test_other_lists_are_not_read(der: bytes) -> None:
    with pytest.raises((Doubt, ValueError)):
        read_crl(der, 1)
