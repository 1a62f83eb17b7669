"""Steps 9 and 10, and the second case by the other route of equal rank."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime, timedelta
from typing import Any

from api.demo.applying import fill, put_signature, sign_in, submit_signed
from api.demo.deciding import decide, hand_over, take_licence
from api.demo.phone import Phone, until
from api.demo.tampering import altered_audit_row
from api.demo.world import ANSWERS, OFFICE, World
from core.clock import BEIJING


async def verify(world: World) -> str:
    """A stranger checks PDF and QR, online and offline; the licence is revoked and the stranger sees it."""
    stranger = world.phone("stranger")
    issued = await _verify_offline(world, "licence.pdf", "status-list.cbor")
    shown = await _verify_offline(world, "licence-qr.png", "status-list.cbor")
    assert (issued["exit"], issued["verdict"], issued["status"]) == (0, "TOTAL_PASSED", "valid"), issued
    assert (shown["exit"], shown["verdict"]) == (0, "TOTAL_PASSED"), shown
    forged = bytearray(world.kept["licence.pdf"])
    forged[len(forged) // 3] ^= 1
    assert (await _online(stranger, "licence.pdf", bytes(forged)))["verdict"] != "TOTAL_PASSED"
    licence = world.kept["licence"]
    desk = await world.staff("liu.yang")
    state = next(row["state"] for row in await desk.get("/api/clerk/licences", limit=200) if row["id"] == licence["id"])
    if state == "valid":
        assert (await _online(stranger, "licence.pdf", world.kept["licence.pdf"]))["verdict"] == "TOTAL_PASSED"
        assert (await _online(stranger, "licence-qr.png", world.kept["licence-qr.png"]))["verdict"] == "TOTAL_PASSED"
        await desk.post(f"/api/clerk/licences/{licence['id']}/status", {"action": "revoke", "reason": "经营者主动注销备案"})
    world.keep_file("status-list-revoked.cbor", await stranger.file(f"/api/open/status-lists/{world.kept['item_code'][:18]}-1"))
    revoked = await _verify_offline(world, "licence.pdf", "status-list-revoked.cbor")
    assert (revoked["exit"], revoked["verdict"], revoked["status"]) == (1, "TOTAL_FAILED", "revoked"), revoked
    assert (await _online(stranger, "licence-qr.png", world.kept["licence-qr.png"]))["status"] == "revoked"
    return "陌生人不登录：PDF 与二维码在线、离线都验证为真；改动一个字节即不通过；撤销后再验，显示“已撤销”"


async def _online(stranger: Phone, name: str, data: bytes) -> dict[str, Any]:
    answer = await stranger.upload("/api/open/verify/file", "file", [(name, data, "application/octet-stream")])
    found: dict[str, Any] = answer["report"]
    return found


async def _verify_offline(world: World, name: str, status: str) -> dict[str, Any]:
    """`zerotrip verify` in a process of its own that is given files and nothing else."""
    folder = world.stage.folder / "stranger"
    folder.mkdir(exist_ok=True)
    for part in (name, "trust-list.cbor", status):
        (folder / part).write_bytes(world.kept[part])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api", "verify", str(folder / name), "--trust", str(folder / "trust-list.cbor")),
        *("--status", str(folder / status), "--json"),
        stdout=asyncio.subprocess.PIPE,
        env=world.stage.env,
    )
    output, _ = await process.communicate()
    return {**json.loads(output), "exit": process.returncode}


async def rate_and_audit(world: World) -> str:
    """The citizen rates; the chain of the case verifies, and shows a hole when one row is altered."""
    phone, case_id = world.phone("zhang_wei"), world.kept["case_id"]
    if not world.kept.get("rated"):
        await phone.post(f"/api/citizen/ratings/{case_id}", {"level": 5, "comment": "一趟没跑，真方便。"})
        world.kept["rated"] = True
    await phone.refused(phone.post(f"/api/citizen/ratings/{case_id}", {"level": 1}), "feedback.already_rated")
    before = await phone.get(f"/api/citizen/cases/{case_id}/audit")
    assert before["is_intact"], before["reason"]
    async with altered_audit_row(world.stage.database_url, f"case:{case_id}", seq=3):
        during = await phone.get(f"/api/citizen/cases/{case_id}/audit")
    after = await phone.get(f"/api/citizen/cases/{case_id}/audit")
    assert not during["is_intact"] and during["broken_at"] == 3 and after["is_intact"], during
    notices = await phone.get("/api/citizen/notices")
    case = await phone.get(f"/api/citizen/cases/{case_id}")
    assert case["trips"] == 0, "全程应当零跑动"
    return f"五星评价一次有效；{before['length']} 步留痕首尾相接，改动第 3 行立刻被发现；全程 {len(notices)} 条消息、{case['trips']} 次跑动"


async def other_route(world: World) -> str:
    """A second case: no face check, a counter slot instead; the same case goes on."""
    phone, desk = await sign_in(world, "wang_jianguo"), await world.staff("chen.jing")
    if "second_id" not in world.kept:
        answers = {**ANSWERS, "applicant_kind": "individual"}
        mine = await phone.get("/api/citizen/cases")
        case = mine[0] if mine else await phone.post("/api/citizen/cases", {"item_code": world.kept["item_code"], "answers": answers})
        world.kept["second_id"] = (case or (await phone.get("/api/citizen/cases"))[0])["id"]
    consent = await phone.get("/api/citizen/face-consent")
    assert not consent["is_given"] and consent["other_routes"], "不刷脸应有同等的办法"
    await _fill_alone(world)
    verification = await _at_counter(world, phone, desk)
    await put_signature(world, "wang_jianguo", "second_id", verification)
    await submit_signed(world, "wang_jianguo", "second_id", "commitment-2.pdf")
    await decide(world, "second_id")
    licence = await take_licence(world, "wang_jianguo", "second_id")
    waybill = await hand_over(world, "wang_jianguo", "second_id")
    case = await until(lambda: phone.get(f"/api/citizen/cases/{world.kept['second_id']}"), lambda row: row["trips"] == 1, "跑动台账")
    outcome = f"{licence['number']}，运单 {waybill}，跑动 {case['trips']} 次如实入账"
    return f"王建国（75 岁）不刷脸，预约窗口当面核验后，同一件事接着在手机上办完：{outcome}"


async def _fill_alone(world: World) -> None:
    path = f"/api/citizen/cases/{world.kept['second_id']}"
    phone = world.phone("wang_jianguo")
    if (await phone.get(path))["state"] == "draft":
        gaps = (await phone.get(path))["gaps"]
        assert "parties.shareholder" not in gaps, "个体工商户不需要股东"
    await fill(world, "wang_jianguo", None, "second_id")


async def _at_counter(world: World, phone: Phone, desk: Phone) -> str:
    """Hold, confirm, come, check in, be identified by the clerk; nobody else can use the place."""
    rows = await phone.get("/api/citizen/verifications", application_id=world.kept["second_id"])
    if not any(row["outcome"] == "accept" for row in rows):
        visit = await _visit(world, phone, desk)
        body = {
            "account_id": visit["account_id"],
            "application_id": world.kept["second_id"],
            "document_sha256": world.kept["second_id:sha256"],
            "evidence": {
                "document_kind": "resident_id_card",
                "checked": ["document_genuine", "holder_matches_photo", "number_matches_account"],
            },
        }
        await desk.get(f"/api/clerk/identity/holders/{visit['account_id']}")
        await desk.post("/api/clerk/identity/counter", body)
        await desk.post(f"/api/clerk/appointments/{visit['id']}/complete")
        rows = await phone.get("/api/citizen/verifications", application_id=world.kept["second_id"])
    return str(next(row["id"] for row in rows if row["outcome"] == "accept"))


async def _visit(world: World, phone: Phone, desk: Phone) -> dict[str, Any]:
    mine = [row for row in await phone.get("/api/citizen/appointments") if row["case_id"] == world.kept["second_id"]]
    active = [row for row in mine if row["state"] in {"held", "confirmed", "checked_in"}]
    if not active:
        today = datetime.now(BEIJING).date()
        slots = await phone.get(
            "/api/citizen/appointments/slots", **{"office_id": OFFICE, "purpose": "identity_check", "from": str(today), "to": str(today)}
        )
        slot = next(
            row
            for row in slots
            if row["left"] > 0 and datetime.fromisoformat(row["starts_at"]) > datetime.now(BEIJING) + timedelta(seconds=30)
        )
        await phone.post("/api/citizen/appointments", {"slot_id": slot["id"], "case_id": world.kept["second_id"]})
        active = await phone.get("/api/citizen/appointments")
    held = active[0]
    if held["state"] == "held":
        await phone.post(f"/api/citizen/appointments/{held['id']}/confirm")
    confirmed = await phone.get(f"/api/citizen/appointments/{held['id']}")
    if confirmed["state"] == "confirmed":
        await desk.post("/api/clerk/appointments/check-in", {"code": confirmed["code"]})
    day = datetime.fromisoformat(confirmed["starts_at"]).astimezone(BEIJING).date()
    visits = await desk.get("/api/clerk/appointments", day=str(day))
    found: dict[str, Any] = next(row for row in visits if row["id"] == held["id"])
    return found
