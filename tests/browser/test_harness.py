"""The harness itself: what the camera is told to show is what a page sees, and what no page may do is noticed."""

from __future__ import annotations

import base64
import io
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from sandbox import faces
from tests.factories import browser_axe, browser_faults
from tests.factories.browser_modes import faults_of
from tests.factories.browser_windows import Windows

PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>试</title><main><h1>相机</h1><p>办事大厅𠮷</p>
<video autoplay playsinline muted></video><button onclick="open_camera()">打开相机</button><output aria-live="polite"></output></main>
<script>
const say = (text) => { document.querySelector("output").textContent = text; };
const open_camera = () => navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 } } }).then((stream) => {
  const video = document.querySelector("video");
  video.srcObject = stream;
  video.onplaying = () => say("相机已打开");
}, (error) => say(error.name));
const picture = () => {
  const video = document.querySelector("video"), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png");
};
</script></html>"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def open_camera(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="打开相机").click()
    page.get_by_text("相机已打开").wait_for()


def seen(page: Page) -> Image.Image:
    data = page.evaluate("picture()").split(",")[1]
    return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")


def likeness(one: Image.Image, other: Image.Image) -> float:
    first, second = (np.asarray(picture.convert("L").resize((64, 48)), dtype=np.float64).ravel() for picture in (one, other))
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize("person", ["a", "b"])
def test_the_camera_shows_the_person_who_was_put_before_it(windows: Windows, address: str, person: str) -> None:
    windows.camera.show_face(person)
    page = windows.phone()
    open_camera(page, address)
    frame = seen(page)
    wanted, other = (Image.open(io.BytesIO(faces.frames(name, 6)[0])) for name in (person, "b" if person == "a" else "a"))
    assert frame.size == (640, 480)
    assert likeness(frame, wanted) > 0.85 > likeness(frame, other)


def test_the_person_moves_and_two_takes_share_no_frame(windows: Windows, address: str) -> None:
    """The server refuses frames that it has seen before."""
    windows.camera.show_face("a")
    pages = [windows.phone(), windows.phone()]
    for page in pages:
        open_camera(page, address)
    taken = []
    for page in pages:
        for _ in range(5):
            taken.append(seen(page).tobytes())
            page.wait_for_timeout(150)
    assert len(set(taken)) == 10


def test_the_person_does_what_stands_on_the_page_or_something_else(windows: Windows, address: str) -> None:
    """A mouth that opens is red and dark where teeth were; whoever is told nothing keeps still."""
    for does, opens in ((lambda action: [action], True), (lambda action: [], False)):
        windows.camera.show_face("a", does=does)
        page = windows.phone()
        open_camera(page, address)
        still = seen(page)
        page.evaluate("""() => {
          const word = document.createElement("p");
          [word.className, word.textContent] = ["live-word", "请张大嘴再闭上"];
          document.querySelector("main").append(word);
        }""")
        before, darkest = dark_in_the_mouth(still), 0.0
        for _ in range(25):
            page.wait_for_timeout(100)
            darkest = max(darkest, dark_in_the_mouth(seen(page)) - before)
        assert (darkest > 0.2) == opens


def dark_in_the_mouth(picture: Image.Image) -> float:
    """The share of dark pixels where the lips are; a head that sways a little does not change it."""
    return float((np.asarray(picture.convert("L").crop((285, 255, 355, 310))) < 70).mean())


@pytest.mark.parametrize("text", ["zt:handoff:AB12CD34", "http://127.0.0.1:8000/v#" + "0K1J2H3G4F5D6S" * 55], ids=["short", "credential"])
def test_a_code_before_the_camera_can_be_read(windows: Windows, address: str, text: str) -> None:
    windows.camera.show_code(text)
    page = windows.phone()
    open_camera(page, address)
    assert [code.text for code in zxingcpp.read_barcodes(seen(page))] == [text]


def test_the_camera_can_be_refused(windows_without_camera: Windows, address: str) -> None:
    page = windows_without_camera.phone()
    page.goto(address)
    page.get_by_role("button", name="打开相机").click()
    page.get_by_text("NotAllowedError").wait_for()


