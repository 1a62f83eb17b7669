"""The local test authority: profiles of its certificates."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from esign.authority import EVIDENCE_OID, Purpose, evidence_of, is_for, is_issued_by, issue_for_authority, issue_for_citizen, kid_of
from tests.factories.credentials import CODE, NAME, NOW, World

world = World()


def _usage(certificate: x509.Certificate) -> x509.KeyUsage:
    return certificate.extensions.get_extension_for_class(x509.KeyUsage).value


def test_everything_says_that_it_is_a_test() -> None:
    for certificate in (world.root.certificate, *(key.certificate for key in world.keys.values())):
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert "测试" in str(name.value)
    assert "零跑办测试根证书（测试）" in world.root.certificate.subject.rfc4514_string()


@pytest.mark.parametrize("purpose", [*world.keys])
def test_profiles(purpose: Purpose) -> None:
    certificate = world.keys[purpose].certificate
    extensions = certificate.extensions
    assert is_issued_by(certificate, world.root.certificate) and not is_issued_by(world.root.certificate, certificate)
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical and constraints.value.ca is (purpose is Purpose.CITIZEN)
    usage = _usage(certificate)
    assert usage.digital_signature is (purpose is not Purpose.CITIZEN) and usage.key_cert_sign is (purpose is Purpose.CITIZEN)
    assert usage.content_commitment is (purpose in (Purpose.SEAL, Purpose.TIMESTAMP))
    key_id = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert key_id == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    root_id = world.root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == root_id
    present = {extension.oid for extension in extensions}
    assert x509.CRLDistributionPoints.oid not in present and x509.AuthorityInformationAccess.oid not in present
    assert [use for use in Purpose if is_for(certificate, use)] == ([purpose] if purpose in _WITH_OWN_USE else [])


_WITH_OWN_USE = (Purpose.LICENCE, Purpose.PRESENTATION, Purpose.STATUS, Purpose.TRUST)


def test_the_timestamp_authority_does_nothing_else() -> None:
    """RFC 3161 section 2.3: one extended usage, critical."""
    extension = world.keys[Purpose.TIMESTAMP].certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert extension.critical and list(extension.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_a_citizens_certificate() -> None:
    issuer = world.keys[Purpose.CITIZEN]
    identity = issue_for_citizen(issuer, name="王秀英", masked_id="3101**********0026", evidence_sha256=b"\x07" * 32, now=NOW, minutes=10)
    certificate = identity.certificate
    assert evidence_of(certificate) == b"\x07" * 32 and evidence_of(issuer.certificate) is None
    assert certificate.not_valid_before_utc == NOW - timedelta(minutes=1) and certificate.not_valid_after_utc == NOW + timedelta(minutes=10)
    assert is_issued_by(certificate, issuer.certificate) and not is_issued_by(certificate, world.root.certificate)
    assert identity.chain == (issuer.certificate, world.root.certificate)
    subject = certificate.subject.rfc4514_string()
    assert "王秀英" in subject and "3101**********0026" in subject and "测试" in subject
    extension = certificate.extensions.get_extension_for_oid(EVIDENCE_OID)
    assert not extension.critical and isinstance(extension.value, x509.UnrecognizedExtension)
    assert extension.value.value == b"\x04\x20" + b"\x07" * 32
    assert _usage(certificate).content_commitment


@pytest.mark.parametrize(("masked", "digest"), [("310115199001010026", bytes(32)), ("3101****0026", bytes(31)), ("3101****0026", b"")])
def test_citizens_certificates_that_are_not_made(masked: str, digest: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        issue_for_citizen(world.keys[Purpose.CITIZEN], name="王秀英", masked_id=masked, evidence_sha256=digest, now=NOW)
    assert masked not in str(caught.value)


def test_an_end_certificate_is_no_issuer() -> None:
    seal = world.keys[Purpose.SEAL]
    fake = issue_for_citizen(seal, name="甲", masked_id="1***2", evidence_sha256=bytes(32), now=NOW)
    assert not is_issued_by(fake.certificate, seal.certificate)


def test_long_names_are_cut_between_characters() -> None:
    name = "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县市场监督管理局行政审批服务中心"
    identity = issue_for_authority(world.root, Purpose.SEAL, code=CODE, name=name, now=NOW, life=timedelta(days=1))
    (organisation,) = identity.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert name.startswith(str(organisation.value)) and len(str(organisation.value)) == 21
    assert "电子印章（测试）" in identity.certificate.subject.rfc4514_string()


def test_a_certificate_never_outlives_its_issuer_and_a_root_is_not_issued() -> None:
    late = issue_for_authority(world.root, Purpose.SEAL, code=CODE, name=NAME, now=NOW, life=timedelta(days=9_999))
    assert late.certificate.not_valid_after_utc == world.root.certificate.not_valid_after_utc
    with pytest.raises(ValueError):
        issue_for_authority(world.root, Purpose.ROOT, code=CODE, name=NAME, now=NOW, life=timedelta(days=1))


def test_kid_is_the_head_of_the_fingerprint() -> None:
    certificate = world.root.certificate
    assert kid_of(certificate) == hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()[:8]


def test_a_revocation_address_is_named_only_where_there_is_one() -> None:
    """RFC 5280 section 4.2.1.13; `test_profiles` has the case without."""
    url, issuer = "https://hall.example/api/open/crls/", world.keys[Purpose.CITIZEN]
    seal = issue_for_authority(world.root, Purpose.SEAL, code=CODE, name=NAME, now=NOW, life=timedelta(days=1), crl_url=url)
    citizen = issue_for_citizen(issuer, name="甲", masked_id="1***2", evidence_sha256=bytes(32), now=NOW, crl_url=url)
    for identity, by in ((seal, world.root), (citizen, issuer)):
        extension = identity.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
        (point,) = extension.value
        assert not extension.critical and point.full_name is not None
        assert [name.value for name in point.full_name] == [f"https://hall.example/api/open/crls/{kid_of(by.certificate).hex()}.crl"]
