"""From a signer's certificate to an anchor (RFC 5280 section 6, the part a closed hierarchy needs), with nothing left over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from esign.pdf_verification.verdict import Doubt, Sub

MAX_PATH = 5
_UNDERSTOOD = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE}


def _is_issuer(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if issuer.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _grow(
    path: list[x509.Certificate], others: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> list[x509.Certificate] | None:
    last = path[-1]
    if last in anchors:
        return path
    for candidate in (*anchors, *others):
        if candidate not in path and len(path) < MAX_PATH and _is_issuer(candidate, last):
            grown = _grow([*path, candidate], others, anchors)
            if grown is not None:
                return grown
    return None


def find_path(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    known: Sequence[x509.Certificate] = (),
) -> list[x509.Certificate]:
    """The certificates from the signer's to an anchor's, both included; `others` came along with the signature, `known` otherwise.

    Raises Doubt where there is no path, or where it does not need one of the `others`.
    """
    path = _grow([certificate], (*others, *known), anchors)
    if path is None:
        raise Doubt(Sub.NO_CERTIFICATE_CHAIN_FOUND, "no chain to an anchor")
    if any(item not in path for item in others):
        raise Doubt(Sub.FORMAT_FAILURE, "a certificate that belongs to no chain came along")
    return path


def _constraint(detail: str) -> Doubt:
    return Doubt(Sub.CHAIN_CONSTRAINTS_FAILURE, detail)


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _check_authority(certificate: x509.Certificate, below: int) -> None:
    """`below`: how many authorities the path has under this one."""
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        raise _constraint("an issuer is no authority") from None
    usage = _key_usage(certificate)
    if not basic.ca or usage is None or not usage.key_cert_sign:
        raise _constraint("an issuer is no authority")
    if basic.path_length is not None and basic.path_length < below:
        raise _constraint("the chain is longer than an authority allows")


def _check_leaf(certificate: x509.Certificate, *, for_timestamps: bool) -> None:
    try:
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        purposes, is_critical = list(extended.value), extended.critical
    except x509.ExtensionNotFound:
        purposes, is_critical = [], False
    usage = _key_usage(certificate)
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        raise _constraint("the key may not sign")
    if for_timestamps and (purposes != [ExtendedKeyUsageOID.TIME_STAMPING] or not is_critical):
        raise _constraint("the key may not make timestamps")
    if not for_timestamps and ExtendedKeyUsageOID.TIME_STAMPING in purposes:
        raise _constraint("a time-stamping key signed the document")
    if not for_timestamps and usage.key_cert_sign:
        raise _constraint("an authority's key signed the document")


def check_path(path: Sequence[x509.Certificate], *, at: datetime, for_timestamps: bool) -> None:
    """Constraints of every certificate, and validity of all at `at` (aware). Raises Doubt."""
    for index, certificate in enumerate(path):
        if any(item.critical and item.oid not in _UNDERSTOOD for item in certificate.extensions):
            raise _constraint("a critical extension is not understood")
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise Doubt(Sub.OUT_OF_BOUNDS_NO_POE, "a certificate was not valid at the time")
        if index:
            _check_authority(certificate, below=index - 1)
    _check_leaf(path[0], for_timestamps=for_timestamps)
