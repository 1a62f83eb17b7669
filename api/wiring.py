"""The only place where choices are made: which database, which store, which carrier, which keys. Everything else receives what it uses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from api.adapters import AccountPeople, CaseFacts, WechatLogins, WechatMessenger
from api.development.service import ACCOUNTS_FILE, DemoLogins
from api.settings import Settings, data_keys, decode_key
from core import metrics
from core.cache import Cache, MemoryCache, RedisCache
from core.clock import Clock, SystemClock
from core.crypto import BlindIndex, FieldCipher, derive
from core.db import Database
from core.http.client import HttpClient
from core.http.idempotency import Idempotency
from core.isolation import Isolated
from core.outbox import Reaction, Relay, backlog
from core.secrets import LocalSecrets
from core.storage import ObjectStore, Vault, open_store
from esign.envelopes.service import Envelopes
from esign.publication.service import Publication
from esign.service import Esign, HttpTimestamper, KeyStore
from express import reactions as express_reactions
from express.service import ExpressKeys, Parcels, build_carriers
from hall.appointments.service import Appointments
from hall.cases import reactions as case_reactions
from hall.cases.service import Cases, TypstDocuments
from hall.catalog.service import Catalog, WorkingDays
from hall.feedback.service import Feedback, Rectification
from hall.licences import reactions as licence_reactions
from hall.licences.service import Licences
from hall.notices import reactions as notice_reactions
from hall.notices.service import Notices
from identity.accounts.service import Accounts, AccountStandings, Couriers, Passwords, Staff
from identity.liveness.service import Assertions, FaceConsents, Judge, Verifications, Vision, load_key, load_policy
from identity.portraits.service import build_authority
from identity.sessions.service import Sessions
from wechat.config import WechatConfig
from wechat.service import Wechat

S = TypeVar("S")

MODELS = [
    "core.models",
    "identity.accounts.models",
    "identity.sessions.models",
    "identity.liveness.models",
    "esign.models",
    "esign.envelopes.models",
    "esign.publication.models",
    "express.models",
    "wechat.models",
    "hall.catalog.models",
    "hall.appointments.models",
    "hall.cases.models",
    "hall.licences.models",
    "hall.notices.models",
    "hall.feedback.models",
]
_VERIFY_SECONDS, _VERIFY_MEMORY = 15.0, 1024 * 1024 * 1024
_INSPECT_SECONDS, _INSPECT_MEMORY = 10.0, 768 * 1024 * 1024


@dataclass
class Hall:
    """One wired process: services by type, the relay's reactions, and what has to be closed."""

    settings: Settings
    clock: Clock
    database: Database
    cache: Cache
    store: ObjectStore
    services: dict[type, Any]
    reactions: list[Reaction]
    clients: list[Any] = field(default_factory=list)

    def service(self, kind: type[S]) -> S:
        return cast(S, self.services[kind])

    def relay(self) -> Relay:
        return Relay(self.reactions, clock=self.clock, cache=self.cache, lease_seconds=self.settings.server.outbox_lease_seconds)

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        """200 when every part answers within two seconds; 503 names those that do not."""
        checks = {"database": self.database.ping(), "cache": self.cache.ping(), "storage": self.store.ping()}
        answers = await asyncio.gather(*(asyncio.wait_for(check, 2) for check in checks.values()), return_exceptions=True)
        parts = {
            name: "ok" if not isinstance(answer, BaseException) else type(answer).__name__
            for name, answer in zip(checks, answers, strict=True)
        }
        is_ready = all(state == "ok" for state in parts.values())
        return (200 if is_ready else 503), {"ok": is_ready, "parts": parts}

    async def refresh_metrics(self) -> None:
        for state, count in (await backlog()).items():
            metrics.OUTBOX_BACKLOG.labels(state).set(count)

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        await self.cache.close()
        await self.database.disconnect()


def _keys(settings: Settings) -> tuple[FieldCipher, bytes]:
    """The cipher of personal fields and the master of all digests: from settings, or made once in the data folder (development)."""
    server = settings.server
    keys = data_keys(server)
    local = LocalSecrets(server.data_dir / "keys")
    if not keys:
        keys = {"local": local.key("data.key")}
    index = decode_key(server.index_key) if server.index_key else local.key("index.key")
    return FieldCipher(keys, next(iter(keys)), server.data_algorithm), index


