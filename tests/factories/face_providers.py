"""The verification providers of the registry at the sandbox, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from core.cache import MemoryCache
from core.clock import ManualClock, SystemClock
from core.crypto import FieldCipher
from core.http.client import HttpClient
from identity.liveness.config import FaceProviderConfig
from identity.liveness.providers.breaker import Breaker, GuardedProvider
from identity.liveness.providers.ports import ProviderSubject
from identity.liveness.providers.registry import PROVIDERS, Parts, capabilities_of
from sandbox.app import RunningSandbox
from sandbox.persons import find_person
from tests.factories.sandbox import lever, running_sandbox
from wechat.config import WechatConfig
from wechat.service import Wechat


@dataclass(frozen=True)
class Words:
    """What a provider calls the same ends, and the paths of its two calls."""

    begin: str
    result: str
    failed: str
    pending: str
    cancelled: str
    unknown: str


WORDS = {
    "wechat": Words(
        begin="/cityservice/face/identify/getverifyid",
        result="/cityservice/face/identify/queryverifyinfo",
        failed="10004",
        pending="10300",
        cancelled="90002",
        unknown="77777",
    ),
    "remote": Words(
        begin="/face/sessions",
        result="/face/results",
        failed="other_person",
        pending="pending",
        cancelled="cancelled",
        unknown="probably",
    ),
}


def subject(who: str = "张伟", **differs: Any) -> ProviderSubject:
    person = find_person(who)
    assert person is not None
    return ProviderSubject(**{"name": person.name, "id_number": person.id_number, "openid": person.openid, **differs})


@dataclass
class Provided:
    name: str
    sandbox: RunningSandbox
    clock: ManualClock
    provider: GuardedProvider

    @property
    def words(self) -> Words:
        return WORDS[self.name]

    async def script(self, answer: str, person: str = "张伟") -> None:
        await lever(self.sandbox, "faces/script", {"person": person, "provider": self.name, "answer": answer})

    def calls(self, path: str) -> int:
        return sum(line["path"] == path for line in self.sandbox.state.journal)


@asynccontextmanager
async def provided(name: str, clock: ManualClock, **differs: Any) -> AsyncIterator[Provided]:
    """`clock` is the breaker's. Wrong keys: `secret`, `appid` of WeChat."""
    appid = differs.pop("appid", WechatConfig().appid)
    async with running_sandbox() as sandbox:
        config = FaceProviderConfig(**{"provider": name, "url": sandbox.base_url, "timeout": 0.5, "breaker_failures": 3, **differs})
        http = HttpClient("wechat", sandbox.base_url, timeout=2)
        tokens = Wechat(
            WechatConfig(base_url=sandbox.base_url, appid=appid),
            http=http,
            cache=MemoryCache(),
            clock=SystemClock(),
            cipher=FieldCipher({"k": b"k" * 32}, "k"),
        )
        today = clock.now().date()
        parts = Parts(config, SystemClock(), tokens, sandbox.base_url, capabilities_of(config, today=today))
        guarded = GuardedProvider(PROVIDERS[name](parts), Breaker(clock, failures=config.breaker_failures, seconds=config.breaker_seconds))
        try:
            yield Provided(name, sandbox, clock, guarded)
        finally:
            await guarded.close()
            await http.close()
