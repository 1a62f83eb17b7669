"""Both sides of the video counter: a citizen who queues, and a clerk who takes the calls."""

from __future__ import annotations

from typing import Self

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages.applicant import Applicant
from tests.browser.pages.staff import Staff

MOVES = """async (label) => {
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  for (let turn = 0; turn < 100; turn += 1) {
    const video = [...document.querySelectorAll('video')].find((one) => one.getAttribute('aria-label') === label && one.checkVisibility());
    if (video && video.videoWidth > 0) {
      const frames = video.getVideoPlaybackQuality().totalVideoFrames, at = video.currentTime;
      await pause(500);
      if (video.getVideoPlaybackQuality().totalVideoFrames > frames && video.currentTime > at) return true;
    }
    await pause(200);
  }
  return false;
}"""
REMEMBERS = """(() => {
  window.tracksOfThisPage = [];
  if (!navigator.mediaDevices) return;
  const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await own(wanted);
    window.tracksOfThisPage.push(...stream.getTracks());
    return stream;
  };
})()"""


def remembers_tracks(page: Page) -> None:
    """Of the pages it opens from now on: every camera and microphone that was opened there."""
    page.add_init_script(REMEMBERS)


def is_filming(page: Page) -> bool:
    """Whether a camera or microphone is open on the page."""
    return bool(page.evaluate("window.tracksOfThisPage.some((track) => track.readyState === 'live')"))


def sees_moving(page: Page, label: str) -> None:
    """The picture called so is there, and new frames come."""
    assert page.evaluate(MOVES, label), f"no moving picture: {label}"


class Caller(Applicant):
    def is_connected(self) -> Self:
        self.sees("对方能看到您和听到您")
        sees_moving(self.page, "工作人员的画面")
        return self

    def reaches_the_proof(self) -> Self:
        """All the way through an application of one's own, to where one must prove who one is."""
        self.gets_notice().press("开始办理")
        expect(self.heading("实名").or_(self.heading("填写申请"))).to_be_visible()
        if self.heading("实名").count():
            self.declares_identity()
        self.is_on("填写申请").fills_everything().press("下一步").is_on("上传材料")
        return self.uploads_everything().press("下一步").is_on("人脸核验告知书", timeout=30_000)

    def opens_video(self, case: str) -> Self:
        return self.goes_to_page(f"/packages/identity/video?case={case}").is_on("视频核验")

    def queues(self) -> Self:
        return self.is_on("视频核验").press("开始排队").sees("请停在这一页等。")

    def leaves_queue(self) -> Self:
        self.press("离开队列")
        return self.press("离开队列", within=self.dialog("要离开队列吗？"))


class VideoClerk(Staff):
    def opens_desk(self) -> Self:
        return self.goes_to("视频").is_on("视频核验")

    @property
    def call(self) -> Locator:
        return self.page.get_by_role("region", name="正在进行的通话")

    def takes_next(self) -> Self:
        take = self.button("接听下一位")
        expect(take).to_be_enabled()
        take.click()
        expect(self.call).to_be_visible()
        return self

    def sees_the_person(self) -> Self:
        self.sees("对方能看到您和听到您")
        sees_moving(self.page, "对方的画面")
        return self

    def checks(self, count: int = 5) -> Self:
        for tick in self.ticks(self.call)[:count]:
            tick.check()
        return self

    def accepts(self) -> Self:
        self.press("核验通过", within=self.call)
        self.press("确认通过", within=self.dialog("核验通过"))
        expect(self.call).to_be_hidden()
        return self

    def refuses(self, reason: str) -> Self:
        self.press("不通过", within=self.call)
        dialog = self.dialog("不通过")
        dialog.get_by_role("radio", name=reason).check()
        self.press("确认不通过", within=dialog)
        expect(self.call).to_be_hidden()
        return self

    def puts_back(self) -> Self:
        self.press("放回队列", within=self.call)
        self.press("放回队列", within=self.dialog("放回队列"))
        expect(self.call).to_be_hidden()
        return self
