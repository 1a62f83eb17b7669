"""What `zerotrip serve` says when it is ready: where to click."""

from __future__ import annotations

from pathlib import Path

from api import clients
from api.development.service import ACCOUNTS_FILE
from api.settings import Settings


def lines(settings: Settings, sandbox: str, static: Path = clients.STATIC) -> list[str]:
    """`settings` as in force; `sandbox` is the address of the stand-ins that this process started, or empty."""
    host = {"0.0.0.0": "127.0.0.1", "::": "localhost"}.get(settings.server.host, settings.server.host)  # noqa: S104
    here = f"http://{f'[{host}]' if ':' in host else host}:{settings.server.port}"
    unbuilt = clients.missing(static)
    said = [f"零跑办已启动：{here}/"]
    for client in clients.CLIENTS:
        place = "还没有生成，请运行 make clients 后重新启动" if client in unbuilt else here + client.address
        said.append(f"  {client.title}：{place}")
    said.append(f"  查验证照：{here}/v")
    accounts = settings.server.data_dir / ACCOUNTS_FILE
    if not settings.is_production and accounts.is_file():
        said.append(f"  演示账号：{accounts}（在登录页也可以直接选人）")
    if sandbox:
        said.append(f"  模拟外部系统（微信、邮政、人像库）：{sandbox}/")
    return [*said, "按 Ctrl+C 停止。"]
