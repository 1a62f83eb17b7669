"""Distinguished encoding (ITU-T X.690 sections 8, 10, 11) checked on the bytes, so that no value has a second spelling."""

from __future__ import annotations

import re

from esign.pdf_verification.verdict import Doubt, Sub

MAX_DEPTH = 24
_CONSTRUCTED, _CLASS, _NUMBER = 0x20, 0xC0, 0x1F
_BOOLEAN, _INTEGER, _BIT_STRING, _NULL, _OID, _ENUMERATED, _SEQUENCE, _SET, _UTC_TIME, _TIME = 1, 2, 3, 5, 6, 10, 16, 17, 23, 24
_UTC_FORM = re.compile(rb"\d{12}Z\Z")
_TIME_FORM = re.compile(rb"\d{14}(\.\d*[1-9])?Z\Z")


def _need(condition: bool, detail: str) -> None:
    if not condition:
        raise Doubt(Sub.FORMAT_FAILURE, detail)


def read_header(data: bytes, start: int, end: int) -> tuple[int, int, int]:
    """(tag octet, start of the content, end of the content) of the value at `start`. Raises Doubt for any but the shortest form."""
    _need(end - start >= 2, "a value is cut off")
    tag, first = data[start], data[start + 1]
    _need(tag & _NUMBER != _NUMBER, "a tag of several octets")
    body, size = start + 2, first
    if first >= 0x80:
        count = first & 0x7F
        _need(1 <= count <= 3 and end - body >= count, "an impossible length")
        size = int.from_bytes(data[body : body + count], "big")
        _need(size >= 0x80 and data[body] != 0, "a length not in the shortest form")
        body += count
    _need(body + size <= end, "a value is cut off")
    return tag, body, body + size


def _is_oid(body: bytes) -> bool:
    """No subidentifier is cut off or begins with a filler octet."""
    return bool(body) and body[-1] < 0x80 and all(octet != 0x80 or (index and body[index - 1] >= 0x80) for index, octet in enumerate(body))


def _is_integer(body: bytes) -> bool:
    return bool(body) and (len(body) == 1 or not (body[0] == 0 and body[1] < 0x80 or body[0] == 0xFF and body[1] >= 0x80))


def _is_bit_string(body: bytes) -> bool:
    """The unused bits at the end are fewer than eight, and zero."""
    return body == b"\0" or (len(body) > 1 and body[0] < 8 and not body[-1] & ((1 << body[0]) - 1))


def _check_primitive(number: int, body: bytes) -> None:
    wrong = {
        _BOOLEAN: body not in (b"\0", b"\xff"),
        _NULL: body != b"",
        _UTC_TIME: not _UTC_FORM.match(body),
        _TIME: not _TIME_FORM.match(body),
    }
    fine = not wrong.get(number, False)
    if number in (_INTEGER, _ENUMERATED):
        fine = _is_integer(body)
    elif number == _OID:
        fine = _is_oid(body)
    elif number == _BIT_STRING:
        fine = _is_bit_string(body)
    _need(fine, "a value is not in its one spelling")


def _check(data: bytes, start: int, end: int, depth: int) -> int:
    _need(depth < MAX_DEPTH, "nested too deep")
    tag, body, stop = read_header(data, start, end)
    number, is_universal, is_constructed = tag & _NUMBER, tag & _CLASS == 0, bool(tag & _CONSTRUCTED)
    if is_universal:
        _need(number != 0 and is_constructed == (number in (_SEQUENCE, _SET)), "a value of the wrong form")
    if not is_constructed:
        if is_universal:
            _check_primitive(number, data[body:stop])
        return stop
    previous = b""
    while body < stop:
        following = _check(data, body, stop, depth + 1)
        member = data[body:following]
        _need(not (is_universal and number == _SET) or member > previous, "a set out of order")
        previous, body = member, following
    return stop


def check_der(data: bytes) -> None:
    """That `data` is exactly one value in DER. Raises Doubt."""
    _need(_check(data, 0, len(data), 0) == len(data), "something follows the value")


def children(value: bytes, tag: int) -> list[bytes]:
    """The members of a constructed value whose tag octet must be `tag`, each with its header. Raises Doubt."""
    found, body, stop = read_header(value, 0, len(value))
    _need(found == tag, "another type than the structure asks for")
    members: list[bytes] = []
    while body < stop:
        _, _, following = read_header(value, body, stop)
        members.append(value[body:following])
        body = following
    return members


def content(value: bytes, tag: int) -> bytes:
    """The content octets of a value whose tag octet must be `tag`. Raises Doubt."""
    found, body, stop = read_header(value, 0, len(value))
    _need(found == tag, "another type than the structure asks for")
    return value[body:stop]
