"""The port every verification provider satisfies. It is asked outside transactions, and nothing of what it is told is logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from identity.liveness.facts import Capabilities

State = Literal["pending", "passed", "failed", "review"]


@dataclass(frozen=True)
class ProviderSubject:
    """Who is to be verified. `openid` is None for somebody who did not come through WeChat."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    openid: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ProviderTicket:
    """`ticket` is what `result` needs, for us alone; `client` is what the phone needs. Of no use to a phone after `expires_at`."""

    ticket: str = field(repr=False)
    client: dict[str, str] = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class ProviderResult:
    """`reasons` are codes of `reasons.PROVIDER_REASONS`; `provider_code` is its own word, for the audit.

    pending without a reason: not finished yet. pending with one: ended without a verdict (cancelled, no camera), may be begun anew.
    """

    state: State
    reasons: tuple[str, ...]
    provider_code: str


class VerificationProvider(Protocol):
    name: str
    capabilities: Capabilities

    async def check(self) -> None:
        """Prove by a harmless question that address and keys work. UpstreamUnavailable if they do not."""
        ...

    async def begin(self, subject: ProviderSubject, reference: str) -> ProviderTicket:
        """Open a session there. `reference`: 32 characters 0-9a-f, never used before. UpstreamUnavailable, ProviderNeedsWechat."""
        ...

    async def result(self, ticket: str) -> ProviderResult:
        """What became of the session of this ticket. A word that is not in the adapter's table means review, never passed.

        UpstreamUnavailable for silence, a refusal, an unreadable answer, or one about another session: then nothing is known.
        """
        ...

    async def close(self) -> None: ...


class AccessTokens(Protocol):
    async def access_token(self, *, failed: str | None = None) -> str:
        """WeChat's current access token; one that is not `failed`. UpstreamUnavailable or TooManyRequests."""
        ...
