"""API keys: `ztk_` and 320 random bits, shown once, stored as a keyed digest, checked on every call."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from tortoise.expressions import Q

from core import audit
from core.actor import Actor, Role
from core.cache import Cache
from core.clock import Clock
from core.crypto import keyed_digest
from core.db import one_at_a_time, transaction
from core.errors import NotFound
from core.ids import new_id
from identity.relying_parties.config import RelyingPartyConfig
from identity.relying_parties.errors import KeyEnded, KeyInvalid, RateLimited, TooManyKeys
from identity.relying_parties.flow import APPROVED
from identity.relying_parties.models import ApiKey, RelyingParty
from identity.relying_parties.parties import RelyingParties, chain_of
from identity.relying_parties.views import KeyView, NewKeyView, Scope
from identity.sessions.service import StandingSource

KEY_PREFIX = "ztk_"
_RANDOM_BYTES = 40
_SHOWN = len(KEY_PREFIX) + 8  # 48 of the 320 bits; 272 stay secret
_LENGTH = len(KEY_PREFIX) + 54
_MOST_KEYS = 20
_SEEN_STEP = timedelta(seconds=60)
_WINDOW_SECONDS = 60


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`days`: valid for so long; None for the longest that is allowed."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=8)]
    days: Annotated[int, msgspec.Meta(ge=1, le=3650)] | None = None


class ApiKeys:
    """`key` (32 bytes) makes the stored digests useless to whoever reads only the database."""

    def __init__(
        self,
        *,
        clock: Clock,
        cache: Cache,
        parties: RelyingParties,
        standings: StandingSource,
        key: bytes,
        config: RelyingPartyConfig,
    ) -> None:
        self._clock, self._cache, self._parties, self._standings = clock, cache, parties, standings
        self._key, self._config = key, config

    async def create(self, actor: Actor, new: NewKey) -> NewKeyView:
        """A new key. NotRegistered, NotApproved, TooManyKeys."""
        party = await self._parties.party_of(actor)
        days = min(new.days or self._config.key_days, self._config.key_days)
        async with transaction():
            await self._leave_room(party.id)
            return await self._make(actor, party.id, new.name.strip() or "key", new.scopes, self._clock.now() + timedelta(days=days))

    async def list_all(self, actor: Actor) -> list[KeyView]:
        """The newest 100, ended ones included."""
        party = await self._parties.party_of(actor, needs_approval=False)
        rows = await ApiKey.filter(relying_party_id=party.id).order_by("-id").limit(100)
        return [self._view(row) for row in rows]

    async def rotate(self, actor: Actor, key_id: str) -> NewKeyView:
        """A successor with the same name, scopes and length of life; the old key goes on for the overlap. NotFound, KeyEnded."""
        party = await self._parties.party_of(actor)
        row = await ApiKey.get_or_none(id=key_id, relying_party_id=party.id)
        if row is None:
            raise NotFound()
        now = self._clock.now()
        async with transaction():
            await self._leave_room(party.id)
            made = await self._make(
                actor, party.id, row.name, msgspec.json.decode(row.scopes, type=list[str]), now + (row.expires_at - row.created_at)
            )
            ends = min(row.expires_at, now + self._config.overlap)
            changed = await ApiKey.filter(id=row.id, revoked_at=None, replaced_by=None, expires_at__gt=now).update(
                replaced_by=made.key.id, expires_at=ends
            )
            if not changed:
                raise KeyEnded()
            data = {"key": row.id, "successor": made.key.id}
            await audit.record(chain_of(party.id), "api_key.rotated", at=now, actor=actor, data=data)
        return made

    async def revoke(self, actor: Actor, key_id: str) -> KeyView:
        """End a key at once; also what is under way with it fails. Repeating is harmless. NotFound."""
        party = await self._parties.party_of(actor, needs_approval=False)
        now = self._clock.now()
        async with transaction():
            changed = await ApiKey.filter(id=key_id, relying_party_id=party.id, revoked_at=None).update(revoked_at=now)
            row = await ApiKey.get_or_none(id=key_id, relying_party_id=party.id)
            if row is None:
                raise NotFound()
            if changed:
                await audit.record(chain_of(party.id), "api_key.revoked", at=now, actor=actor, data={"key": key_id})
        return self._view(row)

    async def authenticate(self, token: str) -> Actor:
        """Who calls: the relying party as an actor whose permissions are the key's scopes. KeyInvalid, RateLimited."""
        row = await ApiKey.get_or_none(digest=self._digest(token)) if len(token) == _LENGTH and token.isascii() else None
        now = self._clock.now()
        if row is None or row.revoked_at is not None or now >= row.expires_at:
            raise KeyInvalid()
        party = await RelyingParty.get_or_none(id=row.relying_party_id, state=APPROVED)
        # A key is no way around the end of the account it was made by.
        if party is None or await self._standings.standing(Role.ENTERPRISE, party.owner_id) is None:
            raise KeyInvalid()
        if await self._cache.increment(f"limit:api-key:{row.id}", ttl=_WINDOW_SECONDS) > self._config.calls_per_minute:
            raise RateLimited(_WINDOW_SECONDS)
        if row.last_used_at is None or now - row.last_used_at >= _SEEN_STEP:
            await ApiKey.filter(id=row.id).update(last_used_at=now)
        return Actor(
            Role.RELYING_PARTY, row.relying_party_id, frozenset(msgspec.json.decode(row.scopes, type=list[str])), session_id=row.id
        )

    async def still_valid(self, actor: Actor) -> None:
        """Inside a transaction that changes something for an API key: KeyInvalid if it was revoked meanwhile.

        The update takes the key's row, so that a revocation comes either before, and is seen, or after, and waits.
        """
        if actor.kind is not Role.RELYING_PARTY:
            return
        now = self._clock.now()
        if not await ApiKey.filter(id=actor.session_id or "", revoked_at=None, expires_at__gt=now).update(last_used_at=now):
            raise KeyInvalid()

    async def _leave_room(self, party_id: str) -> None:
        await one_at_a_time(f"api-keys:{party_id}")
        alive = Q(revoked_at=None, expires_at__gt=self._clock.now())
        if await ApiKey.filter(alive, relying_party_id=party_id).count() >= _MOST_KEYS:
            raise TooManyKeys()

    async def _make(self, actor: Actor, party_id: str, name: str, scopes: Sequence[str], expires_at: datetime) -> NewKeyView:
        secret = KEY_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        now = self._clock.now()
        row = await ApiKey.create(
            id=new_id("key"),
            relying_party_id=party_id,
            name=name,
            prefix=secret[:_SHOWN],
            digest=self._digest(secret),
            scopes=msgspec.json.encode(sorted(set(scopes))).decode(),
            created_at=now,
            expires_at=expires_at,
        )
        data = {"key": row.id, "scopes": sorted(set(scopes))}
        await audit.record(chain_of(party_id), "api_key.created", at=now, actor=actor, data=data)
        return NewKeyView(self._view(row), secret)

    def _digest(self, secret: str) -> str:
        return keyed_digest(self._key, "api-key", secret)

    def _view(self, row: ApiKey) -> KeyView:
        return KeyView(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            scopes=msgspec.json.decode(row.scopes, type=list[str]),
            is_active=row.revoked_at is None and self._clock.now() < row.expires_at,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
            replaced_by=row.replaced_by,
        )
