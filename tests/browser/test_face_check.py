"""R51. The face check on a phone: whoever does what is asked passes; everybody else is told what helps, and always of the other way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages.applicant import Applicant
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

COUNTER = "不刷脸，预约窗口办理"
KEEPS_LINES = """() => {
  window.lines = [];
  window.WebSocket = class extends WebSocket { constructor(to) { super(to); window.lines.push(this); } };
}"""
PASSED_MS = 60_000


@pytest.fixture(scope="module")
def signed_up(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The data of a hall in which nothing is missing in 张伟's case but his proof of identity and the signatures, and the case."""
    ready = RunningHall(tmp_path_factory.mktemp("hall"))
    ready.prepare(template=_template)
    ready.start()
    try:
        case = str(played(ready, until="application")["case_id"])
    finally:
        ready.stop()
    return ready.folder / "data", case


@pytest.fixture
def hall(signed_up: tuple[Path, str], tmp_path: Path) -> Iterator[RunningHall]:
    """One for each test: whoever has passed is not asked again."""
    running = RunningHall(tmp_path / "hall")
    (tmp_path / "hall").mkdir()
    running.prepare(template=signed_up[0])
    running.start()
    yield running
    running.stop()


@pytest.fixture
def zhang(hall: RunningHall, windows: Windows, signed_up: tuple[Path, str]) -> Applicant:
    """Before the camera, nothing begun."""
    return before_camera(windows.phone(), hall, signed_up[1])


def before_camera(page: Page, hall: RunningHall, case: str) -> Applicant:
    someone = Applicant(page, hall.base_url, "张伟").opens().logs_in().goes_to_page(f"/packages/identity/consent?case={case}")
    agree = someone.button("同意并开始")
    expect(agree.or_(someone.button("开始核验"))).to_be_visible()
    if agree.count():
        agree.click()
    return someone.is_before_camera()


def is_asked(someone: Applicant) -> None:
    """The first movement is on the screen, with how far it is and the other way beside it."""
    expect(someone.page.locator(".live-step-now").filter(visible=True)).to_have_text("1", timeout=20_000)
    expect(someone.page.get_by_role("status").filter(has_text=re.compile("^请"))).to_be_visible()
    expect(someone.button(COUNTER)).to_be_enabled()


def test_whoever_does_what_is_asked_passes(windows: Windows, zhang: Applicant) -> None:
    """One prompt at a time, in an order of the hall's; the phone says who it is once and sends nothing but frames after that."""
    windows.camera.show_face("a")
    told: list[dict[str, object]] = []
    sent: list[bytes | str] = []

    def listen(socket: object) -> None:
        socket.on("framereceived", lambda text: told.append(json.loads(text)))  # type: ignore[attr-defined]
        socket.on("framesent", lambda frame: sent.append(frame))  # type: ignore[attr-defined]

    zhang.page.on("websocket", listen)
    zhang.sees("等一下会请您做三个动作").sees("找一个安静、亮堂的地方")
    zhang.passes_face_check()
    assert [message["step"] for message in told if message["type"] == "prompt"][-4:] == [0, 1, 2, 3]
    assert isinstance(sent[0], str) and set(json.loads(sent[0])) == {"token", "verification_id", "nonce", "mirrored"}
    frames = [frame for frame in sent if isinstance(frame, bytes)]
    assert len(frames) > 60 and all(frame[:4] == b"ZF1\x00" and frame[45:48] == b"\xff\xd8\xff" for frame in frames)


def test_whoever_does_something_else_is_told_what_was_asked(windows: Windows, zhang: Applicant) -> None:
    """Coaching in words, the tries that are left, and the same way on; then it goes well, in the same check."""
    windows.camera.show_face("a", does=lambda action: ["turn_right" if action in {"mouth", "nod", "blink"} else "mouth"])
    zhang.shows_face()
    zhang.sees("这次没有通过，我们再来一次", timeout=PASSED_MS).sees(re.compile("^第 1 步请只做“")).sees("还可以再试 2 次")
    assert "0." not in zhang.page.get_by_role("main").inner_text(), "no figures of the decision are shown"
    expect(zhang.button(COUNTER)).to_be_enabled()
    windows.camera.show_face("a")
    zhang.passes_face_check()


def test_nobody_before_the_camera_is_coached_while_it_runs(windows: Windows, zhang: Applicant) -> None:
    windows.camera.show_room()
    zhang.shows_face()
    zhang.sees("把脸放进圈里", timeout=20_000)
    zhang.sees("这次没有通过，我们再来一次", timeout=PASSED_MS).sees("没有看到人脸")
    expect(zhang.button("再试一次")).to_be_enabled()


def test_a_line_that_is_lost_midway_is_said_and_taken_up_again(windows: Windows, zhang: Applicant) -> None:
    windows.camera.show_face("a", does=lambda action: [])
    zhang.page.evaluate(KEEPS_LINES)
    zhang.shows_face()
    is_asked(zhang)
    zhang.page.evaluate("window.lines[0].close()")
    zhang.sees("网络断了一下，没有拍完", timeout=20_000)
    expect(zhang.button(COUNTER)).to_be_enabled()
    windows.camera.show_face("a")
    zhang.passes_face_check()
    assert zhang.page.evaluate("window.lines.length") >= 2


def test_whoever_leaves_midway_comes_back_to_a_page_that_goes_on(windows: Windows, zhang: Applicant) -> None:
    """To the counter's page and back, and once more by closing the app: the camera is let go of, nothing that was typed is lost."""
    windows.camera.show_face("a", does=lambda action: [])
    zhang.shows_face()
    is_asked(zhang)
    zhang.press(COUNTER).is_on("预约窗口").goes_back().is_on("人脸核验").sees("刚才离开了一下，没有拍完", timeout=20_000)
    zhang.press("再试一次")
    is_asked(zhang)
    windows.camera.show_face("a")
    zhang.closes_and_opens(zhang.address).is_before_camera().passes_face_check()


def test_two_tabs_of_one_person_do_not_spoil_each_other(hall: RunningHall, windows: Windows, zhang: Applicant) -> None:
    windows.camera.show_face("a", does=lambda action: [])
    other = Applicant(zhang.page.context.new_page(), hall.base_url, "张伟").goes_to_page(zhang.address).is_before_camera()
    zhang.shows_face()
    is_asked(zhang)
    windows.camera.show_face("a")
    zhang.page.wait_for_timeout(200)
    other.shows_face()
    zhang.sees("这次没有通过，我们再来一次", timeout=PASSED_MS)
    expect(other.heading("阅读并签名").or_(other.button("再试一次"))).to_be_visible(timeout=PASSED_MS)
    if other.button("再试一次").count():
        other.passes_face_check()


def test_where_no_line_can_be_opened_a_clip_is_recorded(windows: Windows, zhang: Applicant) -> None:
    """The same page, the same prompts, at times of the hall's."""
    windows.camera.show_face("a")
    zhang.page.evaluate("delete window.WebSocket")
    zhang.passes_face_check()
