"""`zerotrip identity`: look at clips and pictures of faces with the hall's own rules, without a server."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from api.command_line import EXIT_FAILED, Careful, RegularFile, WrongLine, beginning, migrated, refuse, say, settings_or_exit
from core.errors import DomainError

_FILE = RegularFile()


@click.group()
def identity() -> None:
    """Examine clips and pictures of faces, offline; compare the routes of identification.

    Nothing is kept, and nobody is looked up. The engine, its limits and the rules are those of the face check.
    """


@identity.command(cls=Careful)
@click.argument("clip", type=_FILE)
@click.option("--mirrored", is_flag=True, help="The clip is a mirror image, as most front cameras record.")
@click.option("--challenge", help="Movements asked for, in order: blink, mouth, nod, turn_left, turn_right. Adds a verdict.")
@click.option("--portrait", type=_FILE, help="Document portrait (JPEG or PNG) that the face must match. For the verdict.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def analyse(clip: Path, mirrored: bool, challenge: str | None, portrait: Path | None, as_json: bool) -> None:
    """Find blinks, opened mouths, nods and turns in CLIP (MP4, WebM or Matroska, at most 18 seconds).

    \b
    Exit codes: 0 examined (and, with --challenge, passed), 1 refused or not passed, 64 wrong command line.
    """
    from identity.liveness.service import MAX_CLIP_BYTES, MAX_PICTURE_BYTES, build_engine, examine_clip, load_policy

    wanted = () if challenge is None else _movements(challenge, as_json)
    picture = beginning(portrait, MAX_PICTURE_BYTES) if portrait else None
    data = beginning(clip, MAX_CLIP_BYTES)
    try:
        report = examine_clip(build_engine("dlib"), data, load_policy(), mirrored=mirrored, challenge=wanted, portrait=picture)
    except DomainError as error:
        refuse(error, as_json=as_json)
    told = msgspec.to_builtins(report)
    say(told, as_json=as_json, text=_in_words(told))
    raise SystemExit(EXIT_FAILED if report.verdict is not None and report.verdict.outcome != "accept" else 0)


@identity.command(cls=Careful)
@click.argument("a", type=_FILE)
@click.argument("b", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(a: Path, b: Path, as_json: bool) -> None:
    """How far apart the faces in the pictures A and B are, and at which limits they would be one person."""
    from identity.liveness.service import MAX_PICTURE_BYTES, build_engine, compare_pictures

    try:
        likeness = compare_pictures(build_engine("dlib"), beginning(a, MAX_PICTURE_BYTES), beginning(b, MAX_PICTURE_BYTES))
    except DomainError as error:
        refuse(error, as_json=as_json)
    told = msgspec.to_builtins(likeness)
    limits = "，".join(f"{limit} {'是' if same else '不是'}" for limit, same in told["same_at"].items())
    say(told, as_json=as_json, text=f"距离 {likeness.distance}；按各个界限算同一个人吗：{limits}")


@identity.command(cls=Careful)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="Over how many days back.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def parity(days: int, as_json: bool) -> None:
    """How each route of identification serves people: counts, shares, middle times. No personal data."""
    from core.clock import SystemClock
    from identity.parity.service import reports_since

    database = migrated(settings_or_exit())

    async def report() -> list[dict[str, Any]]:
        await database.connect()
        try:
            return [msgspec.to_builtins(one) for one in await reports_since(SystemClock().now() - timedelta(days=days))]
        finally:
            await database.disconnect()

    told = asyncio.run(report())
    lines = [
        f"{one['method']:8} 开始 {one['started']}，通过 {one['accepted']}，未通过 {one['rejected']}，离开 {one['expired']}" for one in told
    ]
    say(told, as_json=as_json, text="\n".join(lines))


def _movements(challenge: str, as_json: bool) -> tuple[Any, ...]:
    from identity.liveness.service import actions_from

    try:
        wanted = actions_from(challenge)
    except ValueError as unknown:
        raise WrongLine(f"没有“{unknown}”这个动作；可以用 blink, mouth, nod, turn_left, turn_right。", as_json=as_json) from None
    if not wanted:
        raise WrongLine("--challenge 里没有写动作；可以用 blink, mouth, nod, turn_left, turn_right。", as_json=as_json)
    return wanted


def _in_words(told: dict[str, Any]) -> str:
    lines = [f"{told['frames']} 帧，原片每秒 {told['fps']} 帧，最多 {told['faces_max']} 张脸，计算用时 {told['cpu_ms']} 毫秒"]
    lines += [f"  {event['start']:6.2f}–{event['end']:5.2f} 秒  {event['action']}  {event['strength']}" for event in told["events"]]
    lines += [f"  不合格：{code}" for code in (*told["hard_fails"], *told["quality"]["problems"])]
    verdict = told.get("verdict")
    if verdict:
        lines.append(f"结论：{verdict['outcome']}" + "".join(f"\n  - {text}" for text in verdict["coaching"]))
    return "\n".join(lines)
