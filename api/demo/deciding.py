"""Steps 6 to 8: review, licence, delivery."""

from __future__ import annotations

from typing import Any

from api.demo.phone import until
from api.demo.world import World


async def review(world: World) -> str:
    """One clerk pre-reviews and accepts, another decides; one person may not do both."""
    promised = await decide(world, "case_id")
    refused = world.kept.get("same_person", "")
    return f"陈静预审、受理，刘洋决定；陈静也有决定权，但不能决定自己受理的这一件（{refused}）；按工作日算，承诺 {promised} 前办结"


async def decide(world: World, case_key: str) -> str:
    first, second = await world.staff("chen.jing"), await world.staff("liu.yang")
    case_id = world.kept[case_key]
    path = f"/api/clerk/cases/{case_id}"
    case = await first.get(path)
    assert any(row["id"] == case_id for row in await first.get("/api/clerk/cases", limit=200)) or case["state"] in {"closed"}
    if case["state"] == "prereview":
        material = case["materials"][0]["id"]
        await first.file(f"{path}/materials/{material}")
        await first.post(f"{path}/prereview")
    if (await first.get(path))["state"] == "prereviewed":
        await first.post(f"{path}/accept")
    if (await first.get(path))["state"] == "accepted":
        verdict = {"is_granted": True, "reason": "材料齐全，符合备案条件。"}
        world.kept["same_person"] = await first.refused(first.post(f"{path}/decision", verdict), "case.same_person")
        await second.post(f"{path}/decision", verdict)
    case = await second.get(path)
    assert case["state"] in {"granted", "delivering", "closed"}, case["state"]
    return str(case["promised_on"])


async def licence(world: World) -> str:
    """The authority seals the licence; the credential QR, the status list and the trust list are published."""
    found = await take_licence(world, "zhang_wei", "case_id")
    phone = world.phone("zhang_wei")
    pdf = world.keep_file("licence.pdf", await phone.file(f"/api/citizen/licences/{found['id']}/licence.pdf"))
    world.keep_file("licence-qr.png", await phone.file(f"/api/citizen/licences/{found['id']}/qr.png"))
    world.keep_file("trust-list.cbor", await phone.file("/api/open/trust-list"))
    world.keep_file("status-list.cbor", await _status_list(world, found))
    world.kept["licence"] = found
    facts = f"PDF {len(pdf) // 1024} KB，证照标识 {found['identifier']}"
    return f"{found['title']} {found['number']} 盖章签发（{facts}），二维码、状态列表、信任列表已发布"


async def take_licence(world: World, owner: str, case_key: str) -> dict[str, Any]:
    phone = world.phone(owner)
    case_id = world.kept[case_key]

    async def mine() -> list[dict[str, Any]]:
        return [row for row in await phone.get("/api/citizen/licences") if row["case_id"] == case_id]

    rows = await until(mine, bool, "证照制成")
    assert len(rows) == 1, "一件办件只能有一张证照"
    found: dict[str, Any] = rows[0]
    return found


async def _status_list(world: World, licence: dict[str, Any]) -> bytes:
    """The list of this licence's issuer (named by the item code's first 18 characters)."""
    return await world.phone("zhang_wei").file(f"/api/open/status-lists/{world.kept['item_code'][:18]}-1")


async def deliver(world: World) -> str:
    """Ordered at the carrier, handed over by QR at the hall, given at the door against the code."""
    waybill = await hand_over(world, "zhang_wei", "case_id")
    return f"邮政运单 {waybill}：快递员在大厅扫交接码取件，到门口凭 6 位取件码交付；抄来的交接码、错误的取件码都被拒绝；交接链核验完整"


async def hand_over(world: World, owner: str, case_key: str) -> str:
    phone, desk, courier = world.phone(owner), await world.staff("chen.jing"), await _courier(world)
    case_id = world.kept[case_key]

    async def parcel() -> dict[str, Any]:
        rows = [row for row in await phone.get("/api/citizen/parcels") if row["case_id"] == case_id]
        assert len(rows) <= 1, "一张证照只能有一个快件"
        return rows[0] if rows else {}

    async def state() -> str:
        return str((await parcel())["state"])

    found = await until(parcel, lambda row: bool(row and row["waybill_no"]), "邮政接单")
    parcel_id, waybill = found["id"], str(found["waybill_no"])
    if found["state"] in {"ordered", "waiting_handoff"}:
        offer = await desk.post(f"/api/clerk/parcels/{parcel_id}/handoff-code")
        altered = offer["payload"][:-2] + ("AA" if not offer["payload"].endswith("AA") else "BB")
        await courier.refused(
            courier.post("/api/courier/handoffs", {"waybill_no": waybill, "payload": altered}),
            "express.handoff_code_wrong",
            "express.handoff_code_stale",
        )
        await courier.post("/api/courier/handoffs", {"waybill_no": waybill, "payload": offer["payload"]})
        await world.sandbox.send("POST", f"/_sandbox/ems/{waybill}/pick_up", json={})
    if await state() == "with_courier":
        await courier.post(f"/api/courier/parcels/{parcel_id}/start")
    if await state() == "out_for_delivery":
        code = (await phone.get(f"/api/citizen/parcels/{parcel_id}/pickup-code"))["code"]
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        await courier.refused(courier.post(f"/api/courier/parcels/{parcel_id}/deliver", {"code": wrong}), "express.pickup_code_wrong")
        await courier.post(f"/api/courier/parcels/{parcel_id}/deliver", {"code": code})
    assert await state() == "delivered", await state()
    custody = await desk.get(f"/api/clerk/parcels/{parcel_id}/custody")
    assert custody["is_intact"], custody
    await until(lambda: phone.get(f"/api/citizen/cases/{case_id}"), lambda case: case["state"] == "closed", "办结")
    return waybill


async def _courier(world: World) -> Any:
    phone = world.phone("courier")
    if not phone.token:
        known = world.stage.accounts()["courier"]

        async def credentials() -> dict[str, str]:
            body = {"code": await world.login_code("zhao_shifu")}
            return body if world.kept.get("courier_activated") else body | {"activation_code": known["activation_code"]}

        await phone.log_in("/api/open/login/courier", credentials)
        world.kept["courier_activated"] = True
    return phone
