"""The registry of verification providers: one line each. The contract suite runs over all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from core.clock import BEIJING, Clock
from core.http.client import HttpClient
from identity.liveness.calibration import described, load_calibration, shortcomings
from identity.liveness.config import FaceProviderConfig
from identity.liveness.facts import Capabilities
from identity.liveness.providers.breaker import Breaker, GuardedProvider
from identity.liveness.providers.ports import AccessTokens, VerificationProvider
from identity.liveness.providers.remote import RemoteFaceProvider
from identity.liveness.providers.wechat_face import WechatFaceProvider


@dataclass(frozen=True)
class Parts:
    """What an adapter may be made of. `wechat_url` and `tokens` are WeChat's, filled in by the wiring."""

    config: FaceProviderConfig
    clock: Clock
    tokens: AccessTokens
    wechat_url: str
    capabilities: Capabilities


PROVIDERS: dict[str, Callable[[Parts], VerificationProvider]] = {
    "wechat": lambda parts: WechatFaceProvider(
        client=HttpClient("wechat_face", parts.wechat_url, timeout=parts.config.timeout),
        clock=parts.clock,
        tokens=parts.tokens,
        capabilities=parts.capabilities,
    ),
    "remote": lambda parts: RemoteFaceProvider(
        client=HttpClient("remote_face", parts.config.url, timeout=parts.config.timeout),
        config=parts.config,
        clock=parts.clock,
        capabilities=parts.capabilities,
    ),
}


def capabilities_of(config: FaceProviderConfig, *, today: date) -> Capabilities:
    """Calibrated only with a statement of measured error rates that are good enough, the same as for an engine of our own."""
    terms = "the operator's contract with the service"
    measured = load_calibration(config.calibration_path) if config.calibration_path else None
    doubts = shortcomings(measured, today=today) if measured else ["no measured error rates are stated"]
    return Capabilities(not doubts, True, terms, described(measured, doubts))


def build_provider(config: FaceProviderConfig, *, clock: Clock, tokens: AccessTokens, wechat_url: str) -> GuardedProvider | None:
    """The provider of the settings behind its circuit breaker, None for "none"."""
    if config.provider == "none":
        return None
    capabilities = capabilities_of(config, today=clock.now().astimezone(BEIJING).date())
    provider = PROVIDERS[config.provider](Parts(config, clock, tokens, wechat_url, capabilities))
    return GuardedProvider(provider, Breaker(clock, failures=config.breaker_failures, seconds=config.breaker_seconds))
