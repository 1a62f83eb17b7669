"""What accounts need from outside; wired to WeChat and to the authority that keeps the register of residents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class ExternalIdentity:
    openid: str = field(repr=False)
    unionid: str | None = field(default=None, repr=False)


class LoginProvider(Protocol):
    async def exchange(self, code: str) -> ExternalIdentity:
        """Trade a login code for an identity; each code works once. Raises the provider's own DomainError for a bad or used code."""
        ...


class PhoneProvider(Protocol):
    async def phone(self, code: str) -> str:
        """Trade a phone code for a mobile number, digits only. Raises the provider's own DomainError."""
        ...


class RegisterAnswer(Protocol):
    @property
    def found(self) -> bool: ...

    @property
    def name_matches(self) -> bool: ...


class IdentityRegister(Protocol):
    """A portrait authority is one."""

    async def lookup(self, name: str, id_number: str) -> RegisterAnswer:
        """Whether the register holds this number under exactly this name. UpstreamUnavailable when it does not answer."""
        ...
