"""A small RFC 3161 time-stamping authority as one pure function: request bytes in, response bytes out. Never raises on a request."""

from __future__ import annotations

import secrets
from datetime import UTC
from typing import Any

from asn1crypto import algos, cms, core, parser, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from core.clock import Clock
from esign.signer import SigningIdentity

POLICY = "1.2.156.3005.2.99.1"
"""Policy of the development authority: no accuracy promised beyond one second, no audit. Not a qualified timestamp."""

CONTENT_TYPE_REQUEST = "application/timestamp-query"
CONTENT_TYPE_RESPONSE = "application/timestamp-reply"
MAX_REQUEST_BYTES = 4096
_DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}


class _Refused(Exception):
    def __init__(self, failure: str, text: str) -> None:
        self.failure = failure
        self.text = text
        super().__init__(failure)


def _failure(failure: str, text: str) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": [text], "fail_info": {failure}})
    # The token is optional in RFC 3161 but mandatory in asn1crypto's TimeStampResp.
    return bytes(parser.emit(0, 1, 16, status.dump()))


def _parse(request_der: bytes) -> Any:
    """The request, or _Refused with a PKIFailureInfo of RFC 3161 section 2.4.2."""
    if len(request_der) > MAX_REQUEST_BYTES:
        raise _Refused("bad_data_format", "request too long")
    try:
        request = tsp.TimeStampReq.load(request_der, strict=True)
        version = request["version"].native
        algorithm = request["message_imprint"]["hash_algorithm"]["algorithm"].native
        digest = request["message_imprint"]["hashed_message"].native
        policy = request["req_policy"].native
        extensions = request["extensions"].native
        request["nonce"].native, request["cert_req"].native  # asn1crypto parses lazily
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise _Refused("bad_data_format", "the request is not a TimeStampReq") from error
    if version != "v1":
        raise _Refused("bad_request", "unknown version")
    if algorithm not in _DIGEST_SIZES:
        raise _Refused("bad_alg", "use SHA-256, SHA-384 or SHA-512")
    if not isinstance(digest, bytes) or len(digest) != _DIGEST_SIZES[algorithm]:
        raise _Refused("bad_data_format", "the digest has the wrong length")
    if policy is not None and policy != POLICY:
        raise _Refused("unaccepted_policy", "unknown policy")
    if extensions:
        raise _Refused("unaccepted_extensions", "no extension is supported")
    return request


def _asn1(certificate: x509.Certificate) -> Any:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _attribute(kind: str, value: Any) -> Any:
    return cms.CMSAttribute({"type": kind, "values": (value,)})


def _digest(data: bytes) -> bytes:
    md = hashes.Hash(hashes.SHA256())
    md.update(data)
    return md.finalize()


def _token(info: bytes, signer: SigningIdentity, *, with_certificates: bool) -> Any:
    certificate = _asn1(signer.certificate)
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    ess = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": _digest(certificate.dump())})]})
    signed_attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "tst_info"),
            _attribute("message_digest", _digest(info)),
            _attribute("signing_certificate_v2", ess),
        ]
    )
    signer_info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}},
        ),
        "digest_algorithm": sha256,
        "signed_attrs": signed_attributes,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        "signature": signer.private_key.sign(signed_attributes.dump(), ec.ECDSA(hashes.SHA256())),
    }
    signed_data = {
        "version": "v3",
        "digest_algorithms": [sha256],
        "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info)},
        "signer_infos": [signer_info],
    }
    if with_certificates:
        issuers = [_asn1(item) for item in signer.chain if item.subject != item.issuer]
        signed_data["certificates"] = [cms.CertificateChoices("certificate", item) for item in (certificate, *issuers)]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed_data)})


def answer(request_der: bytes, *, signer: SigningIdentity, clock: Clock) -> bytes:
    """A DER TimeStampResp for a DER TimeStampReq (RFC 3161 section 2.4). A bad request gets a rejection with its PKIFailureInfo.

    The nonce is echoed, `certReq` decides whether certificates are in the token. Raises ValueError only when `signer` is no
    time-stamping certificate (its sole, critical extended key usage must be timeStamping, section 2.3): a mistake of the operator.
    """
    usage = signer.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("the certificate is not for time-stamping alone")
    try:
        request = _parse(request_der)
    except _Refused as refusal:
        return _failure(refusal.failure, refusal.text)
    info: dict[str, Any] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": request["message_imprint"],
        "serial_number": secrets.randbits(63) | 1 << 62,
        "gen_time": core.GeneralizedTime(clock.now().astimezone(UTC).replace(microsecond=0)),
        "accuracy": tsp.Accuracy({"seconds": 1}),
    }
    if request["nonce"].native is not None:
        info["nonce"] = request["nonce"]
    token = _token(tsp.TSTInfo(info).dump(), signer, with_certificates=bool(request["cert_req"].native))
    response = {"status": tsp.PKIStatusInfo({"status": "granted"}), "time_stamp_token": token}
    return bytes(tsp.TimeStampResp(response).dump())
