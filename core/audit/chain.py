"""The hash of an audit entry: pure, so that a citizen, a court or a browser can recompute it.

hash = SHA-256 of the JSON array [chain, seq, at, actor_kind, actor_id, action, data, prev_hash], UTF-8, no spaces, where `data` is the
canonical JSON text itself. The first entry's prev_hash is 64 zeros.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    chain: str
    seq: int
    at: str
    actor_kind: str
    actor_id: str
    action: str
    data: str
    prev_hash: str
    hash: str


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def link_hash(chain: str, seq: int, at: str, actor_kind: str, actor_id: str, action: str, data: str, prev_hash: str) -> str:
    text = json.dumps([chain, seq, at, actor_kind, actor_id, action, data, prev_hash], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class ChainReport:
    """`broken_at` is the first sequence number that is missing, altered or does not follow; `length` counts the sound links."""

    chain: str
    is_intact: bool
    length: int
    head: str
    broken_at: int | None = None
    reason: str | None = None


def check(chain: str, links: Iterable[Link], *, head_seq: int, head_hash: str) -> ChainReport:
    """Verify links in order against the stored head."""
    expected, previous = 1, GENESIS
    for link in links:
        if link.seq != expected:
            return ChainReport(chain, False, expected - 1, previous, expected, "missing")
        actual = link_hash(link.chain, link.seq, link.at, link.actor_kind, link.actor_id, link.action, link.data, link.prev_hash)
        if actual != link.hash:
            return ChainReport(chain, False, expected - 1, previous, expected, "altered")
        if link.prev_hash != previous or link.chain != chain:
            return ChainReport(chain, False, expected - 1, previous, expected, "does_not_follow")
        expected, previous = expected + 1, link.hash
    if expected - 1 != head_seq or previous != head_hash:
        return ChainReport(chain, False, expected - 1, previous, expected, "truncated")
    return ChainReport(chain, True, expected - 1, previous)
