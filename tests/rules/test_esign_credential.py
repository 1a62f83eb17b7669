"""The licence credential: claims, packing, QR."""

from __future__ import annotations

import hashlib
import io
import random
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from esign.authority import Purpose
from esign.credentials import build_dictionary, cbor, cose, cwt, packing, qr
from esign.credentials.cwt import LicenceClaims, StatusReference
from esign.credentials.vocabulary import believable
from esign.errors import CredentialMalformed, CredentialTooLarge, QrUnreadable
from tests.factories.credentials import CLAIMS, NOW, World

world = World()
HOST = "zwfw.example.gov.cn"

text = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=120)
moment = st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1)).map(lambda value: value.replace(microsecond=0, tzinfo=UTC))
day = st.dates(date(1970, 1, 1), date(9999, 12, 31))
claims_of_any_kind = st.builds(
    LicenceClaims,
    issuer=text,
    issued_at=moment,
    licence_id=text,
    licence_type=text,
    expires_at=st.none() | moment,
    holder_name=st.none() | text,
    holder_uscc=st.none() | text,
    address=st.none() | text,
    scope=st.none() | text,
    legal_person=st.none() | text,
    issued_on=st.none() | day,
    valid_from=st.none() | day,
    valid_until=st.none() | day,
    status=st.none() | st.builds(StatusReference, uri=text, idx=st.integers(0, 2**40)),
)


@given(claims_of_any_kind)
@settings(max_examples=60, deadline=None)
def test_claims_survive_the_whole_way(claims: LicenceClaims) -> None:
    credential = cwt.issue(claims, world.keys[Purpose.LICENCE])
    message = cose.decode(packing.unpack(packing.address(credential, HOST)), limit=cwt.MAX_BYTES)
    assert message.is_signed_by(world.keys[Purpose.LICENCE].certificate.public_key())
    assert cwt.decode(message.payload) == claims


def test_claims_use_the_registered_keys() -> None:
    body = cbor.decode(cwt.encode(CLAIMS), limit=10_000)
    assert body[1] == CLAIMS.issuer and body[6] == int(CLAIMS.issued_at.timestamp())
    assert body[65535] == {"status_list": {"idx": 77, "uri": "https://zwfw.example.gov.cn/status-lists/1"}}
    assert body[-65537][8] == 20513  # 2026-03-01


def _changed(**parts: Any) -> bytes:
    body = cbor.decode(cwt.encode(CLAIMS), limit=10_000)
    body[-65537].update({int(key[1:]): value for key, value in parts.items() if key.startswith("f")})
    body.update({int(key[1:].replace("_", "-")): value for key, value in parts.items() if key.startswith("c")})
    return cbor.encode({key: value for key, value in body.items() if value is not None})


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        cbor.encode([]),
        cbor.encode({}),
        _changed(c1=None),
        _changed(c6=None),
        _changed(c1=5),
        _changed(c1=""),
        _changed(c6="now"),
        _changed(c6=-1),
        _changed(c6=2**63),
        _changed(c4=True),
        _changed(c5=1),
        _changed(c_65537=[]),
        _changed(c65535={"status_list": {"idx": -1, "uri": "x"}}),
        _changed(c65535={"status_list": {"idx": 1}}),
        _changed(c65535={"status_list": {"idx": 1, "uri": "x", "more": 1}}),
        _changed(f1=7),
        _changed(f3="x" * 2_001),
        _changed(f8="2026-03-01"),
        _changed(f8=2**40),
        _changed(f11="unknown"),
    ],
)
def test_claims_of_another_shape_are_refused(payload: bytes) -> None:
    with pytest.raises(CredentialMalformed):
        cwt.decode(payload)


def test_a_shown_code_holds_only_what_was_consented() -> None:
    shown = cwt.present(CLAIMS, frozenset({"holder_name"}), world.keys[Purpose.PRESENTATION], now=NOW, seconds=90)
    claims = cwt.decode(cose.decode(shown, limit=9_000).payload)
    assert claims.holder_name == CLAIMS.holder_name and claims.status == CLAIMS.status
    hidden = (claims.holder_uscc, claims.address, claims.scope, claims.legal_person, claims.valid_until)
    assert hidden == (None,) * 5
    assert CLAIMS.legal_person is not None and CLAIMS.legal_person.encode() not in shown
    assert claims.expires_at == NOW + timedelta(seconds=90)
    assert int(qr.make(shown, HOST).version) <= 12


@pytest.mark.parametrize(("shown", "seconds"), [({"holder_name"}, 59), ({"holder_name"}, 121), ({"password"}, 90), ({"issuer"}, 90)])
def test_a_shown_code_refuses_odd_wishes(shown: set[str], seconds: int) -> None:
    with pytest.raises(ValueError):
        cwt.present(CLAIMS, frozenset(shown), world.keys[Purpose.PRESENTATION], now=NOW, seconds=seconds)


def test_a_shown_code_never_outlives_the_licence() -> None:
    key = world.keys[Purpose.PRESENTATION]
    ending = msgspec.structs.replace(CLAIMS, expires_at=NOW + timedelta(seconds=10))
    shown = cwt.present(ending, frozenset(), key, now=NOW, seconds=90)
    assert cwt.decode(cose.decode(shown, limit=9_000).payload).expires_at == ending.expires_at
    with pytest.raises(ValueError):
        cwt.present(msgspec.structs.replace(CLAIMS, expires_at=NOW), frozenset(), key, now=NOW, seconds=90)