def wire(settings: Settings, vision: Vision, *, clock: Clock | None = None) -> Hall:
    """Build every service. `vision` is the client of the vision process; nothing is connected yet."""
    clock = clock or SystemClock()
    server = settings.server
    cipher, master = _keys(settings)
    index = BlindIndex(derive(master, "blind-index"))
    cache: Cache = RedisCache(server.redis_url, server.redis_prefix) if server.redis_url else MemoryCache()
    store = open_store(settings.storage_url, access_key=server.storage_access_key, secret_key=server.storage_secret_key)
    vault = Vault(store, cipher, index, clock)

    wechat_http = HttpClient("wechat", settings.wechat.base_url, timeout=settings.wechat.timeout_seconds)
    wechat = Wechat(settings.wechat, http=wechat_http, cache=cache, clock=clock, cipher=cipher)
    logins = WechatLogins(wechat)
    authority = build_authority(settings.portraits, clock)
    sessions = Sessions(clock=clock, key=derive(master, "sessions"), standings=AccountStandings(), config=settings.sessions)
    shared: dict[str, Any] = {
        "clock": clock,
        "cipher": cipher,
        "index": index,
        "cache": cache,
        "sessions": sessions,
        "config": settings.accounts,
    }
    accounts = Accounts(**shared, logins=logins, phones=logins, register=authority)
    staff = Staff(**shared, passwords=Passwords())
    couriers = Couriers(**shared, logins=logins, key=derive(master, "courier-activation"))
    consents = FaceConsents(clock=clock)
    assertion_key = load_key(settings.identity, None if settings.is_production else LocalSecrets(server.data_dir / "keys").file)
    verifications = Verifications(
        clock=clock,
        accounts=accounts,
        staff=staff,
        consents=consents,
        judge=Judge(
            portraits=authority,
            vision=vision,
            policy=load_policy(settings.liveness.policy_path) if settings.liveness.policy_path else load_policy(),
            mode=server.mode,
        ),
        assertions=Assertions(clock=clock, key=assertion_key, pairwise_key=derive(master, "pairwise"), config=settings.identity),
        config=settings.identity,
    )

    esign_config = settings.esign
    keys = KeyStore(
        cipher,
        clock,
        key_life=timedelta(days=esign_config.key_days),
        overlap=timedelta(hours=esign_config.overlap_hours),
        may_make_keys=not settings.is_production,
    )
    publication = Publication(
        clock=clock,
        keys=keys,
        base_url=settings.public_url,
        status_life=timedelta(hours=esign_config.status_list_hours),
        trust_life=timedelta(hours=esign_config.trust_list_hours),
    )
    timestamper = HttpTimestamper(esign_config.tsa_url or f"http://{server.host}:{server.port}/tsa")
    verifier = Isolated("esign.verification_process:verify_isolated", _VERIFY_SECONDS, _VERIFY_MEMORY)
    inspector = Isolated("esign.pdf_verification.inspection:inspect_isolated", _INSPECT_SECONDS, _INSPECT_MEMORY)
    esign = Esign(
        clock=clock,
        keys=keys,
        publication=publication,
        timestamper=timestamper,
        host=urlsplit(settings.public_url).netloc,
        verifier=verifier,
        inspector=inspector,
    )
    envelopes = Envelopes(
        clock=clock,
        cipher=cipher,
        vault=vault,
        keys=keys,
        timestamper=timestamper,
        certificate_minutes=esign_config.citizen_certificate_minutes,
    )
    parcels = Parcels(
        config=settings.express,
        clock=clock,
        cipher=cipher,
        keys=ExpressKeys.from_master(derive(master, "express")),
        carriers=build_carriers(settings.express, clock),
    )

    catalog, days = Catalog(clock=clock), WorkingDays(clock=clock)
    facts = CaseFacts(clock)
    cases = Cases(
        clock=clock,
        cipher=cipher,
        index=index,
        vault=vault,
        catalog=catalog,
        people=AccountPeople(accounts, index),
        documents=TypstDocuments(is_test=not settings.is_production),
        pdf_pages=esign.pdf_pages,
        envelopes=envelopes,
        verifications=verifications,
        calendar=days,
        parcels=parcels,
    )
    facts.bind(cases)
    licences = Licences(clock=clock, cipher=cipher, vault=vault, esign=esign, cases=facts, is_test=not settings.is_production)
    appointments = Appointments(clock=clock, catalog=catalog, days=days, cases=facts)
    feedback = Feedback(clock=clock, cipher=cipher, days=days, cases=facts, config=settings.feedback)
    rectification = Rectification(clock=clock, cipher=cipher)
    notices = Notices(clock=clock, messenger=WechatMessenger(wechat, accounts, settings.wechat.progress_template))
    idempotency = Idempotency(cipher, clock)

    built: list[Any] = [
        accounts, staff, couriers, sessions, consents, verifications, keys, esign, envelopes, parcels, wechat, catalog, days, cases,
        licences, appointments, feedback, rectification, notices, idempotency, vault,
    ]  # fmt: skip
    services: dict[type, Any] = {type(service): service for service in built}
    services[Cache], services[Clock] = cache, clock
    clients: list[Any] = [wechat_http, verifier, inspector]
    if not settings.is_production:
        # The stand-ins share one address; where WeChat is the real one there is nobody to play.
        is_played = settings.wechat.base_url != WechatConfig().base_url
        played = HttpClient("sandbox", settings.wechat.base_url, timeout=settings.wechat.timeout_seconds) if is_played else None
        services[DemoLogins] = DemoLogins(
            sandbox=played, accounts=server.data_dir / ACCOUNTS_FILE, clock=clock, is_open_to_all=server.dev_login_remote
        )
        clients += [played] if played else []
    return Hall(
        settings=settings,
        clock=clock,
        database=Database(settings.database_url, MODELS),
        cache=cache,
        store=store,
        services=services,
        reactions=[
            *express_reactions.reactions(parcels),
            *case_reactions.reactions(cases),
            *licence_reactions.reactions(licences),
            *notice_reactions.reactions(notices),
        ],
        clients=clients,
    )
