"""R82. Photographs on their way to the hall: the app is killed, the answer is lost, the picture is huge. One file arrives each time."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Page, Request, expect

from tests.browser.pages.applicant import Applicant
from tests.factories import browser_faults
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

LIMIT = 10 * 1024 * 1024
PLAN, LICENCE, LEASE = "经营场所平面图", "营业执照", "房屋租赁合同"


def noise(width: int, height: int, quality: int) -> bytes:
    """A photograph that cannot be pressed smaller: every dot differs from the next."""
    out = io.BytesIO()
    dots = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(dots).save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()


@pytest.fixture
def zhang(hall: RunningHall, windows: Windows, request: pytest.FixtureRequest) -> Applicant:
    """Before the materials of a case of his own, whose form may wait."""
    zhang = Applicant(windows.phone(), hall.base_url, request.param).starts_case()
    return zhang.goes_to_page(zhang.address.replace("/form?", "/materials?")).is_on("上传材料")


def slow_line(page: Page, bytes_a_second: int) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", line)
    return session


def has_one(zhang: Applicant, material: str) -> None:
    """Read afresh, the hall holds exactly one file for it, and nothing is on its way any more."""
    zhang.goes_to_page(zhang.address).is_on("上传材料")
    expect(zhang.material(material)).to_have_count(1)
    expect(zhang.page.get_by_role("progressbar")).to_have_count(0)


@pytest.mark.parametrize("zhang", ["张伟"], indirect=True)
def test_an_upload_goes_on_after_the_app_was_killed(zhang: Applicant) -> None:
    here = zhang.address
    slow_line(zhang.page, 150_000)
    zhang.pick(f"拍照或选文件：{PLAN}", ("平面图.jpg", "image/jpeg", noise(1200, 900, 85)))
    zhang.sees("正在上传")
    expect(zhang.material(PLAN)).to_have_count(0)
    zhang.closes_and_opens(here).is_on("上传材料")
    expect(zhang.material(PLAN)).to_have_count(1, timeout=30_000)
    has_one(zhang, PLAN)


@pytest.mark.parametrize("zhang", ["李娜"], indirect=True)
def test_an_upload_whose_answer_is_lost_arrives_once(zhang: Applicant) -> None:
    with browser_faults.broken(zhang.page, "**/materials/*", method="POST", after_server=True, times=1) as fault:
        zhang.pick(f"拍照或选文件：{LEASE}", ("合同.jpg", "image/jpeg", noise(600, 400, 80)))
        expect(zhang.material(LEASE)).to_have_count(1, timeout=30_000)
    assert fault.answered == [201]
    has_one(zhang, LEASE)


@pytest.mark.parametrize("zhang", ["王建国"], indirect=True)
def test_a_photograph_of_20_megabytes_is_shrunk_on_the_phone(zhang: Applicant, tmp_path: Path) -> None:
    photograph = tmp_path / "大照片.jpg"
    photograph.write_bytes(noise(2700, 2050, 100))
    assert photograph.stat().st_size > 20 * 1024 * 1024
    sent: list[Request] = []
    zhang.page.on("request", lambda request: sent.append(request) if request.method == "POST" and "/materials/" in request.url else None)
    with zhang.page.expect_file_chooser() as chooser:
        zhang.press(f"拍照或选文件：{LICENCE}")
    chooser.value.set_files(photograph)
    expect(zhang.material(LICENCE)).to_have_count(1, timeout=60_000)
    assert len(sent) == 1 and int(sent[0].all_headers()["content-length"]) < LIMIT
    has_one(zhang, LICENCE)
