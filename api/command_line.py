"""What every command owes whoever types it: wrong lines end with 64, in Chinese (JSON with --json), and files are read only so far."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click
from click.exceptions import MissingParameter, NoSuchOption

from api.settings import Settings, load_settings
from core import logs
from core.config import SettingsError
from core.errors import DomainError, InvalidInput

if TYPE_CHECKING:
    from core.db import Database

EXIT_FAILED, EXIT_USAGE = 1, 64


def settings_or_exit(**overrides: str) -> Settings:
    """Settings from the environment, or every problem listed and exit code 64."""
    env = {name: value for name, value in os.environ.items() if name.startswith("ZT_")}
    try:
        settings = load_settings({**env, **overrides})
    except SettingsError as error:
        click.echo("设置有问题，请改正后再运行：", err=True)
        for problem in error.problems:
            click.echo(f"  - {problem}", err=True)
        raise SystemExit(EXIT_USAGE) from None
    logs.configure(json_lines=settings.is_production, level=settings.server.log_level)
    return settings


def reached(settings: Settings, *, only_asks: bool = False) -> Database:
    """The database, once it has answered; what it said otherwise may hold a password and is not repeated.

    `only_asks`: an embedded database that nobody has made yet stays unmade.
    """
    from api.wiring import MODELS
    from core.db import Database

    database = Database(settings.database_url, MODELS)

    async def reach() -> None:
        if only_asks and database.is_missing:
            return
        try:
            await database.connect()
            await database.ping()
        finally:
            await database.disconnect()

    try:
        asyncio.run(reach())
    except Exception as error:
        raise click.ClickException(f"数据库连接不上（{type(error).__name__}），请检查 ZT_DATABASE_URL 和数据库服务。") from None
    return database


def migrated(settings: Settings) -> Database:
    """The database, in the form that this version needs."""
    database = reached(settings, only_asks=True)
    if database.is_missing or asyncio.run(database.pending_migrations()):
        raise click.ClickException("数据库还没有准备好，请先运行：zerotrip migrate")
    return database


def say(value: Any, *, as_json: bool, text: str) -> None:
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else text)


def refuse(error: DomainError, *, as_json: bool) -> NoReturn:
    """What was asked for is refused: exit code 1."""
    body = {"error": {"code": error.code, "message": error.message, "fields": error.fields}}
    click.echo(json.dumps(body, ensure_ascii=False) if as_json else f"{error.message}（{error.code}）", err=not as_json)
    raise SystemExit(EXIT_FAILED)


class WrongLine(click.UsageError):
    """A command line that cannot be carried out: exit code 64 (EX_USAGE of BSD's sysexits.h), so that 1 and 2 keep their own meanings."""

    exit_code = EXIT_USAGE

    def __init__(self, message: str, *, as_json: bool = False, ctx: click.Context | None = None) -> None:
        super().__init__(message, ctx)
        self.as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        if self.as_json:
            body = {"error": {"code": InvalidInput.code, "message": self.message, "fields": {}}}
            click.echo(json.dumps(body, ensure_ascii=False))
            return
        click.echo(self.message, file=file, err=file is None)
        if self.ctx is not None:
            click.echo(f"用法见：{self.ctx.command_path} --help", file=file, err=file is None)


class Careful(click.Command):
    """A command whose wrong lines are `WrongLine`s."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> click.Context:
        as_json = "--json" in args
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except click.UsageError as error:
            raise WrongLine(_in_chinese(error), as_json=as_json, ctx=error.ctx) from None


class RegularFile(click.ParamType[Path]):
    """The path of a file that is there and has an end: no folder, pipe or device."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        try:
            kind = path.stat().st_mode
        except (OSError, ValueError):
            raise _Unusable(f"没有这个文件：{value}", ctx, param) from None
        if not stat.S_ISREG(kind):
            raise _Unusable(f"这不是一个文件：{value}", ctx, param)
        if not os.access(path, os.R_OK):
            raise _Unusable(f"没有权限读这个文件：{value}", ctx, param)
        return path


def beginning(path: Path, limit: int) -> bytes:
    """The file, or one byte more than `limit` of it: enough for whoever judges it to see that it is too large."""
    with path.open("rb") as file:
        return file.read(limit + 1)


class _Unusable(click.BadParameter):
    """Said in Chinese already."""


def _in_chinese(error: click.UsageError) -> str:
    if isinstance(error, _Unusable):
        return error.message
    if isinstance(error, NoSuchOption):
        return f"没有这个选项：{error.option_name}"
    if isinstance(error, click.BadParameter):
        names = error.param.opts if error.param is not None else [error.param_hint or ""]
        name = max(names, key=len) if error.param is None or error.param.param_type_name == "option" else error.param.human_readable_name
        return f"缺少 {name}。" if isinstance(error, MissingParameter) else f"{name} 写得不对：{error.message}"
    return f"命令写得不对：{error.format_message()}"
