"""A whole world of trust in memory: root, one issuing authority with its four keys, the platform's keys, and both lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from esign.authority import AUTHORITY_PURPOSES, PLATFORM_PURPOSES, Purpose, create_root, issue_for_authority
from esign.credentials import cwt, status_list, trust_list
from esign.credentials.cwt import LicenceClaims, StatusReference
from esign.credentials.status_list import Status
from esign.credentials.trust_list import TrustEntry, entry_for
from esign.signer import SigningIdentity

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CODE = "11310000MB2F30000X"
NAME = "上海市浦东新区市场监督管理局（测试）"
STATUS_URI = "https://zwfw.example.gov.cn/status-lists/1"
INDEX = 77

CLAIMS = LicenceClaims(
    issuer=CODE,
    issued_at=NOW - timedelta(days=1),
    expires_at=datetime(2031, 2, 28, 16, 0, tzinfo=UTC),
    licence_id="1.2.156.3005.2.11100000MB03271699021.11310000MB2F30000X.000000000042.001.K",
    licence_type="小餐饮食品经营备案证",
    holder_name="沪上小馆餐饮管理有限公司",
    holder_uscc="91310115MA1K4ABC7X",
    address="上海市浦东新区世纪大道100号2层08铺",
    scope="热食类食品制售；自制饮品制售",
    legal_person="王秀英",
    issued_on=date(2026, 3, 1),
    valid_from=date(2026, 3, 1),
    valid_until=date(2031, 2, 28),
    status=StatusReference(STATUS_URI, INDEX),
)


@dataclass
class World:
    now: datetime = NOW
    code: str = CODE
    name: str = NAME
    root: SigningIdentity = field(init=False)
    keys: dict[Purpose, SigningIdentity] = field(init=False)

    def __post_init__(self) -> None:
        start = self.now - timedelta(days=30)
        self.root = create_root(now=start)
        life = timedelta(days=730)
        self.keys = {
            purpose: issue_for_authority(self.root, purpose, code=self.code, name=self.name, now=start, life=life)
            for purpose in (*AUTHORITY_PURPOSES, *PLATFORM_PURPOSES)
        }

    def entries(self, **changed: Any) -> list[TrustEntry]:
        """One entry a key; `licence={"state": …}` changes that of one purpose."""
        return [
            entry_for(identity.certificate, purpose, issuer_name=self.name, issuer_code=self.code, **changed.get(purpose.value, {}))
            for purpose, identity in self.keys.items()
        ]

    def trust(self, entries: list[TrustEntry] | None = None, *, at: datetime | None = None) -> bytes:
        chosen = self.entries() if entries is None else entries
        signer = self.keys[Purpose.TRUST]
        return trust_list.build(chosen, [self.root.certificate], signer, version=3, now=at or self.now, life=timedelta(days=7))

    def status(self, statuses: Mapping[int, Status] | None = None, *, uri: str = STATUS_URI, at: datetime | None = None) -> bytes:
        signer = self.keys[Purpose.STATUS]
        return status_list.build(statuses or {}, signer, uri=uri, issuer=self.code, size=1024, now=at or self.now, ttl=timedelta(hours=24))

    def credential(self, **changed: Any) -> bytes:
        return cwt.issue(msgspec.structs.replace(CLAIMS, **changed), self.keys[Purpose.LICENCE])
