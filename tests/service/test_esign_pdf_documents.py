"""The documents we issue: every character of a name, data that stays data, the same bytes for the same input."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zxingcpp
from PIL import Image

from esign.documents.appearance import StrokePoint, strokes_svg
from esign.documents.data import Line
from esign.documents.glyphs import FONT_FILES, FONT_FOLDER, MISSING, printable, read_coverage
from esign.documents.render import COMMITMENT, LICENCE, NOTICE, RenderFailed, render, render_document
from esign.documents.seal import SealDesign, seal_picture
from esign.pdf_verification import inspect_pdf
from esign.pdf_verification.attachments import read_attachments
from tests.factories.documents import CREATED_AT, commitment_data, licence_data, notice_data, qr_svg

TEMPLATES = [(NOTICE, notice_data()), (COMMITMENT, commitment_data()), (LICENCE, licence_data())]
CREDENTIAL = {"licence.cwt": (bytes(range(256)), "application/cwt")}


def _text(pdf: bytes, pdftotext: str, folder: Path) -> str:
    (folder / "file.pdf").write_bytes(pdf)
    return subprocess.run(
        [pdftotext, "-layout", "file.pdf", "-"], cwd=folder, capture_output=True, text=True, timeout=30, check=True
    ).stdout


@pytest.mark.parametrize(("template", "data"), TEMPLATES, ids=lambda item: getattr(item, "stem", ""))
def test_each_template_makes_a_whole_pdf_a_of_one_page(template: Path, data: msgspec.Struct) -> None:
    pdf = render(template, data, created_at=CREATED_AT)
    assert (inspect_pdf(pdf).problem, inspect_pdf(pdf).pages) == ("", 1)
    assert b"<pdfaid:part>2<" in pdf
    assert not inspect_pdf(pdf).has_javascript


@pytest.mark.parametrize(("template", "data"), TEMPLATES, ids=lambda item: getattr(item, "stem", ""))
def test_the_same_data_and_time_make_the_same_bytes(template: Path, data: msgspec.Struct) -> None:
    first = render(template, data, created_at=CREATED_AT)
    assert render(template, data, created_at=CREATED_AT) == first
    assert render(template, data, created_at=CREATED_AT + timedelta(days=1)) != first


def test_an_attachment_makes_it_pdf_a_3_and_is_inside() -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    pdf = render(LICENCE, licence_data(), created_at=CREATED_AT, attachments=CREDENTIAL)
    assert b"<pdfaid:part>3<" in pdf
    assert read_attachments(PdfFileReader(io.BytesIO(pdf))) == {"licence.cwt": bytes(range(256))}


def test_the_boxes_for_signatures_lie_on_the_page_and_apart() -> None:
    boxes = render_document(COMMITMENT, commitment_data(), created_at=CREATED_AT).boxes
    assert set(boxes) == {"signer-1", "signer-2"}
    (left, right) = (boxes["signer-1"].rectangle, boxes["signer-2"].rectangle)
    assert left[2] < right[0]
    for x1, y1, x2, y2 in (left, right, render_document(LICENCE, licence_data(), created_at=CREATED_AT).boxes["seal"].rectangle):
        assert 0 < x1 < x2 < 842 and 0 < y1 < y2 < 842 and y2 - y1 > 60


@pytest.mark.parametrize("name", ["陈𠮷祥", "林喆", "朱镕基", "䶮某", "王堃", "李㛃", "欧阳·阿依古丽", "𬭎𫖯𣲗"])
def test_rare_characters_of_names_are_drawn_not_replaced(name: str) -> None:
    rendered = render_document(LICENCE, licence_data(owner=name), created_at=CREATED_AT)
    assert rendered.missing_characters == ()


def test_a_character_in_no_font_is_marked_and_reported(tmp_path: Path, tool: Callable[[str], str]) -> None:
    rendered = render_document(LICENCE, licence_data(owner="陈\U0002f800\U0002fa1f祥"), created_at=CREATED_AT)
    plain = render_document(LICENCE, licence_data(owner="陈\U000323af祥"), created_at=CREATED_AT)
    assert plain.missing_characters == ("\U000323af",)
    text = _text(plain.pdf, tool("pdftotext"), tmp_path)
    assert f"陈{MISSING}祥" in text
    assert "字库中暂缺的字" in text
    assert rendered.pdf


@pytest.mark.parametrize(
    "text",
    [
        '#panic("boom")',
        "$ sum_(i=0)^n $",
        "*加粗* _斜体_ `code`",
        '#read("/etc/passwd")',
        "\\u{41} ] [ } {",
        "= 标题 <reserved-box>",
        "@ref https://hall.example",
    ],
)
def test_what_a_citizen_writes_stays_text(text: str, tmp_path: Path, tool: Callable[[str], str]) -> None:
    data = msgspec.structs.replace(licence_data(), fields=(Line("经营者名称", text),))
    rendered = render_document(LICENCE, data, created_at=CREATED_AT)
    assert set(rendered.boxes) == {"seal"}
    squeezed = "".join(_text(rendered.pdf, tool("pdftotext"), tmp_path).split())
    assert "".join(text.split()) in squeezed


def test_invisible_and_control_characters_are_dropped() -> None:
    assert printable("甲\u202e乙\u200b丙\x00丁\ufe0f\t戊\n己") == ("甲乙丙丁 戊\n己", ())
    assert printable("e\u0301")[0] == "é"
    assert printable("\ud800")[0] == ""


def test_long_data_flows_to_more_pages() -> None:
    data = msgspec.structs.replace(notice_data(), materials=notice_data().materials * 12)
    assert inspect_pdf(render(NOTICE, data, created_at=CREATED_AT)).pages > 2


def test_data_that_does_not_fit_the_template_is_our_own_mistake() -> None:
    with pytest.raises(RenderFailed):
        render(LICENCE, {"title": "缺了别的"}, created_at=CREATED_AT)


def test_the_qr_code_on_the_licence_is_readable(tmp_path: Path, tool: Callable[[str], str]) -> None:
    content = "https://hall.example/v#" + "31415926535" * 60
    data = msgspec.structs.replace(licence_data(), qr_svg=qr_svg(content))
    (tmp_path / "licence.pdf").write_bytes(render(LICENCE, data, created_at=CREATED_AT))
    subprocess.run([tool("pdftoppm"), "-r", "200", "-png", "licence.pdf", "page"], cwd=tmp_path, timeout=60, check=True)
    picture = Image.open(next(tmp_path.glob("page*.png")))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [content]


def test_every_document_of_a_test_authority_says_so(tmp_path: Path, tool: Callable[[str], str]) -> None:
    for template, data in TEMPLATES:
        assert "测试环境出具" in _text(render(template, data, created_at=CREATED_AT), tool("pdftotext"), tmp_path)
        real = msgspec.structs.replace(data, is_test=False)
        assert "测试" not in _text(render(template, real, created_at=CREATED_AT), tool("pdftotext"), tmp_path)


def test_a_seal_is_red_round_and_transparent() -> None:
    png = seal_picture(SealDesign("临江市市场监督管理局", "行政审批专用章", "3301000012345"), "png", CREATED_AT)
    picture: Any = Image.open(io.BytesIO(png)).convert("RGBA")
    assert abs(picture.width - picture.height) <= 1 and picture.width > 900
    assert picture.getpixel((3, 3))[3] == 0
    red, green, blue, alpha = picture.getpixel((picture.width // 2, picture.height // 2))
    assert (red > 180, green < 60, blue < 60, alpha) == (True, True, True, 255)


def test_a_seal_says_test_unless_told_otherwise(tmp_path: Path, tool: Callable[[str], str]) -> None:
    assert "测试" in "".join(_text(seal_picture(SealDesign("某某市政务服务局"), "pdf", CREATED_AT), tool("pdftotext"), tmp_path).split())


def test_strokes_are_as_wide_as_the_pressure() -> None:
    light, heavy = (strokes_svg([[StrokePoint(0, 0, 0, p), StrokePoint(55, 0, 9, p)]]) for p in (0.0, 1.0))
    assert 'stroke-width="0.45"' in light
    assert 'stroke-width="1.55"' in heavy
    assert "<circle" in strokes_svg([[StrokePoint(1, 1)]])


def test_coverage_is_read_from_the_fonts_themselves() -> None:
    covers = {name: read_coverage((FONT_FOLDER / name).read_bytes()) for name in FONT_FILES}
    assert ord("𠮷") not in covers["NotoSerifSC_400Regular.ttf"]
    assert ord("𠮷") in covers["NotoSerifJP_400Regular.ttf"]
    assert all(len(points) > 15_000 for points in covers.values())
