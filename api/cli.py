"""The command line. Each command says what it does, what it needs and what to do next."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli_identity import identity
from api.command_line import EXIT_USAGE, Careful, RegularFile, WrongLine, migrated, reached, say, settings_or_exit
from api.settings import Settings
from core import logs
from core.config import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zerotrip")
def cli() -> None:
    """零跑办 Zerotrip: a government service hall in a phone.

    \b
    First steps:
      zerotrip migrate        make the database
      zerotrip seed --demo    items, offices, demo people and what they have under way
      zerotrip serve          serve on http://127.0.0.1:8000
      zerotrip demo --out DIR play the main job end to end on a private server
    """


@cli.command()
@click.option("--host", help="Address to listen on (ZT_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (ZT_PORT); 0 takes a free one.")
def serve(host: str | None, port: int | None) -> None:
    """Serve the hall; in development also the worker, the face engine and the stand-ins for WeChat, EMS and the portrait authority."""
    from api import runtime, welcome

    overrides = {**({"ZT_HOST": host} if host else {}), **({"ZT_PORT": str(port)} if port is not None else {})}
    settings = settings_or_exit(**overrides)

    def ready(complete: Settings, sandbox: str) -> None:
        click.echo("\n".join(welcome.lines(complete, sandbox)))

    migrated(settings)
    try:
        with runtime.sole_server(settings):
            asyncio.run(runtime.serve(settings, ready))
    except runtime.AlreadyServed:
        raise click.ClickException("这个数据目录已有一个零跑办在运行；内嵌数据库只能由一个进程使用。") from None
    except OSError as error:
        raise click.ClickException(str(error)) from None


@cli.command()
def worker() -> None:
    """Deliver the outbox without serving (PostgreSQL; any number of workers)."""
    from api import runtime

    settings = settings_or_exit()
    if settings.database_url.startswith("sqlite"):
        raise click.ClickException("SQLite 只能由一个进程使用：`zerotrip serve` 已经包含后台任务。")
    migrated(settings)
    asyncio.run(runtime.work(settings, lambda: click.echo("后台任务已启动。")))


@cli.command()
@click.option("--check", is_flag=True, help="Only list what would be applied; exit 1 when something is pending.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migrate(check: bool, as_json: bool) -> None:
    """Bring the database to the newest form; safe to run again and from several processes at once."""
    database = reached(settings_or_exit(), only_asks=check)
    if check:
        pending = asyncio.run(database.pending_migrations())
        say({"pending": pending}, as_json=as_json, text="\n".join(pending) or "数据库已是最新。")
        raise SystemExit(1 if pending else 0)
    applied = asyncio.run(database.migrate())
    say({"applied": applied}, as_json=as_json, text="数据库已升级：" + "、".join(applied) if applied else "数据库已是最新。")


_NO_CASES = {
    "AlreadyServed": "演示办件：没有做，请先停下正在运行的服务，再运行一次。",
    "NoSandbox": "演示办件：没有做，这里用的是真实的微信。",
    "UpstreamUnavailable": "演示办件：没有做，模拟外部系统没有回应，请启动后再运行一次。",
}


@cli.command()
@click.option("--demo", is_flag=True, help="Also make demo staff, a courier, their passwords, and cases under way (development only).")
@click.option("--without-cases", is_flag=True, help="With --demo: people only, nothing under way.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seed(demo: bool, without_cases: bool, as_json: bool) -> None:
    """Import service items, offices, counters and slot plans; doing it again changes nothing."""
    from api.seed import seed_hall

    settings = settings_or_exit()
    if demo and settings.is_production:
        raise click.ClickException("正式环境不能生成演示账号。")
    migrated(settings)
    if demo and settings.server.log_level != "DEBUG":
        # Making the cases is a hundred commands, each of which would tell of itself.
        logs.configure(json_lines=False, level="ERROR")
    result = asyncio.run(seed_hall(settings, demo=demo, with_cases=not without_cases))
    lines = [f"事项：{result['items']} 项", f"预约计划：{result['slot_plans']} 个"]
    if demo:
        lines.append(f"演示账号：{result['accounts_file']}")
        if result.get("cases"):
            lines.append(f"演示办件：新做了 {result['cases']} 件")
        if result.get("no_cases"):
            lines.append(_NO_CASES[result["no_cases"]])
    say(result, as_json=as_json, text="\n".join(lines))


@cli.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for what the demo leaves: licence, QR, lists, journal."
)
@click.option("--json", "as_json", is_flag=True, help="Print the journal as JSON instead of telling the story.")
def demo(out: Path | None, as_json: bool) -> None:
    """Play the main job from phone to doorstep on a private server and say what each step proves.

    Uses an own temporary data folder with SQLite, or the database and cache of ZT_DATABASE_URL and ZT_REDIS_URL when they are set.
    Exits with 1 when any step fails.
    """
    from api.demo.play import play

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    ok = asyncio.run(play(out, as_json=as_json))
    raise SystemExit(0 if ok else 1)


@cli.command(cls=Careful)
@click.argument("subject")
@click.option("--trust", type=RegularFile(), required=True, help="The trust list (trust-list.cbor).")
@click.option("--status", type=RegularFile(), multiple=True, help="Status list(s) of the issuer; without one the standing stays unknown.")
@click.option("--at", "moment", help="Judge for this time (ISO 8601) instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(subject: str, trust: Path, status: tuple[Path, ...], moment: str | None, as_json: bool) -> None:
    """Judge a licence offline: a PDF, a picture with its QR, or the text of the code. Uses no network.

    \b
    Exit codes: 0 passed, 1 failed, 2 cannot be judged, 64 wrong command line.
    """
    from esign.service import exit_code, report_json, summary_zh
    from esign.service import verify as judge

    try:
        at = datetime.fromisoformat(moment) if moment else datetime.now(UTC)
    except ValueError:
        click.echo("--at 要写成 2026-11-22T10:00:00+08:00 这样的时间。", err=True)
        raise SystemExit(EXIT_USAGE) from None
    path = Path(subject)
    is_file = len(subject) < 4096 and path.is_file()
    if not is_file and not subject.lower().startswith(("http://", "https://")):
        click.echo("没有这个文件。", err=True)
        raise SystemExit(EXIT_USAGE)
    data: bytes | str = path.read_bytes() if is_file else subject
    report = judge(
        data,
        trust=trust.read_bytes(),
        status=[item.read_bytes() for item in status] or None,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
    )
    click.echo(report_json(report) if as_json else "\n".join([summary_zh(report), *(f"  - {reason}" for reason in report.reasons)]))
    raise SystemExit(exit_code(report))


@cli.command()
@click.option("--check", is_flag=True, help="Only compare; exit 1 when a generated file is stale.")
def docs(check: bool) -> None:
    """Write the generated documents: OpenAPI, state machines, error codes, settings, .env.example."""
    from api.docs import NoCheckout, root, stale, write

    try:
        folder = root()
    except NoCheckout as error:
        raise click.ClickException(str(error)) from None
    if check:
        outdated = stale(folder)
        for path in outdated:
            click.echo(f"过期：{path}（运行 zerotrip docs 更新）", err=True)
        raise SystemExit(1 if outdated else 0)
    click.echo(f"已更新 {len(write(folder))} 个文件。")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Check what this installation needs: settings, database, storage, cache, fonts, clients, face models, outside services."""
    from api.doctor import examine

    findings = asyncio.run(examine(settings_or_exit()))
    is_well = all(finding["ok"] for finding in findings)
    lines = [f"{'正常' if finding['ok'] else '问题'}  {finding['part']}：{finding['detail']}" for finding in findings]
    say({"ok": is_well, "findings": findings}, as_json=as_json, text="\n".join(lines))
    raise SystemExit(0 if is_well else 1)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True, type=click.IntRange(1, 65535))