@pytest.mark.parametrize("windows_without_camera", ["absent"], indirect=True)
def test_there_may_be_no_camera(windows_without_camera: Windows, address: str) -> None:
    page = windows_without_camera.phone()
    page.goto(address)
    page.get_by_role("button", name="打开相机").click()
    page.get_by_text("NotFoundError").wait_for()


def test_chinese_is_drawn_and_not_boxed(windows: Windows, address: str) -> None:
    """Two different characters that both come out as the same box would be the same picture."""
    page = windows.phone()
    page.goto(address)
    drawn = []
    for character in "办𠮷":
        page.evaluate(
            "text => { document.querySelector('p').textContent = text; document.querySelector('p').style.width = '20px' }", character
        )
        drawn.append(page.get_by_text(character, exact=True).screenshot())
    ink = [np.asarray(Image.open(io.BytesIO(picture)).convert("L")) < 128 for picture in drawn]
    assert drawn[0] != drawn[1] and all(60 < marks.sum() < marks.size / 2 for marks in ink)


def test_what_no_page_may_do_is_noticed(windows: Windows, address: str) -> None:
    page = windows.phone()
    page.goto(address)
    page.evaluate("setTimeout(() => { throw new Error('an oversight') }); fetch('http://telemetry.example/').catch(() => 0)")
    page.wait_for_timeout(300)
    complaints = sorted(windows.complaints)
    windows.complaints.clear()
    assert len(complaints) == 2 and "telemetry.example" in complaints[0] and "an oversight" in complaints[1]


def test_lost_signal_errors_and_waits(windows: Windows, address: str) -> None:
    page = windows.phone()
    page.goto(address)
    ask = "fetch('/x').then(answer => answer.status, error => error.name)"
    with browser_faults.no_signal(page.context):
        assert page.evaluate(ask) == "TypeError" and page.evaluate("navigator.onLine") is False
    with browser_faults.broken(page, "**/x", status=503, retry_after=1, times=1) as fault:
        assert page.evaluate(ask) == 503 and page.evaluate(ask) == 200
    assert fault.seen == [f"GET {address}x"]
    with browser_faults.broken(page, "**/x", after_server=True):
        assert page.evaluate(ask) == "TypeError"
    with browser_faults.held_up(page, "**/x") as held:
        page.evaluate(f"globalThis.asked = {ask}; 0")
        page.wait_for_timeout(200)
        assert len(held.waiting) == 1
        held.release()
        assert page.evaluate("asked") == 200


def test_a_wrong_clock(windows: Windows, address: str) -> None:
    page = windows.phone()
    page.goto(address)
    right = page.evaluate("Date.now()")
    browser_faults.wrong_clock(page.context, timedelta(days=-400))
    page.reload()
    off = page.evaluate("[Date.now(), new Date().getTime(), new Date(5).getTime(), +/\\d{4}/.exec(Date())[0]]")
    assert all(right - 401 * 86_400_000 < value < right - 399 * 86_400_000 for value in off[:2]) and off[2] == 5 and off[3] > 2000


def test_axe_finds_what_is_wrong(windows: Windows, address: str) -> None:
    page = windows.phone()
    page.goto(address)
    assert browser_axe.findings(page) == []
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input type=text><p style=color:#ddd>太淡的字</p>')")
    found = browser_axe.findings(page)
    assert {re.split("[ :]", line)[1] for line in found} == {"label", "color-contrast"}


def test_what_only_one_look_gets_wrong_is_found_there(windows: Windows, address: str) -> None:
    page = windows.desktop()
    page.goto(address)
    page.evaluate("""() => {
      document.querySelector("main").classList.add("z-theme");
      document.head.insertAdjacentHTML("beforeend", `<style>
        .z-dark p { color: #bbb; } .z-large p { width: 1500px; overflow: hidden; }</style>`);
    }""")
    found = faults_of(page, "page")
    assert [re.split("[ :]+", line)[:2] for line in found] == [["page", "(large)"], ["page", "(dark)"]], found
    assert "wider than the screen" in found[0] and "color-contrast" in found[1]
