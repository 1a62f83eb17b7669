"""A stand-in for an authority of U-keys, and for the keys of the sandbox's people: what is signed with one is signed at once.

`POST /_sandbox/ukeys/sign` {"person", "message"} answers as the program beside a real key would: {"certificates", "signature"}, base64.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json

from sandbox.config import SandboxConfig
from sandbox.persons import Person, find_person
from sandbox.state import State

MARK = b"# zerotrip sandbox\n"
AUTHORITY_NAME = "模拟 U 盾机构（只供试用）"
_AUTHORITY_LIFE, _KEY_LIFE, _BEFORE = timedelta(days=3650), timedelta(days=30), timedelta(days=1)
_USES = ("crl_sign", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")


class Sign(msgspec.Struct):
    person: str
    message: str


def _name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


class Authority:
    """Its key lives as long as this process: every start is another authority."""

    def __init__(self, now: datetime) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _name((NameOID.COMMON_NAME, AUTHORITY_NAME))
        self.certificate = self._issued(self._subject, self._key, now, _AUTHORITY_LIFE, is_authority=True)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MARK + self.certificate.public_bytes(serialization.Encoding.PEM))

    def signed_by(self, person: Person, message: str, now: datetime) -> tuple[bytes, bytes]:
        """Certificate (DER) and signature of a key that this person has just been given."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name((NameOID.COMMON_NAME, person.name), (NameOID.SERIAL_NUMBER, person.id_number))
        certificate = self._issued(subject, key, now, _KEY_LIFE, is_authority=False)
        return certificate.public_bytes(serialization.Encoding.DER), key.sign(message.encode(), ec.ECDSA(hashes.SHA256()))

    def _issued(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta, *, is_authority: bool
    ) -> x509.Certificate:
        usage = x509.KeyUsage(digital_signature=not is_authority, key_cert_sign=is_authority, **dict.fromkeys(_USES, False))
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._subject).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - _BEFORE).not_valid_after(now + life)
        builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True).add_extension(usage, critical=True)
        return builder.sign(self._key, hashes.SHA256())


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("ukeys")
    authority = Authority(state.clock.now())
    if config.ukey_ca_path is not None:
        authority.write(config.ukey_ca_path)

    @bp.post("/_sandbox/ukeys/sign")
    async def sign(request: Request) -> HTTPResponse:
        try:
            asked = msgspec.json.decode(request.body, type=Sign)
        except msgspec.MsgspecError as error:
            return json({"error": str(error)}, status=422)
        person = find_person(asked.person)
        if person is None:
            return json({"error": "no such person"}, status=404)
        certificate, signature = authority.signed_by(person, asked.message, state.clock.now())
        return json({"certificates": [base64.b64encode(certificate).decode()], "signature": base64.b64encode(signature).decode()})

    return bp
