"""Issue 5, must show 1 (R53, R54): what we sign is judged by poppler's pdfsig, MuPDF's mutool and OpenSSL, at each level."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from esign.pdf_verification.revisions import place_signatures
from tests.factories.documents import CREATED_AT
from tests.factories.signed_documents import Signers

Tool = Callable[[str], str]
LEVELS = ["B-B", "B-T", "B-LT", "B-LTA"]


@pytest.fixture(scope="module")
def signers() -> Signers:
    return Signers()


@pytest.fixture(scope="module")
def licences(signers: Signers) -> dict[str, bytes]:
    async def make() -> dict[str, bytes]:
        lists = signers.authority.crls(CREATED_AT)
        at_once = await signers.licence(crls=lists)
        return {
            "B-B": await signers.licence(has_timestamp=False),
            "B-T": await signers.licence(),
            "B-LT": at_once,
            "B-LTA": await signers.kept(at_once),
        }

    return asyncio.run(make())


@pytest.fixture
def place(tmp_path: Path, signers: Signers) -> Path:
    (tmp_path / "root.pem").write_bytes(signers.authority.root.public_bytes(Encoding.PEM))
    return tmp_path


def _run(place: Path, *command: str) -> str:
    """What the program says, on both channels."""
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def _changed(pdf: bytes) -> bytes:
    return pdf[:20_000] + bytes([pdf[20_000] ^ 1]) + pdf[20_001:]


def _split(pdf: bytes, place: Path, index: int) -> None:
    """Write the signature at `index` and the bytes it speaks of."""
    placed = place_signatures(pdf, PdfFileReader(BytesIO(pdf)))[index]
    start, gap, resume, rest = (int(item) for item in placed.field_reference.get_object()["/V"]["/ByteRange"])
    (place / "signature.der").write_bytes(placed.cms)
    (place / "content").write_bytes(pdf[start:gap] + pdf[resume : resume + rest])


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _cms(place: Path, openssl: str, at: datetime) -> str:
    files = ("-in", "signature.der", "-content", "content", "-CAfile", "root.pem", "-out", "out")
    return _run(place, openssl, "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-attime", _seconds(at), *files)


@pytest.mark.parametrize("level", LEVELS)
def test_pdfsig_calls_it_valid_and_trusted(licences: dict[str, bytes], place: Path, tool: Tool, level: str) -> None:
    pdfsig, certutil, store = tool("pdfsig"), tool("certutil"), f"sql:{place / 'nss'}"
    (place / "nss").mkdir()
    _run(place, certutil, "-N", "-d", store, "--empty-password")
    _run(place, certutil, "-A", "-d", store, "-n", "root", "-t", "CT,CT,CT", "-i", "root.pem")
    (place / "licence.pdf").write_bytes(licences[level])
    told = _run(place, pdfsig, "-nssdir", store, "licence.pdf")
    seal, _, archive = told.partition("Signature #2")
    assert "Signature is Valid." in seal and "Certificate is Trusted." in seal
    # What a document timestamp covers, poppler shows; whether it holds, this version cannot say.
    assert "Total document signed" in (archive if level == "B-LTA" else seal)
    (place / "licence.pdf").write_bytes(_changed(licences[level]))
    assert "Digest Mismatch." in _run(place, pdfsig, "-nssdir", store, "licence.pdf")


@pytest.mark.parametrize("level", LEVELS)
def test_mutool_calls_it_unchanged(licences: dict[str, bytes], place: Path, tool: Tool, level: str) -> None:
    """MuPDF has no way to be told an authority, and counts an archive timestamp as an edit, as any update."""
    mutool = tool("mutool")
    (place / "licence.pdf").write_bytes(licences[level])
    told = _run(place, mutool, "sign", "-v", "licence.pdf")
    good = (
        "The signature is valid but there have been edits since signing."
        if level == "B-LTA"
        else "The document is unchanged since signing."
    )
    assert "临江市市场监督管理局" in told and good in told
    (place / "licence.pdf").write_bytes(_changed(licences[level]))
    told = _run(place, mutool, "sign", "-v", "licence.pdf")
    assert good not in told and "Signature invalidated by change to document." in told


@pytest.mark.parametrize("level", LEVELS)
def test_openssl_verifies_the_extracted_signature(licences: dict[str, bytes], place: Path, tool: Tool, level: str) -> None:
    openssl = tool("openssl")
    _split(licences[level], place, 0)
    assert "CMS Verification successful" in _cms(place, openssl, CREATED_AT)
    (place / "content").write_bytes(_changed((place / "content").read_bytes()))
    assert "CMS Verification failure" in _cms(place, openssl, CREATED_AT)


def test_openssl_verifies_a_citizens_signature_and_its_chain(signers: Signers, place: Path, tool: Tool) -> None:
    openssl = tool("openssl")
    pdf = asyncio.run(signers.sign(signers.blank_commitment(), "signer-1", "陈𠮷祥"))
    _split(pdf, place, 0)
    assert "CMS Verification successful" in _cms(place, openssl, CREATED_AT)
    assert "certificate has expired" in _cms(place, openssl, CREATED_AT + timedelta(hours=1))


def test_openssl_verifies_the_archive_timestamp(licences: dict[str, bytes], place: Path, tool: Tool) -> None:
    openssl = tool("openssl")
    _split(licences["B-LTA"], place, 1)
    files = ("-data", "content", "-in", "signature.der", "-token_in", "-CAfile", "root.pem", "-attime", _seconds(CREATED_AT))
    assert "Verification: OK" in _run(place, openssl, "ts", "-verify", *files)
    (place / "content").write_bytes(_changed((place / "content").read_bytes()))
    assert "Verification: FAILED" in _run(place, openssl, "ts", "-verify", *files)


def test_openssl_reads_our_revocation_lists(signers: Signers, place: Path, tool: Tool) -> None:
    openssl = tool("openssl")
    seal = signers.authority.seal()
    (place / "seal.pem").write_bytes(seal.certificate.public_bytes(Encoding.PEM))
    for revoked, word in (({}, "seal.pem: OK"), ({seal.certificate: CREATED_AT}, "certificate revoked")):
        (place / "list.der").write_bytes(signers.authority.crls(CREATED_AT, revoked=revoked)[0])
        _run(place, openssl, "crl", "-inform", "DER", "-in", "list.der", "-out", "list.pem")
        check = ("-crl_check", "-CRLfile", "list.pem", "-CAfile", "root.pem", "-attime", _seconds(CREATED_AT + timedelta(hours=1)))
        assert word in _run(place, openssl, "verify", *check, "seal.pem")
