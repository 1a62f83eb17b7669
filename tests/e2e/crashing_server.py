"""`python crashing_server.py serve|worker`: the product as a child that can be killed and is back at once.

The child is forked from a process that has imported everything and done nothing, so that coming back takes no new start of Python. A child
that is killed loses all it had in memory, its sockets and its locks, as any process does; it is brought back, and `FOLDER/deaths` notes it.
`FOLDER/serve.pid` and `worker.pid` tell who is to be killed.

With `CRASH_PLACES` it kills itself (SIGKILL) once at each place where a delivery can be cut off: a delivery is leased but its handler
has not begun; the handler has finished but the delivery is not marked done; a file is stored but not yet recorded; the carrier has
accepted but we have not noted its waybill. Then `FOLDER/places` remembers which have been used, and there is no face engine: no delivery
needs one, and whoever plays against this server is identified at the counter.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from api import app, runtime, wiring
from api.cli import cli
from core import outbox
from core.storage.vault import Vault
from express.carriers.ems import Ems

IMPORTED = (app, wiring)
FOLDER = Path(os.environ["CRASH_FOLDER"])
in_delivery: ContextVar[str] = ContextVar("in_delivery", default="")


def crash_once(place: str) -> None:
    try:
        os.close(os.open(FOLDER / "places" / place.replace("/", "_"), os.O_CREAT | os.O_EXCL))
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


@asynccontextmanager
async def no_vision(_settings: Any, _name: str) -> AsyncIterator[Any]:
    yield SimpleNamespace(client=None)


def play(alive: int) -> None:
    """The product, in the child; it does not outlive the process that holds the other end of `alive`."""

    def leave() -> None:
        os.read(alive, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=leave, daemon=True).start()
    if "CRASH_PLACES" in os.environ:
        crash_in_places()
    cli(sys.argv[1:], prog_name="zerotrip")


def crash_in_places() -> None:
    (FOLDER / "places").mkdir(exist_ok=True)
    runtime.vision_for = no_vision  # type: ignore[assignment]
    plain = outbox.Relay.__init__

    def init(self: outbox.Relay, reactions: Any, **options: Any) -> None:
        plain(self, [wrapped(reaction) for reaction in reactions], **options)

    outbox.Relay.__init__ = init  # type: ignore[method-assign]
    Vault.put = after(Vault.put, "storing")  # type: ignore[method-assign]
    Ems.order = after(Ems.order, "ordering")  # type: ignore[method-assign]


def name_child(child: int) -> None:
    """Whole or not at all: somebody may be reading."""
    draft = FOLDER / f"{sys.argv[1]}.draft"
    draft.write_text(str(child))
    draft.replace(FOLDER / f"{sys.argv[1]}.pid")


def main() -> None:
    """Bring the product back each time it is killed, and end with it when it ends otherwise."""
    alive, held = os.pipe()
    child = 0
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.close(held)
            play(alive)
        name_child(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            sys.exit(max(status, 0))
        with (FOLDER / "deaths").open("a") as deaths:
            deaths.write(f"{sys.argv[1]}\n")


if __name__ == "__main__":
    main()
