"""A credential as the address in a QR code: `https://<host>/v#<digits>`.

Any camera app opens the verify page, and what stands behind `#` never reaches a server's log. The digits are one decimal number whose
bytes are `version | raw DEFLATE (RFC 1951) of the credential`, pressed with the preset dictionary of that version. Decimal digits cost
a QR code 3⅓ bits each, so a byte costs 8.03 bits where base64 would cost 10.7.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from importlib.resources import files

from esign.credentials import cwt
from esign.errors import CredentialMalformed

VERSION = 1
"""What new codes are packed with. A published dictionary never changes: printed codes need it. Add the next version instead."""

DICTIONARIES = {1: "1.bin"}
MAX_DIGITS = 4_296
_ADDRESS = re.compile(r"(?:https?://[A-Za-z0-9.:\[\]-]{1,255}/v#)?([1-9][0-9]{0,4295})", re.ASCII)


@cache
def dictionary(version: int) -> bytes:
    """Raises CredentialMalformed for a version from the future."""
    if version not in DICTIONARIES:
        raise CredentialMalformed("packed with an unknown dictionary")
    return files(__package__).joinpath("dictionaries", DICTIONARIES[version]).read_bytes()


def pack(credential: bytes) -> str:
    """The digits. Raises ValueError for a credential too large for any QR code."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary(VERSION))
    packed = bytes([VERSION]) + press.compress(credential) + press.flush()
    if len(packed) > 1_700:
        raise ValueError("too large for a QR code")
    return str(int.from_bytes(packed, "big"))


def address(credential: bytes, host: str) -> str:
    return f"https://{host}/v#{pack(credential)}"


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text.strip()) is not None


def unpack(text: str) -> bytes:
    """The credential in a QR code's text: an address of any host, or bare digits. Inflates to a cap. Raises CredentialMalformed."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise CredentialMalformed("not the address of a credential")
    number = int(match[1])
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    press = zlib.decompressobj(-15, dictionary(packed[0]))
    try:
        credential = press.decompress(packed[1:], cwt.MAX_BYTES)
    except zlib.error as error:
        raise CredentialMalformed("not DEFLATE") from error
    if not press.eof or press.unused_data or press.unconsumed_tail:
        raise CredentialMalformed("cut off, too large, or bytes behind the end")
    return credential
