"""`python crashing_server.py serve|worker`: the product, which kills itself (SIGKILL) once at each place where a delivery can be cut off.

Places: a delivery is leased but its handler has not begun; the handler has finished but the delivery is not marked done; a file is stored
but not yet recorded; the carrier has accepted but we have not noted its waybill. `CRASH_FOLDER` remembers which have been used.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import outbox
from core.storage.vault import Vault
from express.carriers.ems import Ems

FOLDER = Path(os.environ["CRASH_FOLDER"])
in_delivery: ContextVar[str] = ContextVar("in_delivery", default="")


def crash_once(place: str) -> None:
    try:
        os.close(os.open(FOLDER / place.replace("/", "_"), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def wrapped(reaction: outbox.Reaction) -> outbox.Reaction:
    async def handler(event: Any, key: str) -> None:
        crash_once(f"before {reaction.name}")
        token = in_delivery.set(reaction.name)
        try:
            await reaction.handler(event, key)
        finally:
            in_delivery.reset(token)
        crash_once(f"after {reaction.name}")

    return replace(reaction, handler=handler)


def after(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    async def call(*arguments: Any, **options: Any) -> Any:
        result = await method(*arguments, **options)
        if in_delivery.get():
            crash_once(f"within {in_delivery.get()} after {name}")
        return result

    return call


def main() -> None:
    plain = outbox.Relay.__init__

    def init(self: outbox.Relay, reactions: Any, **options: Any) -> None:
        plain(self, [wrapped(reaction) for reaction in reactions], **options)

    outbox.Relay.__init__ = init  # type: ignore[method-assign]
    Vault.put = after(Vault.put, "storing")  # type: ignore[method-assign]
    Ems.order = after(Ems.order, "ordering")  # type: ignore[method-assign]
    from api.cli import cli

    cli(sys.argv[1:], prog_name="zerotrip")


if __name__ == "__main__":
    main()
