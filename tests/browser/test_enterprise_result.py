"""An enterprise reads a signed result, takes it home and checks it with nothing but the published keys; tampering shows."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import urlopen

from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import Route, expect

from tests.browser.pages.enterprise import PEOPLE, PURPOSE, Company, KeyboardCompany
from tests.factories.browser_enterprise import verified_at_the_counter
from tests.factories.browser_modes import faults_of
from tests.factories.browser_server import RunningHall
from tests.factories.browser_windows import Windows

COUNTED_MS = 30_000


def test_a_result_is_shown_downloaded_and_checked(hall: RunningHall, windows: Windows, tmp_path: Path) -> None:
    known = verified_at_the_counter(hall)
    bank = Company(windows.desktop(), hall, "enterprise").signs_in().goes_to("核验").is_on("身份核验").press("核验通过")
    bank.opens("李*").is_on("核验详情").sees("是您写的这个人", timeout=COUNTED_MS).press("现在核对签名").sees("签名是真的")
    bank.page.get_by_text("您单位的系统怎样核对").click()
    faults = faults_of(bank.page, "verification-result")
    bank.page.set_viewport_size({"width": 390, "height": 844})
    faults += faults_of(bank.page, "verification-result on a phone")
    assert faults == [], "\n".join(faults)
    with bank.page.expect_download() as download:
        bank.press("下载结论")
    assert download.value.suggested_filename == f"{known.request_id}.jwt", "a name without a person in it"
    download.value.save_as(tmp_path / "result.jwt")
    keys = json.loads(urlopen(f"{hall.base_url}/api/open/identity/jwks.json").read())
    claims = jwt.decode((tmp_path / "result.jwt").read_text("ascii"), KeySet.import_key_set(keys), algorithms=["ES256"]).claims
    assert (claims["aud"], claims["jti"], claims["verdict"]) == (known.party_id, known.request_id, "verified")


def test_a_result_that_was_tampered_with_is_found_out(hall: RunningHall, windows: Windows) -> None:
    bank = Company(windows.desktop(), hall, "enterprise").signs_in()

    def change(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        head, claims, signature = body["data"]["token"].split(".")
        body["data"]["token"] = f"{head}.{claims[:-4]}AAAA.{signature}"
        route.fulfill(response=answer, json=body)

    bank.page.route("**/result", change)
    bank.goes_to("核验").is_on("身份核验").opens("李*").press("现在核对签名").sees("签名和公布的公钥对不上")
    expect(bank.page.get_by_text("签名是真的")).to_have_count(0)


def test_a_key_and_a_batch_without_a_mouse(hall: RunningHall, windows: Windows) -> None:
    page = windows.desktop()
    page.add_init_script("addEventListener('mousedown', () => { document.documentElement.dataset.mouse = 'used' }, true)")
    bank = KeyboardCompany(page, hall, "enterprise")
    assert bank.signs_in().makes_key("柜面系统").startswith("ztk_")
    bank.press("已经记下了").begins_batch("老巷餐饮有限公司", PURPOSE)
    for place, (name, number, _) in enumerate(PEOPLE[1:], 1):
        bank.type("姓名", name, within=bank.row(place)).type("身份证号码", number, within=bank.row(place))
    bank.sends_batch().is_on("一批核验").sees("2 人：2 人还在等")
    bank.walk_to(bank.button("看链接").first)
    page.keyboard.press("Enter")
    bank.dialog("邀请链接")
    bank.press("好了")
    assert page.evaluate("document.documentElement.dataset.mouse ?? ''") == "", "a mouse was used"
