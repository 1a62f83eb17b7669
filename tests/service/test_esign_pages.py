"""Our documents as pictures: what is drawn is what the file says, small enough for a phone, and never anybody else's page."""

from __future__ import annotations

import asyncio
import hashlib
import io

import pytest
from PIL import Image

from core.errors import NotFound
from core.storage import Vault
from esign.documents import pages
from esign.documents.pages import KEPT_DOCUMENTS, PagePictures
from esign.service import COMMITMENT, LICENCE, NOTICE, Esign, render
from hall.licences.models import Licence
from tests.factories.cases import CaseWorld
from tests.factories.documents import CREATED_AT, commitment_data, licence_data, notice_data

LIMIT = 150 * 1024


@pytest.mark.parametrize(("template", "data"), [(NOTICE, notice_data()), (COMMITMENT, commitment_data()), (LICENCE, licence_data())])
async def test_every_page_is_a_small_sharp_picture_with_its_text(template: object, data: object) -> None:
    """R82: a phone shows each page in under 150 KB; what is drawn is also there as text, rare characters included."""
    pdf = render(template, data, created_at=CREATED_AT)  # type: ignore[arg-type]
    pictures = PagePictures()
    found = await pictures.pages(pdf)
    assert found.sha256 == hashlib.sha256(pdf).hexdigest()
    assert [page.number for page in found.pages] == list(range(1, len(found.pages) + 1))
    for page in found.pages:
        picture = await pictures.picture(pdf, f"{page.number}.png")
        assert len(picture) < LIMIT
        with Image.open(io.BytesIO(picture)) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "P", (page.width, page.height))
            assert min(image.size) == 1191 and len(image.convert("RGB").getcolors(1 << 20) or []) > 8
        assert page.text and "\r" not in page.text
    assert "𠮷" in "".join(page.text for page in found.pages) or template is COMMITMENT


async def test_a_page_that_is_not_there() -> None:
    pdf = render(NOTICE, notice_data(), created_at=CREATED_AT)
    pictures = PagePictures()
    last = len((await pictures.pages(pdf)).pages)
    for name in ("0.png", "-1.png", f"{last + 1}.png", "1.jpg", "1", "01.png", "١.png", "1.png/../2.png", "9999999999.png", ""):
        with pytest.raises(NotFound):
            await pictures.picture(pdf, name)


async def test_a_document_is_drawn_once_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = pages._draw

    def counted(pdf: bytes, number: int) -> bytes:
        drawn.append(number)
        return draw(pdf, number)

    monkeypatch.setattr(pages, "_draw", counted)
    pdf = render(LICENCE, licence_data(), created_at=CREATED_AT)
    pictures = PagePictures()
    first = await pictures.picture(pdf, "1.png")
    assert await pictures.picture(pdf, "1.png") == first and drawn == [1]
    others = [render(LICENCE, licence_data(owner=f"王{number}"), created_at=CREATED_AT) for number in range(KEPT_DOCUMENTS)]
    for other in others:
        assert (await pictures.pages(other)).sha256 != (await pictures.pages(pdf)).sha256
        assert len(pictures._drawn) <= KEPT_DOCUMENTS
    for other in others:
        await pictures.pages(other)
    await pictures.picture(pdf, "1.png")
    assert drawn == [1, 1]  # forgotten meanwhile, and drawn anew


async def test_many_readers_at_once_and_a_free_event_loop() -> None:
    """PDFium is used by one thread at a time; the loop goes on meanwhile."""
    pdfs = [render(NOTICE, notice_data(person_name=f"王{number}"), created_at=CREATED_AT) for number in range(4)]
    pictures, beats = PagePictures(), 0

    async def heart() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.005)
            beats += 1

    beating = asyncio.create_task(heart())
    found = await asyncio.gather(*(pictures.picture(pdf, "1.png") for pdf in pdfs for _ in range(2)))
    beating.cancel()
    assert len(set(found)) == len(pdfs)
    assert beats > 10


async def test_who_has_yet_to_sign_reads_the_very_file_that_is_signed(house: CaseWorld) -> None:
    """R82, Electronic Signature Law art. 13: the hash of the pages is the hash the identity check is bound to, also for the second one."""
    case, esign = await house.prepared(), house.hall.service(Esign)
    read = house.cases.signing.document_to_read
    for actor in (house.zhang, house.li):
        assert (await esign.pages(await read(actor, case.id))).sha256 == case.commitment_sha256
        await house.sign(actor, case)
        await house.deliver_outbox()
        assert await read(actor, case.id) == await house.cases.signing.document(actor, case.id)
        assert (await esign.pages(await read(actor, case.id))).sha256 != case.commitment_sha256
    with pytest.raises(NotFound):
        await read(house.wang, case.id)
    assert case.commitment_sha256 is not None
    original, signed = await house.hall.service(Vault).get(case.commitment_sha256), await read(house.li, case.id)
    last = f"{len((await esign.pages(signed)).pages)}.png"
    ink = [await esign.page_picture(pdf, last) for pdf in (original, signed)]
    assert ink[0] != ink[1]  # the handwriting is drawn, not only kept in the file


async def test_a_seal_is_drawn(house: CaseWorld) -> None:
    """R55: the licence in the phone shows its seal and its code."""
    case = await house.waved_through("granted")
    await house.deliver_outbox()
    licence = await Licence.get(case_id=case.id)
    pdf = await house.licences.pdf(house.zhang, licence.id)
    picture = await house.hall.service(Esign).page_picture(pdf, "1.png")
    with Image.open(io.BytesIO(picture)) as image:
        red, green, blue = (plane.tobytes() for plane in image.convert("RGB").split())
    assert sum(r > 180 and g < 60 and b < 60 for r, g, b in zip(red, green, blue, strict=True)) > 3_000
