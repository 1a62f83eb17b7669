"""The trust list: what it vouches for, and lists that vouch for themselves wrongly."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from esign.algorithms.es256 import Es256
from esign.authority import Purpose, create_root, fingerprint, issue_for_authority
from esign.credentials import cbor, cose, trust_list
from esign.errors import CredentialMalformed, SignatureInvalid
from esign.signer import SigningIdentity
from tests.factories.credentials import CODE, NAME, NOW, World

world = World()
LIST = world.trust()


def test_round_trip() -> None:
    found = trust_list.parse(LIST)
    assert found.version == 3 and found.roots == (world.root.certificate,)
    assert {entry.purpose for entry in found.entries} == {*world.keys}
    (licence,) = found.for_purpose(Purpose.LICENCE)
    assert (licence.issuer_code, licence.issuer_name, licence.state) == (CODE, NAME, "active")
    assert found.find(licence.kid, Purpose.LICENCE) == (licence,) and found.find(licence.kid, Purpose.STATUS) == ()
    assert found.is_fresh(NOW) and not found.is_fresh(NOW + timedelta(days=7)) and not found.is_fresh(NOW - timedelta(minutes=6))


def test_states_survive() -> None:
    at = NOW - timedelta(days=1)
    changed = {"licence": {"state": "compromised", "compromised_at": at}, "seal": {"state": "retired", "valid_until": at}}
    found = trust_list.parse(world.trust(world.entries(**changed)))
    (licence,), (seal,) = found.for_purpose(Purpose.LICENCE), found.for_purpose(Purpose.SEAL)
    assert licence.compromised_at == at and licence.state == "compromised"
    assert seal.state == "retired" and seal.counts_at(at) and not seal.counts_at(at + timedelta(seconds=1))


def test_a_pinned_root_decides() -> None:
    assert trust_list.parse(LIST, pinned_root=fingerprint(world.root.certificate)).version == 3
    with pytest.raises(CredentialMalformed):
        trust_list.parse(World().trust(), pinned_root=fingerprint(world.root.certificate))


def _body() -> dict[int, Any]:
    body = cbor.decode(cose.decode(LIST, limit=1 << 20).payload, limit=1 << 20)
    assert isinstance(body, dict)
    return body


def _signed(body: Any, signer: SigningIdentity | None = None, *, typ: str = trust_list.TYPE, with_certificate: bool = True) -> bytes:
    return cose.sign(cbor.encode(body), signer or world.keys[Purpose.TRUST], typ=typ, with_certificate=with_certificate)


def test_the_helper_above_makes_good_lists() -> None:
    assert trust_list.parse(_signed(_body())).version == 3


@pytest.mark.parametrize("purpose", [purpose for purpose in world.keys if purpose is not Purpose.TRUST])
def test_no_other_key_under_the_root_may_sign_a_list(purpose: Purpose) -> None:
    with pytest.raises(SignatureInvalid):
        trust_list.parse(_signed(_body(), world.keys[purpose]))


def test_signers_from_elsewhere() -> None:
    stranger = World()
    with pytest.raises(SignatureInvalid):
        trust_list.parse(_signed(_body(), stranger.keys[Purpose.TRUST]))
    with pytest.raises(SignatureInvalid):
        trust_list.parse(_signed(_body(), with_certificate=False))
    ours, theirs = cose.decode(LIST, limit=1 << 20), stranger.keys[Purpose.TRUST].private_key
    forged = Es256().sign(theirs, cose.signature_input(ours.protected, ours.payload))
    with pytest.raises(SignatureInvalid):
        trust_list.parse(b"\xd2" + cbor.encode([ours.protected, {}, ours.payload, forged]))
    late = issue_for_authority(world.root, Purpose.TRUST, code="p", name="平台", now=NOW + timedelta(days=9), life=timedelta(days=9))
    with pytest.raises(SignatureInvalid):
        trust_list.parse(_signed(_body(), late))


def _entry(change: Callable[[dict[int, Any]], object]) -> dict[int, Any]:
    body = _body()
    change(body[6][0])
    return body


OTHER = World().keys[Purpose.SEAL].certificate.public_bytes(Encoding.DER)
NOT_A_ROOT = world.keys[Purpose.SEAL].certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        _body() | {1: 2},
        _body() | {2: -1},
        _body() | {2: "3"},
        _body() | {3: "now"},
        _body() | {5: []},
        _body() | {5: [b"\x30\x00"]},
        _body() | {5: [NOT_A_ROOT]},
        _body() | {6: {}},
        _body() | {6: [7]},
        _body() | {7: 1},
        _entry(lambda row: row.pop(8)),
        _entry(lambda row: row.update({10: 1})),
        _entry(lambda row: row.update({1: bytes(8)})),
        _entry(lambda row: row.update({2: "root"})),
        _entry(lambda row: row.update({2: "everything"})),
        _entry(lambda row: row.update({3: 5})),
        _entry(lambda row: row.update({5: OTHER})),
        _entry(lambda row: row.update({5: OTHER, 1: fingerprint(x509.load_der_x509_certificate(OTHER))[:8]})),
        _entry(lambda row: row.update({5: b"\x30\x82"})),
        _entry(lambda row: row.update({6: row[7] + 1})),
        _entry(lambda row: row.update({6: 0})),
        _entry(lambda row: row.update({7: row[7] + 1})),
        _entry(lambda row: row.update({8: "fine"})),
        _entry(lambda row: row.update({8: "compromised"})),
        _entry(lambda row: row.update({9: 5})),
    ],
)
def test_malformed_lists(body: Any) -> None:
    with pytest.raises(CredentialMalformed):
        trust_list.parse(_signed(body))


def test_another_type_of_message_is_no_trust_list() -> None:
    with pytest.raises(CredentialMalformed):
        trust_list.parse(_signed(_body(), typ="application/statuslist+cwt"))


def test_jwks() -> None:
    at = NOW - timedelta(days=1)
    found = trust_list.parse(world.trust(world.entries(status={"state": "compromised", "compromised_at": at})))
    keys = {key["kid"]: key for key in found.jwks()["keys"]}
    (licence,), (status,) = found.for_purpose(Purpose.LICENCE), found.for_purpose(Purpose.STATUS)
    assert set(keys) == {entry.kid.hex() for entry in found.entries if entry.purpose in (Purpose.LICENCE, Purpose.PRESENTATION)}
    assert status.kid.hex() not in keys
    jwk = keys[licence.kid.hex()]
    assert jwk["alg"] == "ES256" and jwk["use"] == "sig" and "d" not in jwk
    certificate = x509.load_der_x509_certificate(b64decode(jwk["x5c"][0]))
    assert certificate == licence.certificate


def test_a_root_of_another_time_cannot_slip_in() -> None:
    """An entry under a root that is not in the list is refused even where the signer is right."""
    other = create_root(now=NOW)
    entry = trust_list.entry_for(
        issue_for_authority(other, Purpose.SEAL, code=CODE, name=NAME, now=NOW, life=timedelta(days=1)).certificate,
        Purpose.SEAL,
        issuer_name=NAME,
        issuer_code=CODE,
    )
    with pytest.raises(CredentialMalformed):
        world.trust([*world.entries(), entry])
