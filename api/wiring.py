"""The only place where choices are made: which database, which store, which carrier, which keys. Everything else receives what it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from api.adapters import AccountPeople, CaseFacts, CounterBusiness, WechatInviter, WechatLogins, WechatMessenger
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
from identity.audit_images.service import AuditImages, stored_faces
from identity.guardians.service import Guardians
from identity.liveness.service import (
    Assertions,
    FaceConsents,
    Identifications,
    Judge,
    Policy,
    ProviderChecks,
    Verifications,
    Vision,
    build_provider,
    end_checks,
    load_key,
    load_policy,
    operator_of,
)
from identity.parity.service import Parity
from identity.portraits.service import build_authority
from identity.relying_parties import reactions as relying_party_reactions
from identity.relying_parties.service import ApiKeys, Batches, RelyingParties, Requests, Results, Subjects, Webhooks, WebhookSender
from identity.sessions.service import Devices, Sessions
from identity.ukeys.service import Ukeys, load_ukeys
from identity.video_checks.service import VideoChecks
from wechat.config import WechatConfig
from wechat.service import Wechat

S = TypeVar("S")

MODELS = [
    "core.models",
    "identity.accounts.models",
    "identity.sessions.models",
    "identity.liveness.models",
    "identity.audit_images.models",
    "identity.relying_parties.models",
    "identity.guardians.models",
    "identity.ukeys.models",
    "identity.video_checks.models",
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
INVITATION_PATH = "/m/#/packages/identity/asked?token="
"""Behind the `#`, so that no server and no log on the way sees the token."""
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

    def relay(self, *, only: Collection[str] = (), never: Collection[str] = ()) -> Relay:
        lease = self.settings.server.outbox_lease_seconds
        return Relay(self.reactions, clock=self.clock, cache=self.cache, lease_seconds=lease, only=only, never=never)

    def relays(self) -> list[Relay]:
        """All reactions in two lanes: a stranger's slow server holds up other webhooks, and nothing else."""
        return [self.relay(never=relying_party_reactions.SLOW), self.relay(only=relying_party_reactions.SLOW)]

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
        await stored_faces()

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


def face_policy(settings: Settings) -> Policy:
    """The operator's thresholds, or the shipped ones."""
    path = settings.liveness.policy_path
    return load_policy(path) if path else load_policy()


