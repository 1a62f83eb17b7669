"""Levers of the stand-in: time, faults, the journal, what couriers do; and a page in Chinese that shows it all."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, html, json

from sandbox import ems
from sandbox.admin_page import page
from sandbox.config import SandboxConfig
from sandbox.persons import PERSONS
from sandbox.state import Fault, State


def _object(request: Request) -> dict[str, Any]:
    return request.json if request.body and isinstance(request.json, dict) else {}


def routes(config: SandboxConfig, state: State) -> Blueprint:
    bp = Blueprint("admin")

    @bp.get("/")
    async def show(request: Request) -> HTTPResponse:
        return html(page(state))

    @bp.get("/_sandbox/health")
    async def health(request: Request) -> HTTPResponse:
        return json({"ok": True, "now": state.clock.now().isoformat()})

    @bp.get("/_sandbox/journal")
    async def journal(request: Request) -> HTTPResponse:
        return json({"requests": list(state.journal)})

    @bp.get("/_sandbox/persons")
    async def persons(request: Request) -> HTTPResponse:
        shown = ("key", "name", "role", "city", "is_courier")
        return json({"persons": [{name: getattr(person, name) for name in shown} for person in PERSONS]})

    @bp.post("/_sandbox/clock")
    async def clock(request: Request) -> HTTPResponse:
        try:
            seconds = float(_object(request).get("advance_seconds", 0))
        except (TypeError, ValueError):
            return json({"error": "advance_seconds must be a number"}, status=422)
        return json({"now": state.clock.advance(seconds).isoformat()})

    @bp.post("/_sandbox/faults")
    async def faults(request: Request) -> HTTPResponse:
        try:
            fault = msgspec.json.decode(request.body, type=Fault)
        except msgspec.MsgspecError as error:
            return json({"error": str(error)}, status=422)
        state.faults.append(fault)
        return json({"faults": msgspec.to_builtins(state.faults)})

    @bp.post("/_sandbox/ems/<waybill_no:str>/<action:str>")
    async def ems_move(request: Request, waybill_no: str, action: str) -> HTTPResponse:
        parcel = state.parcels.get(waybill_no)
        if parcel is None or action not in ems.MOVES:
            return json({"error": "unknown waybill or action"}, status=404)
        statuses = await ems.move(config, state, parcel, action, _object(request))
        return json({"waybill_no": waybill_no, "state": parcel.state, "pushes": statuses})

    return bp
