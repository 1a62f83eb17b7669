"""Steps 1 to 5: log in, find, fill, prove, sign."""

from __future__ import annotations

import asyncio
from typing import Any

from api.demo.filming import draw_films, let_in, settle
from api.demo.phone import Phone, until
from api.demo.world import ANSWERS, DELIVERY, ITEM, World, form_values, handwriting, paper


async def log_in(world: World) -> str:
    """Code → openid → opaque session, for both people; a used code and a wrong ID number are refused."""
    for key in ("zhang_wei", "li_na"):
        await sign_in(world, key)
    stranger = world.phone("used code")
    code = await world.login_code("wang_jianguo")
    await stranger.post("/api/open/login/wechat", {"code": code})
    refused = await stranger.refused(stranger.post("/api/open/login/wechat", {"code": code}), "wechat.code_used", "wechat.code_invalid")
    return f"张伟（成都）和李娜（重庆）各自用微信登录，姓名与身份证号经人像库核实；用过的登录码被拒绝（{refused}）"


async def sign_in(world: World, key: str) -> Phone:
    """A citizen with a session and a declared identity."""
    phone, person = world.phone(key), world.person(key)
    if not phone.token:

        async def credentials() -> dict[str, str]:
            return {"code": await world.login_code(key)}

        await phone.log_in("/api/open/login/wechat", credentials)
    profile = await phone.get("/api/citizen/me")
    if profile["level"] == "L0":
        wrong = person.id_number[:-1] + ("1" if person.id_number[-1] != "1" else "2")
        body = {"name": person.name, "id_number": wrong}
        await phone.refused(phone.put("/api/citizen/me/identity", body), "identity.id_number_invalid")
        await phone.put("/api/citizen/me/identity", {"name": person.name, "id_number": person.id_number})
        await world.sandbox.send(
            "POST", "/_sandbox/wechat/accept", json={"person": key, "template_id": "sandbox_case_progress", "times": 20}
        )
    return phone


async def find_and_notice(world: World) -> str:
    """The matter, the scenario questions, and one personal, complete notice."""
    phone = world.phone("zhang_wei")
    found = await phone.get("/api/open/catalog/items", q="餐饮")
    item = next(item for item in found["items"] if item["name"] == ITEM)
    code = world.kept["item_code"] = item["code"]
    too_large = {**ANSWERS, "area_sqm": 400}
    other = await phone.post(f"/api/open/catalog/items/{code}/scenario", {"answers": too_large})
    checklist = await phone.post(f"/api/open/catalog/items/{code}/scenario", {"answers": ANSWERS})
    again = await phone.post(f"/api/open/catalog/items/{code}/scenario", {"answers": ANSWERS})
    assert not other["is_applicable"] and checklist["digest"] == again["digest"], "同样的回答应得到同样的清单"
    if "case_id" not in world.kept:
        mine = await phone.get("/api/citizen/cases")
        case = mine[0] if mine else await phone.post("/api/citizen/cases", {"item_code": code, "answers": ANSWERS})
        case = case or (await phone.get("/api/citizen/cases"))[0]
        world.kept["case_id"] = case["id"]
    notice = world.keep_file("notice.pdf", await phone.file(f"/api/citizen/cases/{world.kept['case_id']}/notice.pdf"))
    needed = [material["name"] for material in checklist["materials"] if material["is_required"]]
    return f"答 8 个问题，得到一次性告知书（PDF {len(notice) // 1024} KB），要自己准备的只有 {len(needed)} 样；同样的回答永远是同一份清单"


async def fill_and_upload(world: World) -> str:
    """A draft that resumes on another phone; files that are what they say."""
    return await fill(world, "zhang_wei", "li_na", "case_id")


