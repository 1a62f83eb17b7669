"""An authority whose licence key is Ed25519: issued, listed, judged and published like any other (R55)."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519

from esign.authority import Purpose
from esign.credentials import cwt, trust_list
from esign.credentials.standing import judge
from esign.credentials.trust_list import entry_for
from esign.signer import MessageIdentity
from tests.factories.credentials import CLAIMS, CODE, NAME, World

world = World()


def ed25519_identity(purpose: Purpose) -> MessageIdentity:
    """The world's own certificate for that purpose once more, for another kind of key."""
    key, pattern = ed25519.Ed25519PrivateKey.generate(), world.keys[purpose].certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(pattern.subject)
        .issuer_name(pattern.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(pattern.not_valid_before_utc)
        .not_valid_after(pattern.not_valid_after_utc)
    )
    for kind in (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage):
        extension = pattern.extensions.get_extension_for_class(kind)
        builder = builder.add_extension(extension.value, extension.critical)
    return MessageIdentity(key, builder.sign(world.root.private_key, hashes.SHA256()))


@pytest.fixture(scope="module")
def licence_key() -> MessageIdentity:
    return ed25519_identity(Purpose.LICENCE)


def listed(licence_key: MessageIdentity) -> trust_list.TrustList:
    entries = [entry for entry in world.entries() if entry.purpose is not Purpose.LICENCE]
    entries.append(entry_for(licence_key.certificate, Purpose.LICENCE, issuer_name=NAME, issuer_code=CODE))
    return trust_list.parse(world.trust(entries))


def test_a_credential_passes_and_a_forged_one_does_not(licence_key: MessageIdentity) -> None:
    trust, status = listed(licence_key), (world.status(),)
    assert judge(cwt.issue(CLAIMS, licence_key), trust, status, world.now).verdict == "TOTAL_PASSED"
    forged = MessageIdentity(world.keys[Purpose.LICENCE].private_key, world.keys[Purpose.LICENCE].certificate)
    assert judge(cwt.issue(CLAIMS, forged), trust, status, world.now).verdict != "TOTAL_PASSED"
    credential = cwt.issue(CLAIMS, licence_key)
    for place in (-1, -33, -64):
        changed = bytearray(credential)
        changed[place] ^= 1
        assert judge(bytes(changed), trust, status, world.now).verdict == "TOTAL_FAILED"


def test_its_key_is_published(licence_key: MessageIdentity) -> None:
    (key,) = [key for key in listed(licence_key).jwks()["keys"] if key["kty"] == "OKP"]
    assert (key["crv"], key["alg"], key["use"]) == ("Ed25519", "EdDSA", "sig")
    public = licence_key.private_key.public_key()
    assert isinstance(public, ed25519.Ed25519PublicKey)
    assert base64.urlsafe_b64decode(key["x"] + "=") == public.public_bytes_raw()


def test_a_trust_list_may_be_signed_by_one() -> None:
    signer = ed25519_identity(Purpose.TRUST)
    data = trust_list.build(world.entries(), [world.root.certificate], signer, version=9, now=world.now, life=timedelta(days=1))
    assert trust_list.parse(data).version == 9
