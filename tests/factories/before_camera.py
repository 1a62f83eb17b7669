"""Somebody before the camera of a phone that streams: does what the prompts say (or something else), one frame every 1/15 s."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from core.actor import Actor
from core.clock import ManualClock
from identity.liveness.challenge import FrameChain
from identity.liveness.service import Verifications, VerificationView
from sandbox.faces.acting import Act, moment
from tests.factories.moving import Shown, encoded, shown

FPS = 15.0
REACTION = 0.5
Change = Callable[[int, Shown], Shown]
_takes = count(1000)


class Person:
    """Gives `Verifications.stream` its two functions. `obeys`: what is done for a prompt; `change` spoils frames by their number.

    `stops_after`: so many frames, then silence; `breaks_after`: then the line is gone. `seed`: another take, as of another day.
    `pictures`: JPEG files before the camera, one after the other and from the first again.
    """

    def __init__(
        self,
        clock: ManualClock | None,
        key: bytes,
        nonce: str,
        *,
        obeys: Callable[[str], list[str]] = lambda action: [action],
        change: Change = lambda number, frame: frame,
        stops_after: int = 10_000,
        breaks_after: int = 10_000,
        seed: int = 1,
        pictures: Sequence[bytes] = (b"\xff\xd8\xff",),
    ) -> None:
        self._pictures = pictures
        self._clock, self._chain, self._obeys, self._change = clock, FrameChain(key, nonce), obeys, change
        self._stops, self._breaks, self._seed = stops_after, breaks_after, seed
        self._acts: list[Act] = []
        self.step = self.sent = 0
        self.told: list[dict[str, Any]] = []
        self.spoil: Callable[[int, bytes], bytes] = lambda number, message: message

    def kinds(self) -> list[str]:
        return [message["type"] for message in self.told]

    def prompts(self) -> list[str]:
        return [message["action"] for message in self.told if message["type"] == "prompt" and message["step"]]

    async def send(self, message: dict[str, Any]) -> None:
        self.told.append(message)
        if message["type"] == "prompt":
            self.step = message["step"]
            start = self.sent / FPS + REACTION
            for action in self._obeys(message["action"]) if self.step else []:
                self._acts.append(Act(action, start))
                start += 1.4

    async def receive(self) -> bytes:
        if self.sent >= self._stops:
            await asyncio.sleep(3600)
        if self.sent >= self._breaks:
            raise ConnectionError
        number = self.sent
        if self._clock is not None:
            self._clock.advance(seconds=1 / FPS)
        at = moment(self._acts, number / FPS, self._seed)
        picture = self._pictures[number % len(self._pictures)]
        message = self._chain.seal(round(number * 1000 / FPS), self.step, encoded(self._change(number, shown(at)), picture))
        self.sent += 1
        return self.spoil(number, message)


async def filmed(
    verifications: Verifications, clock: ManualClock, actor: Actor, view: VerificationView, *, nonce: str | None = None, **how: Any
) -> VerificationView:
    """`view`'s face check by somebody who obeys; `how`: of `Person`. Each time another take. The errors of `Verifications.stream`."""
    who = Person(clock, urlsafe_b64decode((view.key or "") + "="), view.nonce or "", **{"seed": next(_takes), **how})
    shown_nonce = (view.nonce or "") if nonce is None else nonce
    return await verifications.stream(actor, view.id, nonce=shown_nonce, mirrored=False, receive=who.receive, send=who.send)