async def fill(world: World, owner: str, partner: str | None, case_key: str) -> str:
    """Everything until the commitment can be signed; without `partner` the owner signs alone."""
    phone, case_id = world.phone(owner), world.kept[case_key]
    path = f"/api/citizen/cases/{case_id}"
    values = form_values(is_company=partner is not None)
    if (await phone.get(path))["state"] == "draft":
        half = dict(list(values.items())[:6])
        await phone.put(f"{path}/form", {"values": half})
        other_phone = Phone(world.stage.base_url)
        try:
            other_phone.token = phone.token
            resumed = (await other_phone.get(f"{path}/form"))["form"]
        finally:
            await other_phone.close()
        assert {name: resumed[name] for name in half} == half, "草稿应能在另一台手机上接着填"
        await phone.put(f"{path}/form", {"values": values, "delivery": {**DELIVERY, "name": world.person(owner).name}})
        case = await phone.get(path)
        held = {material["code"] for material in case["materials"]}
        wanted = sorted(name.removeprefix("materials.") for name in case["gaps"] if name.startswith("materials."))
        await _lies(phone, f"{path}/materials/{(wanted or sorted(held))[0]}")
        kinds = (("PDF", "application/pdf", "pdf"), ("JPEG", "image/jpeg", "jpg"), ("PNG", "image/png", "png"))
        for number, code in enumerate(wanted):
            kind, media_type, ending = kinds[number % 3]
            await phone.upload(f"{path}/materials/{code}", "file", [(f"材料{code}.{ending}", paper(code, kind), media_type)])
        if partner is not None and not any(party["role"] == "shareholder" for party in case["parties"]):
            invited = world.person(partner)
            body = {"role": "shareholder", "name": invited.name, "id_number": invited.id_number}
            invitation = await phone.post(f"{path}/parties", body)
            world.kept[f"{case_key}:invitation"] = invitation["code"]
        if partner is not None and f"{case_key}:invitation" in world.kept:
            await world.phone(partner).post("/api/citizen/invitations", {"code": world.kept[f"{case_key}:invitation"]})
        case = await phone.get(path)
        assert not case["gaps"], f"材料应已齐全，还缺 {case['gaps']}"
        await phone.post(f"{path}/commitment")
    case = await phone.get(path)
    assert case["state"] == "signing", case["state"]
    world.kept[f"{case_key}:sha256"] = case["commitment_sha256"]
    return f"草稿换手机接着填；{len(case['materials'])} 份材料经查验后加密保存；伪装成 JPG 的压缩包、残缺图片和坏 PDF 都被拒绝"


async def _lies(phone: Phone, path: str) -> None:
    hostile = [
        ("照片.jpg", b"PK\x03\x04" + b"\0" * 200, "image/jpeg"),
        ("残缺.jpg", paper("x", "JPEG")[:4000], "image/jpeg"),
        ("坏的.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>", "application/pdf"),
    ]
    for file in hostile:
        await phone.refused(phone.upload(path, "file", [file]), "upload.rejected")


async def prove(world: World) -> str:
    """Filmed at the pace of a real camera, judged by the built-in engine; whoever only shows a photo, or is another, is refused."""
    await asyncio.to_thread(draw_films, "a", "b")
    seen = await _before_the_check(world)
    await asyncio.gather(_zhang(world), _li(world))
    return f"两人各按随机提示做了三个动作，一帧帧边拍边核验；{seen}，举着照片、换成别人的脸都没有通过"


async def _before_the_check(world: World) -> str:
    """Nobody, or two, before the camera are told so at once; a capture that stops there costs nothing."""
    if await _done(world, "zhang_wei", "accept"):
        return "画面里没有人或有两个人会马上提示"
    for person, code in (("nobody", "NO_FACE"), ("couple", "MANY_FACES")):
        told, _ = await let_in(world.phone("zhang_wei"), lambda: _start(world, "zhang_wei"), person, ends=_is_hint)
        assert told.get("code") == code, told
    return "画面里没有人或有两个人会马上提示"


def _is_hint(message: dict[str, Any]) -> bool:
    return bool(message["type"] == "hint")


