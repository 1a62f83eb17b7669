"""CPU of issuing one licence through `hall.licences` (credential, QR, typst, seal with timestamp, vault, database, audit, event) against
typst, pyHanko and segno called directly for the same paper: prints one JSON line.

The direct way is a straight-line script as one would write it from the libraries' manuals, with their compiler, fonts, seal drawing and
keys kept warm and the same timestamp authority in the same process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import segno
import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from core import logs
from core.clock import SystemClock
from core.crypto import BlindIndex, FieldCipher
from core.db import Database
from core.isolation import Isolated
from core.storage import Vault, open_store
from esign.authority import Purpose
from esign.credentials import cwt, packing
from esign.documents.data import LicenceData, Line
from esign.documents.glyphs import FONT_FOLDER
from esign.documents.render import LICENCE, render_document
from esign.documents.seal import SealDesign, seal_picture
from esign.keys import KeyStore
from esign.publication.service import Publication
from esign.service import Esign, LicenceClaims
from esign.signer import SigningIdentity
from esign.timestamps.client import LocalTimestamper
from hall.licences.models import Licence
from hall.licences.service import GrantedCase, Licences

TARGET = 1.3
ROUNDS, PAPERS = 9, 3
HOST = "zwfw.example.gov.cn"
AUTHORITY, NAME = "11510104MB2F30000X", "锦川市市场监督管理局（测试）"
TEMPLATE = GrantedCase(
    case_id="",
    number="",
    holder_id="account_bench",
    office_id="office_bench",
    item_code="11510104MB2F30000X4000131016000",
    title="小餐饮食品经营备案证",
    document_class="licence",
    number_prefix="锦餐备",
    authority_code=AUTHORITY,
    authority_name=NAME,
    holder_name="锦川市老巷面馆",
    holder_uscc="91510104MA6ABCDE3X",
    legal_person="张伟",
    address="四川省锦川市示例路27号1层",
    scope="热食类食品制售（不含冷荤凉菜、生食类食品、裱花蛋糕）",
    fields={
        "经营者名称": "锦川市老巷面馆",
        "社会信用代码": "91510104MA6ABCDE3X",
        "负责人": "张伟",
        "经营场所": "四川省锦川市示例路27号1层",
    },
    granted_on=date(2026, 11, 23),
    valid_until=date(2031, 11, 22),
)


class _Granted:
    async def granted(self, case_id: str) -> GrantedCase | None:
        return replace(TEMPLATE, case_id=case_id)


class _Direct:
    """The three libraries and nothing else."""

    def __init__(self, claims: LicenceClaims, licence: SigningIdentity, seal: SigningIdentity, timestamper: LocalTimestamper) -> None:
        self._claims, self._licence, self._timestamper = claims, licence, timestamper
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        key = seal.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        certificate = asn1_x509.Certificate.load(seal.certificate.public_bytes(Encoding.DER))
        self._signer = signers.SimpleSigner(certificate, asn1_keys.PrivateKeyInfo.load(key), registry)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)])
        self._compiler = typst.Compiler(str(LICENCE), root=str(LICENCE.parent), font_paths=fonts, ignore_system_fonts=True)
        drawing = seal_picture(SealDesign(NAME, "电子证照专用章", AUTHORITY[-13:]), "pdf", datetime(2026, 11, 23, tzinfo=UTC))
        self._seal = Path(tempfile.mkdtemp()) / "seal.pdf"
        self._seal.write_bytes(drawing)
        self._box: Any = None

    async def issue(self) -> bytes:
        credential = cwt.issue(self._claims, self._licence)
        head, digits = packing.address(credential, HOST).split("#")
        out = BytesIO()
        segments: Any = [head + "#", digits]
        segno.make(segments, error="m", mask=4, micro=False, boost_error=False).save(out, kind="svg", xmldecl=False)
        data = _paper(out.getvalue().decode())
        if self._box is None:
            self._box = render_document(LICENCE, data, created_at=datetime.now(UTC)).boxes["seal"].rectangle
        files = [{"name": "licence.cwt", "media_type": "application/cwt", "content": list(credential)}]
        inputs = {
            "data": json.dumps({**msgspec.to_builtins(data), "missing_characters": 0}, ensure_ascii=False),
            "attachments": json.dumps(files),
        }
        pdf: Any = self._compiler.compile(sys_inputs=inputs, format="pdf", pdf_standards="a-3b", timestamp=int(time.time()))
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        metadata = signers.PdfSignatureMetadata(
            field_name="seal",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.FILL_FORMS,
            reason="签发证照",
            location=NAME,
        )
        style = StaticStampStyle.from_pdf_file(str(self._seal), border_width=0, background_opacity=1)
        field = fields.SigFieldSpec("seal", on_page=0, box=tuple(round(value) for value in self._box))
        pen = signers.PdfSigner(metadata, self._signer, timestamper=self._timestamper, stamp_style=style, new_field_spec=field)
        signed = await pen.async_sign_pdf(writer)
        return bytes(signed.getvalue())


def _paper(qr_svg: str) -> LicenceData:
    return LicenceData(
        title=TEMPLATE.title,
        number="锦餐备〔2026〕000001号",
        identifier="1.2.156.3005.2.000131016000.11510104MB2F30000X.202600000001.001.K",
        fields=tuple(Line(label, text) for label, text in TEMPLATE.fields.items()),
        authority=NAME,
        issued_on="2026年11月23日",
        valid_until="2031年11月22日",
        qr_svg=qr_svg,
        verify_hint=f"用手机扫码，或到 {HOST}/v 查验真伪",
        is_test=True,
    )


async def main() -> None:
    logs.configure(json_lines=True, level="WARNING")
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        models = ["core.models", "esign.models", "esign.publication.models", "hall.licences.models"]
        database = Database(f"sqlite://{folder}/bench.sqlite3", models)
        await database.connect()
        try:
            from tortoise import Tortoise

            await Tortoise.generate_schemas()
            print(json.dumps(await _measure(), ensure_ascii=False))
        finally:
            await database.disconnect()


async def _measure() -> dict[str, Any]:
    clock, cipher = SystemClock(), FieldCipher({"k1": secrets.token_bytes(32)}, "k1")
    keys = KeyStore(cipher, clock)
    day, week = timedelta(days=1), timedelta(days=7)
    publication = Publication(clock=clock, keys=keys, base_url=f"https://{HOST}", status_life=day, trust_life=week)
    await keys.ensure_local_authority(AUTHORITY, NAME)
    timestamper = LocalTimestamper(await keys.identity(Purpose.TIMESTAMP), clock)
    idle = Isolated("esign.verification_process:verify_isolated", 10, 1 << 30)
    esign = Esign(clock=clock, keys=keys, publication=publication, timestamper=timestamper, host=HOST, verifier=idle, inspector=idle)
    vault = Vault(open_store("memory://"), cipher, BlindIndex(secrets.token_bytes(32)), clock)
    licences = Licences(clock=clock, cipher=cipher, vault=vault, esign=esign, cases=_Granted(), is_test=True)
    first = await licences.draft("case_first")
    claims = msgspec.convert(licences._open(first.id, "claims", first.claims)["claims"], LicenceClaims)
    direct = _Direct(claims, await keys.identity(Purpose.LICENCE, AUTHORITY), await keys.identity(Purpose.SEAL, AUTHORITY), timestamper)

    whole, alone = [], []
    for turn in range(ROUNDS + 1):
        drafts = [(await licences.draft(f"case_{turn}_{number}")).id for number in range(PAPERS)]
        started = time.process_time()
        for draft in drafts:
            await licences.produce(draft)
        between = time.process_time()
        for _ in drafts:
            await direct.issue()
        ended = time.process_time()
        if turn:  # the first round warms both
            whole.append((between - started) / PAPERS)
            alone.append((ended - between) / PAPERS)
    await _genuine(esign, vault, first, licences, await direct.issue())
    ratio = statistics.median(whole) / statistics.median(alone)
    return {
        "figure": "licence_issue",
        "ratio": round(ratio, 3),
        "target": TARGET,
        "ok": ratio <= TARGET,
        "whole_cpu_ms": round(statistics.median(whole) * 1e3, 1),
        "libraries_cpu_ms": round(statistics.median(alone) * 1e3, 1),
        "measures": "CPU of producing one sealed licence with everything around it / typst + pyHanko + segno alone, in turns",
    }


async def _genuine(esign: Esign, vault: Vault, first: Licence, licences: Licences, direct: bytes) -> None:
    """Both ways made a paper that our verifier accepts; a bench that compares with something broken would flatter us."""
    from esign.service import verify

    await licences.produce(first.id)
    issued = await Licence.get(id=first.id)
    trust, status = await esign.trust_list(), [await esign.status_list(f"{AUTHORITY}-1")]
    for pdf in (await vault.get(issued.pdf_sha256 or ""), direct):
        report = verify(pdf, trust=trust, status=status, at=datetime.now(UTC) + timedelta(seconds=5))
        if report.verdict != "TOTAL_PASSED":
            raise RuntimeError(f"a paper of the bench does not pass: {report.subindication}")


if __name__ == "__main__":
    asyncio.run(main())
