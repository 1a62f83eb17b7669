"""What a phone must fetch before the first page can be read (R82). How long that takes is measured in bench/pages.py."""

from __future__ import annotations

from playwright.sync_api import Response, expect

from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

MOST_SCRIPT_BYTES = 350 * 1024


def test_the_first_page_takes_at_most_350_kb_of_compressed_script(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    scripts: list[Response] = []
    page.on("response", lambda answer: scripts.append(answer) if answer.request.resource_type == "script" else None)
    page.goto(f"{hall.base_url}/m/")
    expect(page.get_by_text("小餐饮食品经营备案").filter(visible=True).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    large = [script for script in scripts if script.request.sizes()["responseBodySize"] > 2048]
    assert large and all(script.header_value("content-encoding") == "gzip" for script in large)
    weights = {script.url.rsplit("/", 1)[-1]: script.request.sizes()["responseBodySize"] for script in scripts}
    assert 0 < sum(weights.values()) <= MOST_SCRIPT_BYTES, weights


def test_a_second_visit_fetches_no_script_again(hall: RunningHall, windows: Windows) -> None:
    page = windows.phone()
    page.goto(f"{hall.base_url}/m/")
    expect(page.get_by_text("小餐饮食品经营备案").filter(visible=True).first).to_be_visible()
    fetched: list[str] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def answered(event: dict) -> None:
        if event["type"] == "Script" and event["response"].get("encodedDataLength", 0) > 0 and not event["response"].get("fromDiskCache"):
            fetched.append(event["response"]["url"])

    session.on("Network.responseReceived", answered)
    page.goto("about:blank")
    page.goto(f"{hall.base_url}/m/")
    expect(page.get_by_text("小餐饮食品经营备案").filter(visible=True).first).to_be_visible()
    assert fetched == []