def open_audit_images(settings: Settings) -> ObjectStore:
    """The store of kept pictures, apart from all other files."""
    server = settings.server
    url = settings.audit_images.storage_url or f"file://{server.data_dir.absolute()}/audit-images"
    return open_store(url, access_key=server.storage_access_key, secret_key=server.storage_secret_key)


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
    accounts = Accounts(**shared, logins=logins, phones=logins, register=authority, devices=Devices(key=derive(master, "devices")))
    staff = Staff(**shared, passwords=Passwords())
    couriers = Couriers(**shared, logins=logins, key=derive(master, "courier-activation"))
    images = AuditImages(clock=clock, cipher=cipher, store=open_audit_images(settings), config=settings.audit_images)
    ukey_ca = settings.ukeys.ca_path
    has_video = settings.video.is_offered(is_production=settings.is_production)
    consents = FaceConsents(clock=clock, images=images, has_video=has_video, has_ukey=ukey_ca is not None)
    guardians = Guardians(clock=clock, cache=cache, accounts=accounts, staff=staff, end_checks=end_checks)
    assertion_key = load_key(settings.identity, None if settings.is_production else LocalSecrets(server.data_dir / "keys").file)
    face_provider = build_provider(settings.face_provider, clock=clock, tokens=wechat, wechat_url=settings.wechat.base_url)
    verifications = Verifications(
        clock=clock,
        accounts=accounts,
        staff=staff,
        consents=consents,
        judge=Judge(
            portraits=authority,
            vision=vision,
            policy=face_policy(settings),
            mode=server.mode,
        ),
        assertions=Assertions(clock=clock, key=assertion_key, pairwise_key=derive(master, "pairwise"), config=settings.identity),
        config=settings.identity,
        capture_key=derive(master, "captures"),
        has_provider=face_provider is not None,
        images=images,
        guardians=guardians,
    )
    identifications = Identifications(clock=clock, accounts=accounts, config=settings.identity)
    ukeys = Ukeys(
        clock=clock,
        cache=cache,
        accounts=accounts,
        verifier=load_ukeys(ukey_ca, settings.ukeys.crl_path) if ukey_ca else None,
        identifications=identifications,
    )
    days = WorkingDays(clock=clock)
    video_checks = VideoChecks(
        clock=clock,
        cipher=cipher,
        accounts=accounts,
        staff=staff,
        days=days,
        identifications=identifications,
        config=settings.video,
        is_offered=has_video,
    )
    provider_checks = ProviderChecks(
        clock=clock,
        cache=cache,
        cipher=cipher,
        accounts=accounts,
        checks=verifications,
        provider=face_provider,
        operator=settings.face_provider.operator or operator_of(settings.face_provider.provider),
        config=settings.identity,
        mode=server.mode,
    )

    messenger = WechatMessenger(wechat, accounts, settings.wechat.progress_template)
    party_config = settings.relying_parties
    parties = RelyingParties(clock=clock, config=party_config)
    api_keys = ApiKeys(
        clock=clock, cache=cache, parties=parties, standings=AccountStandings(), key=derive(master, "api-keys"), config=party_config
    )
    requests = Requests(
        clock=clock,
        cipher=cipher,
        index=index,
        parties=parties,
        keys=api_keys,
        key=derive(master, "verification-requests"),
        link=settings.public_url + INVITATION_PATH,
        config=party_config,
    )
    results = Results(
        clock=clock,
        requests=requests,
        key=assertion_key,
        pairwise_key=derive(master, "relying-party-subjects"),
        issuer=settings.identity.issuer,
        config=party_config,
    )
    subjects = Subjects(
        clock=clock,
        cache=cache,
        accounts=accounts,
        verifications=verifications,
        requests=requests,
        inviter=WechatInviter(messenger),
        config=party_config,
    )
    webhook_sender = WebhookSender(seconds=party_config.webhook_seconds, is_production=settings.is_production)
    webhooks = Webhooks(
        clock=clock,
        cipher=cipher,
        parties=parties,
        keys=api_keys,
        sender=webhook_sender,
        config=party_config,
        is_production=settings.is_production,
    )

    esign_config = settings.esign
    keys = KeyStore(
        cipher,
        clock,
        key_life=timedelta(days=esign_config.key_days),
        overlap=timedelta(hours=esign_config.overlap_hours),
        may_make_keys=not settings.is_production,
        crl_url=esign_config.crl_url,
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
    carriers = build_carriers(settings.express, clock)
    parcels = Parcels(
        config=settings.express,
        clock=clock,
        cipher=cipher,
        keys=ExpressKeys.from_master(derive(master, "express")),
        carriers=carriers,
    )

    catalog = Catalog(clock=clock)
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
    appointments = Appointments(clock=clock, catalog=catalog, days=days, cases=CounterBusiness(facts, subjects))
    feedback = Feedback(clock=clock, cipher=cipher, days=days, cases=facts, config=settings.feedback)
    rectification = Rectification(clock=clock, cipher=cipher)
    notices = Notices(clock=clock, messenger=messenger)
    idempotency = Idempotency(cipher, clock)

    built: list[Any] = [
        accounts, staff, couriers, sessions, images, guardians, ukeys, video_checks,
        Parity(clock=clock), consents, verifications, provider_checks,
        parties, api_keys, requests, Batches(clock=clock, requests=requests), results, subjects, webhooks,
        keys, esign, envelopes, parcels, wechat, catalog, days, cases,
        licences, appointments, feedback, rectification, notices, idempotency, vault,
    ]  # fmt: skip
    services: dict[type, Any] = {type(service): service for service in built}
    services[Cache], services[Clock] = cache, clock
    clients: list[Any] = [wechat_http, authority, *carriers.values(), verifier, inspector, webhook_sender]
    clients += [face_provider] if face_provider else []
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
            *relying_party_reactions.reactions(subjects, webhooks),
        ],
        clients=clients,
    )