async def _zhang(world: World) -> None:
    phone = world.phone("zhang_wei")
    if not await _done(world, "zhang_wei", "accept"):
        told, found = await let_in(phone, lambda: _start(world, "zhang_wei"), "photo")
        assert told["type"] == "verdict" and found["outcome"] != "accept" and found["reasons"], "举着照片不应通过"
    world.kept["verification:zhang_wei"] = await _passes(world, "zhang_wei", "a")


async def _li(world: World) -> None:
    """First 张伟's face before 李娜's account, then her own."""
    if not await _done(world, "li_na", "reject") and not await _done(world, "li_na", "accept"):
        await settle(world.phone("li_na"), lambda: _start(world, "li_na"), "a", wanted="reject")
    world.kept["verification:li_na"] = await _passes(world, "li_na", "b")


async def _passes(world: World, key: str, face: str) -> str:
    done = await _done(world, key, "accept")
    found = done or await settle(world.phone(key), lambda: _start(world, key), face, wanted="accept")
    return str(found["id"])


async def _done(world: World, key: str, outcome: str) -> dict[str, Any] | None:
    for row in await world.phone(key).get("/api/citizen/verifications", application_id=world.kept["case_id"]):
        if row["outcome"] == outcome:
            found: dict[str, Any] = row
            return found
    return None


async def _start(world: World, key: str) -> dict[str, Any]:
    """An open face check of the case, with the consent that it needs."""
    phone, case_id = world.phone(key), world.kept["case_id"]
    consent = await phone.get("/api/citizen/face-consent")
    if not consent["is_given"]:
        await phone.put("/api/citizen/face-consent", {"version": consent["version"]})
    body = {
        "purpose": "sign_commitment",
        "application_id": case_id,
        "document_sha256": world.kept["case_id:sha256"],
        "consent_version": consent["version"],
    }
    started = await phone.post("/api/citizen/verifications", body)
    if started is None:
        started = (await phone.get("/api/citizen/verifications", application_id=case_id))[0]
    found: dict[str, Any] = started
    return found


async def sign(world: World) -> str:
    """Both sign the same PDF on their own phones; each signature is bound to a fresh proof of identity."""
    for key in ("zhang_wei", "li_na"):
        await put_signature(world, key, "case_id", world.kept[f"verification:{key}"])
    signed = await submit_signed(world, "zhang_wei", "case_id", "commitment-1.pdf")
    return f"张伟、李娜各自手写签名（PAdES，含时间戳，一人一证，用完即毁），承诺书 {len(signed) // 1024} KB；同一份身份凭据不能用第二次"


async def put_signature(world: World, key: str, case_key: str, verification_id: str) -> None:
    phone, path = world.phone(key), f"/api/citizen/cases/{world.kept[case_key]}"
    case = await phone.get(path)
    if case["my_signature"] != "waiting":
        return
    assertion = (await phone.post(f"/api/citizen/verifications/{verification_id}/assertion"))["assertion"]
    signature = {
        "strokes": handwriting(world.person(key).name),
        "consent_version": case["consent_version"],
        "dwell_seconds": 24.5,
        "is_scrolled_to_end": True,
    }
    body = {"assertion": assertion, "signature": signature}
    await phone.post(f"{path}/signature", body)
    await phone.refused(phone.post(f"{path}/signature", body), "identity.assertion_used", "flow.illegal_move", "esign.already_signed")


async def submit_signed(world: World, owner: str, case_key: str, name: str) -> bytes:
    phone, path = world.phone(owner), f"/api/citizen/cases/{world.kept[case_key]}"
    await until(lambda: phone.get(path), lambda case: case["is_signed"], "两份签名写进承诺书")
    signed = world.keep_file(name, await phone.file(f"{path}/commitment.pdf"))
    if (await phone.get(path))["state"] == "signing":
        await phone.post(f"{path}/submit")
    return signed
