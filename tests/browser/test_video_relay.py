"""A video call through a real TURN server: both sides get through, and neither learns the other's address (R52)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages.video_desk import Caller, VideoClerk
from tests.factories.browser_play import played
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows
from tests.services import turn_server

SECRET = "north wind"
REMEMBERS_PEERS = """(() => {
  const Own = window.RTCPeerConnection;
  window.peersOfThisPage = [];
  window.RTCPeerConnection = class extends Own { constructor(...given) { super(...given); window.peersOfThisPage.push(this); } };
})()"""
HEARD = "window.peersOfThisPage.at(-1).remoteDescription.sdp"
PAIR_IN_USE = """async () => {
  const stats = [...(await window.peersOfThisPage.at(-1).getStats()).values()];
  const used = stats.find((one) => one.type === 'transport')?.selectedCandidatePairId;
  const pair = stats.find((one) => one.id === used);
  return ['localCandidateId', 'remoteCandidateId'].map((side) => stats.find((one) => one.id === pair[side]).candidateType);
}"""


def kinds(sdp: str) -> set[str]:
    """Of its candidates (RFC 8839, section 5.1)."""
    return {line.split(" typ ")[1].split()[0] for line in sdp.splitlines() if line.startswith("a=candidate:")}


@pytest.fixture
def relayed_hall(tool: Callable[[str], str], _template: Path, tmp_path: Path) -> Any:
    with turn_server.running(tool("turnserver"), tmp_path / "turn", SECRET) as address:
        settings = {"ZT_IDENTITY_VIDEO_ICE": address, "ZT_IDENTITY_VIDEO_TURN_SECRET": SECRET}
        hall = RunningHall(tmp_path / "hall", settings)
        hall.prepare(template=_template)
        hall.start()
        try:
            yield hall
        finally:
            hall.stop()


def test_a_call_goes_through_the_relay_and_tells_no_address(relayed_hall: RunningHall, windows: Windows) -> None:
    hall, case = relayed_hall, str(played(relayed_hall, until="application")["case_id"])
    phone, desk = windows.phone(), windows.desktop()
    for page in (phone, desk):
        page.add_init_script(REMEMBERS_PEERS)
    zhang = Caller(phone, hall.base_url, "张伟").opens().logs_in().opens_video(case).queues()
    chen = VideoClerk(desk, hall, "chen.jing").signs_in().opens_desk().takes_next().checks().sees_the_person()
    zhang.is_connected()
    assert [page.evaluate(PAIR_IN_USE) for page in (phone, desk)] == [["relay", "relay"]] * 2
    assert [kinds(page.evaluate(HEARD)) for page in (phone, desk)] == [{"relay"}] * 2
    chen.accepts()
    zhang.sees("您的身份已经核验过了")
