"""SM2 against the openssl command: what it signs we accept, what we sign it accepts, and keys and certificates go over too (R53)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from esign.algorithms import algorithm_for, libcrypto, sm2
from esign.algorithms.certificates import is_signed_by, public_key_of, verify_named
from esign.algorithms.encoding import der_from_raw, raw_from_der
from esign.algorithms.sm2_keys import Sm2PublicKey

SM2_SM3 = bytes.fromhex("300a06082a811ccf55018375")
MESSAGES = [b"", b"message digest", "零跑办".encode(), bytes(100_000)]
IDS = [libcrypto.DEFAULT_ID, b"ALICE123@YAHOO.COM", "某某局".encode()]


@dataclass
class OpenSsl:
    path: str
    folder: Path

    def __call__(self, *arguments: str) -> bytes:
        return subprocess.run([self.path, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60).stdout

    def write(self, name: str, data: bytes) -> str:
        (self.folder / name).write_bytes(data)
        return name


@pytest.fixture
def openssl(tool: Callable[[str], str], tmp_path: Path) -> OpenSsl:
    found = OpenSsl(tool("openssl"), tmp_path)
    try:
        found("ecparam", "-genkey", "-name", "SM2", "-noout", "-out", "key.pem")
    except subprocess.CalledProcessError:
        pytest.skip("this openssl was built without SM2")
    if not sm2.is_available():
        pytest.skip("no libcrypto with SM2 (Debian package libssl3)")
    found("pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-outform", "DER", "-out", "key.p8")
    found("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der")
    return found


def public_key(openssl: OpenSsl) -> Sm2PublicKey:
    return Sm2PublicKey.from_spki((openssl.folder / "public.der").read_bytes())


@pytest.mark.parametrize("signer_id", IDS)
@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_what_openssl_signs_we_accept(openssl: OpenSsl, message: bytes, signer_id: bytes) -> None:
    openssl.write("message", message)
    distid = f"hexdistid:{signer_id.hex()}"
    der = openssl("dgst", "-sm3", "-sign", "key.pem", "-sigopt", distid, "message")
    raw = raw_from_der(der)
    assert raw is not None
    assert libcrypto.require().verify(public_key(openssl), message, raw, signer_id)
    assert not libcrypto.require().verify(public_key(openssl), message + b"\0", raw, signer_id)
    assert not libcrypto.require().verify(public_key(openssl), message, raw, signer_id + b"\0")
    assert verify_named(SM2_SM3, public_key(openssl), message, der) is (signer_id == libcrypto.DEFAULT_ID)


@pytest.mark.parametrize("signer_id", IDS)
@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_what_we_sign_openssl_accepts(openssl: OpenSsl, message: bytes, signer_id: bytes) -> None:
    key = libcrypto.require().generate()
    openssl.write("ours.der", key.public_key().public_bytes_spki())
    openssl.write("message", message)
    openssl.write("signature", der_from_raw(libcrypto.require().sign(key, message, signer_id)))
    distid = f"hexdistid:{signer_id.hex()}"
    check = ["dgst", "-sm3", "-verify", "ours.der", "-keyform", "DER", "-signature", "signature", "-sigopt", distid, "message"]
    assert b"Verified OK" in openssl(*check)
    openssl.write("message", message + b"\0")
    with pytest.raises(subprocess.CalledProcessError):
        openssl(*check)


def test_keys_go_over_in_both_directions(openssl: OpenSsl) -> None:
    theirs = sm2.load_private_key((openssl.folder / "key.p8").read_bytes())
    assert theirs.public_key() == public_key(openssl)
    ours = libcrypto.require().generate()
    openssl.write("ours.p8", ours.private_bytes_pkcs8())
    assert openssl("pkey", "-inform", "DER", "-in", "ours.p8", "-pubout", "-outform", "DER") == ours.public_key().public_bytes_spki()
    with pytest.raises(Exception, match="not supported"):  # why this package reads them by itself
        load_pem_public_key(openssl("pkey", "-in", "key.pem", "-pubout"))


def test_certificates_of_an_authority_and_a_person(openssl: OpenSsl) -> None:
    distid = ("-sigopt", f"distid:{libcrypto.DEFAULT_ID.decode()}")
    openssl("req", "-x509", "-new", "-key", "key.pem", "-sm3", "-days", "9", "-subj", "/CN=root", *distid, "-out", "root.pem")
    openssl("ecparam", "-genkey", "-name", "SM2", "-noout", "-out", "person.pem")
    openssl("req", "-new", "-key", "person.pem", "-sm3", "-subj", "/CN=person", *distid, "-out", "person.csr")
    issue = ["x509", "-req", "-in", "person.csr", "-CA", "root.pem", "-CAkey", "key.pem", "-CAcreateserial", "-sm3", "-days", "9"]
    openssl(*issue, *distid, "-vfyopt", distid[1], "-out", "person.crt")
    root, person = (x509.load_pem_x509_certificate((openssl.folder / name).read_bytes()) for name in ("root.pem", "person.crt"))
    assert public_key_of(root) == public_key(openssl) != public_key_of(person)
    assert algorithm_for(public_key_of(person)).name == "SM2"
    assert is_signed_by(root, public_key_of(root)) and is_signed_by(person, public_key_of(root))
    assert not is_signed_by(person, public_key_of(person)) and not is_signed_by(root, public_key_of(person))


def test_a_certificate_under_another_identifier_is_not_taken_for_signed(openssl: OpenSsl) -> None:
    """Certificates are signed under the default one (GM/T 0009 section 10)."""
    openssl("req", "-x509", "-new", "-key", "key.pem", "-sm3", "-subj", "/CN=root", "-sigopt", "distid:other", "-out", "root.pem")
    certificate = x509.load_pem_x509_certificate((openssl.folder / "root.pem").read_bytes())
    assert not is_signed_by(certificate, public_key_of(certificate))


KINDS = {
    "rsa:2048": ["-sha256"],
    "rsa-pss": ["-sha256", "-pkeyopt", "rsa_keygen_bits:2048", "-sigopt", "rsa_pss_saltlen:32"],
    "ed25519": [],
    "ec": ["-sha256", "-pkeyopt", "ec_paramgen_curve:P-256"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_certificates_of_the_other_algorithms(tool: Callable[[str], str], tmp_path: Path, kind: str) -> None:
    openssl = OpenSsl(tool("openssl"), tmp_path)
    openssl("req", "-x509", "-newkey", kind, *KINDS[kind], "-noenc", "-keyout", "key.pem", "-subj", "/CN=root", "-out", "root.pem")
    certificate = x509.load_pem_x509_certificate((tmp_path / "root.pem").read_bytes())
    assert is_signed_by(certificate, public_key_of(certificate))
