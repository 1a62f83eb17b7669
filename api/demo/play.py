"""Playing all steps in order, telling what each proves, and keeping a journal."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from api.demo.applying import fill_and_upload, find_and_notice, log_in, prove, sign
from api.demo.checking import other_route, rate_and_audit, verify
from api.demo.deciding import deliver, licence, review
from api.demo.stage import Stage
from api.demo.world import Record, World
from core.clock import BEIJING

Step = Callable[[World], Awaitable[str]]
STEPS: tuple[tuple[str, str, Step], ...] = (
    ("login", "两个人用微信登录", log_in),
    ("notice", "找事项、答问题、拿一次性告知书", find_and_notice),
    ("application", "填表、传材料、请股东一起签", fill_and_upload),
    ("identity", "对着手机核验身份", prove),
    ("signature", "手写签署承诺书并提交", sign),
    ("review", "预审、受理、另一人决定", review),
    ("licence", "盖章签发证照", licence),
    ("delivery", "邮政寄送，凭码交付", deliver),
    ("verification", "陌生人查验，撤销后再查", verify),
    ("rating", "评价与留痕", rate_and_audit),
    ("other_route", "第二件：不刷脸，走窗口，一样办成", other_route),
)
_LAST_MINUTES = 6


async def play(out: Path | None, *, as_json: bool) -> bool:
    """The whole demo on a stage of its own, leaving its files in the existing folder `out`; True when every step held."""
    stage = Stage(os.environ)
    world = World(stage, out)
    await _not_at_midnight()
    records: list[Record] = []
    try:
        await stage.open()
        if not as_json:
            click.echo(f"零跑办演示：{stage.describes}，私有服务器 {stage.base_url}\n")
        for number, (name, title, step) in enumerate(STEPS, 1):
            record = await run_step(name, step, world)
            records.append(record)
            if not as_json:
                click.echo(f"{number:>2}. {'通过' if record.ok else '失败'}  {title}（{record.ms / 1000:.1f} 秒）\n      {record.proves}")
            if not record.ok:
                break
    finally:
        await world.close()
        await stage.close()
    journal = {"steps": [record.as_dict() for record in records], "ok": len(records) == len(STEPS) and all(record.ok for record in records)}
    _finish(journal, out, as_json=as_json)
    return bool(journal["ok"])


async def run_step(name: str, step: Step, world: World) -> Record:
    """One step with its time; a failure is a record too, not an exception."""
    record = Record(name)
    try:
        record.proves = await step(world)
        record.ok = True
    except Exception as error:
        record.proves = f"{type(error).__name__}: {error}"
    return record.end()


def _finish(journal: dict[str, Any], out: Path | None, *, as_json: bool) -> None:
    text = json.dumps(journal, ensure_ascii=False, indent=None if as_json else 2)
    if out is not None:
        (out / "journal.json").write_text(json.dumps(journal, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if as_json:
        click.echo(text)
        return
    total = sum(step["ms"] for step in journal["steps"]) / 1000
    click.echo(
        f"\n{'全部通过' if journal['ok'] else '没有全部通过'}，共 {total:.1f} 秒。" + (f"留下的文件在 {out}/。" if out is not None else "")
    )
    if out is not None and journal["ok"]:
        click.echo(f"自己验一验：zerotrip verify {out}/licence.pdf --trust {out}/trust-list.cbor --status {out}/status-list.cbor")


async def _not_at_midnight() -> None:
    """A counter slot is for today; in the day's last minutes there is none left, so the new day is awaited."""
    now = datetime.now(BEIJING)
    if now.hour == 23 and now.minute >= 60 - _LAST_MINUTES:
        await asyncio.sleep((60 - now.minute) * 60)