def sandbox(host: str, port: int) -> None:
    """Run the stand-ins for WeChat, EMS and the portrait authority alone (development only)."""
    from core.config import load
    from sandbox.app import serve as serve_sandbox
    from sandbox.config import SandboxConfig, SandboxInProduction

    logs.configure(json_lines=False)
    config = load(SandboxConfig, os.environ)
    click.echo(f"模拟外部系统：http://{host}:{port}/")
    try:
        asyncio.run(serve_sandbox(config, host, port))
    except SandboxInProduction as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        sys.exit(0)


@cli.command()
@click.option("--socket", "path", type=click.Path(path_type=Path), required=True, help="Unix socket to listen on.")
@click.option("--engine", help="Name of the engine (ZT_IDENTITY_FACE_ENGINE).")
@click.option("--workers", type=click.IntRange(1, 32), help="Analyses at once (ZT_IDENTITY_VISION_WORKERS).")
def vision(path: Path, engine: str | None, workers: int | None) -> None:
    """Run the face engine as a process of its own, with the settings of faces only: it needs no key and no database."""
    from core.config import load
    from identity.liveness.config import LivenessConfig
    from identity.liveness.service import EngineUnusable, load_policy, run_vision

    given = {"ZT_IDENTITY_FACE_ENGINE": engine, "ZT_IDENTITY_VISION_WORKERS": str(workers) if workers else None}
    try:
        config = load(LivenessConfig, {**os.environ, **{name: value for name, value in given.items() if value}})
    except SettingsError as error:
        raise WrongLine("; ".join(error.problems)) from None
    if problems := config.problems():
        raise WrongLine("; ".join(problems))
    limits = (load_policy(config.policy_path) if config.policy_path else load_policy()).engines.get(config.engine)
    try:
        run_vision(
            path,
            engine=config.engine,
            engine_options=config.engine_options(limits.match if limits else None),
            workers=config.vision_workers,
            queue=config.vision_queue,
        )
    except KeyError:
        raise click.ClickException(f"没有叫 {config.engine} 的人脸引擎。") from None
    except EngineUnusable as error:
        raise click.ClickException(str(error)) from None


cli.add_command(identity)