def test_a_published_dictionary_never_changes() -> None:
    """Codes that hang on walls need it; a better one is a new version."""
    assert hashlib.sha256(packing.dictionary(1)).hexdigest() == DICTIONARY_1
    assert build_dictionary.build() == packing.dictionary(1)


DICTIONARY_1 = "2b270fbeec12e1fe01fa42739607e393ec6408a5dd619bc4115e29353bf89b2a"


def test_codes_stay_small() -> None:
    rng = random.Random(99)
    versions = [int(qr.make(cwt.issue(believable(rng), world.keys[Purpose.LICENCE]), HOST).version) for _ in range(20)]
    assert max(versions) <= 18, versions
    # Words that no dictionary knows: 187 characters, as in a long business scope.
    unknown = "".join(chr(rng.randrange(0x4E00, 0x9FA0)) for _ in range(187))
    strange = cwt.issue(msgspec.structs.replace(CLAIMS, scope=unknown), world.keys[Purpose.LICENCE])
    assert int(qr.make(strange, HOST).version) <= 25


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://zwfw.example.gov.cn/v#",
        "https://zwfw.example.gov.cn/v#12a",
        "https://zwfw.example.gov.cn/w#123",
        "javascript:123",
        "https://a/v#0123",
        "１２３",
        "9" * 4_297,
        "5",
        "-5",
        "https://zwfw.example.gov.cn/v#" + "7" * 300,
    ],
)
def test_addresses_that_hold_no_credential(address: str) -> None:
    with pytest.raises(CredentialMalformed):
        packing.unpack(address)


def _packed(body: bytes, version: int = 1) -> str:
    return str(int.from_bytes(bytes([version]) + body, "big"))


def _pressed(data: bytes, dictionary: bytes = b"") -> bytes:
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary)
    return press.compress(data) + press.flush()


def test_a_bomb_is_not_inflated() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = bomb.compress(bytes(1_300_000)) + bomb.flush()
    assert len(body) < 1_700
    with pytest.raises(CredentialMalformed):
        packing.unpack(_packed(body))


def test_cut_trailing_and_future_versions_are_refused() -> None:
    credential = world.credential()
    good = _pressed(credential, packing.dictionary(1))
    assert packing.unpack(_packed(good)) == credential
    for body, version in ((good[:-1], 1), (good + b"\0", 1), (good, 2), (good, 255)):
        with pytest.raises(CredentialMalformed):
            packing.unpack(_packed(body, version))


def test_an_untouched_address_still_unpacks() -> None:
    credential = world.credential()
    assert packing.unpack(packing.pack(credential)) == credential
    assert packing.unpack(f" {packing.address(credential, '127.0.0.1:8000')}\n") == credential


def test_a_credential_too_large_for_a_camera() -> None:
    rng = random.Random(5)
    claims = msgspec.structs.replace(CLAIMS, scope="".join(chr(rng.randrange(0x4E00, 0x9FA0)) for _ in range(800)))
    with pytest.raises(CredentialTooLarge):
        qr.png(cwt.issue(claims, world.keys[Purpose.LICENCE]), HOST)


def test_the_picture_reads_back() -> None:
    credential = world.credential()
    png = qr.png(credential, HOST)
    assert packing.unpack(qr.read_qr(png)) == credential
    photo = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").rotate(7, expand=True, fillcolor="white").save(photo, "JPEG", quality=60)
    assert packing.unpack(qr.read_qr(photo.getvalue())) == credential
    assert qr.svg(credential, HOST).startswith("<svg")


def _image(size: tuple[int, int], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("1" if kind == "PNG" else "L", size, 1).save(out, kind)
    return out.getvalue()


def _two_codes(*credentials: bytes) -> bytes:
    pictures = [Image.open(io.BytesIO(qr.png(credential, HOST))) for credential in credentials]
    sheet = Image.new("L", (sum(picture.width for picture in pictures), max(picture.height for picture in pictures)), 255)
    left = 0
    for picture in pictures:
        sheet.paste(picture.convert("L"), (left, 0))
        left += picture.width
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "drawn",
    [
        lambda: b"",
        lambda: b"\x89PNG\r\n\x1a\n",
        lambda: b"GIF89a" + bytes(50),
        lambda: qr.png(world.credential(), HOST)[:-300],
        lambda: _image((40, 40)),
        lambda: _image((6_000, 6_000)),
        lambda: _image((30_000, 30_000)),
        lambda: bytes(11 * 1024 * 1024),
        lambda: _two_codes(world.credential(), world.credential(holder_name="另一家店")),
    ],
    ids=["empty", "head only", "gif", "cut", "no code", "36 megapixels", "900 megapixels", "11 MB", "two credentials"],
)
def test_pictures_without_one_readable_credential(drawn: Callable[[], bytes]) -> None:
    with pytest.raises(QrUnreadable):
        qr.read_qr(drawn())


def test_the_same_code_twice_is_one_credential() -> None:
    credential = world.credential()
    assert packing.unpack(qr.read_qr(_two_codes(credential, credential))) == credential


def test_the_dictionary_is_beside_the_code() -> None:
    assert Path(packing.__file__).with_name("dictionaries").joinpath("1.bin").stat().st_size < 32_768
