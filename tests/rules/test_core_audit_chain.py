"""The audit chain's check sees every way in which a log can be falsified after the fact."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from core.audit.chain import GENESIS, ChainReport, Link, canonical, check, link_hash

CHAIN = "case:case_1"


def chain(length: int = 5, *, name: str = CHAIN) -> list[Link]:
    links: list[Link] = []
    for seq in range(1, length + 1):
        at, data, previous = (
            f"2026-11-23T09:00:0{seq}.000000+00:00",
            canonical({"n": seq, "部门": "窗口"}),
            links[-1].hash if links else GENESIS,
        )
        links.append(
            Link(
                name,
                seq,
                at,
                "clerk",
                "staff_1",
                "case.viewed",
                data,
                previous,
                link_hash(name, seq, at, "clerk", "staff_1", "case.viewed", data, previous),
            )
        )
    return links


def report(links: list[Link], *, of: list[Link] | None = None) -> ChainReport:
    """Checked against the head that was stored for `of`."""
    stored = chain() if of is None else of
    return check(CHAIN, links, head_seq=stored[-1].seq if stored else 0, head_hash=stored[-1].hash if stored else GENESIS)


def forged(link: Link, **changes: object) -> Link:
    """The link with another content and a hash that fits it, as somebody with access to the table would write it."""
    new = replace(link, **changes)  # type: ignore[arg-type]
    return replace(new, hash=link_hash(new.chain, new.seq, new.at, new.actor_kind, new.actor_id, new.action, new.data, new.prev_hash))


def test_an_untouched_chain_is_intact() -> None:
    assert report(chain()) == ChainReport(CHAIN, True, 5, chain()[-1].hash)
    assert report([], of=[]) == ChainReport(CHAIN, True, 0, GENESIS)


@pytest.mark.parametrize(
    "change",
    [
        {"data": canonical({"n": 9})},
        {"actor_id": "staff_2"},
        {"actor_kind": "admin"},
        {"action": "case.decided"},
        {"at": "2026-11-24T09:00:03.000000+00:00"},
        {"hash": "f" * 64},
    ],
)
def test_an_altered_entry(change: dict[str, str]) -> None:
    links = chain()
    links[2] = replace(links[2], **change)  # type: ignore[arg-type]
    found = report(links)
    assert (found.is_intact, found.broken_at, found.reason, found.length) == (False, 3, "altered", 2)


def test_an_altered_entry_with_its_hash_made_anew() -> None:
    links = chain()
    links[2] = forged(links[2], data=canonical({"n": 9}))
    found = report(links)
    assert (found.broken_at, found.reason) == (4, "does_not_follow")


def test_the_whole_rest_made_anew_does_not_reach_the_stored_head() -> None:
    links = chain()
    links[2] = forged(links[2], data=canonical({"n": 9}))
    for place in (3, 4):
        links[place] = forged(links[place], prev_hash=links[place - 1].hash)
    assert report(links).reason == "truncated"


@pytest.mark.parametrize("place", [0, 2])
def test_a_missing_entry(place: int) -> None:
    links = chain()
    del links[place]
    found = report(links)
    assert (found.broken_at, found.reason, found.length) == (place + 1, "missing", place)


def test_a_hole_closed_by_renumbering() -> None:
    links = chain()
    del links[2]
    links[2:] = [forged(link, seq=link.seq - 1) for link in links[2:]]
    assert report(links).reason == "does_not_follow"


def test_a_truncated_chain() -> None:
    found = report(chain()[:3])
    assert (found.broken_at, found.reason, found.length) == (4, "truncated", 3)
    assert report([]).reason == "truncated"


def test_entries_that_swapped_places() -> None:
    links = chain()
    links[1], links[2] = links[2], links[1]
    assert report(links).reason == "missing"
    swapped = [forged(links[0]), forged(links[1], seq=2), forged(links[2], seq=3), *links[3:]]
    assert report(swapped).reason == "does_not_follow"


def test_an_entry_too_many() -> None:
    longer = chain(6)
    assert report(longer).reason == "truncated"
    twice = chain()
    twice.insert(2, twice[2])
    assert report(twice).reason == "missing"


def test_a_chain_of_somebody_else() -> None:
    other = chain(name="case:case_2")
    assert report(other, of=other).reason == "does_not_follow"


def test_the_hash_is_what_the_documentation_says() -> None:
    """Recomputed here by hand, as a court's expert would."""
    link = chain()[1]
    text = json.dumps(
        [CHAIN, 2, link.at, "clerk", "staff_1", "case.viewed", '{"n":2,"部门":"窗口"}', chain()[0].hash],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    assert hashlib.sha256(text.encode()).hexdigest() == link.hash


def test_the_order_of_keys_does_not_matter() -> None:
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == canonical({"a": {"c": 3, "d": 2}, "b": 1}) == '{"a":{"c":3,"d":2},"b":1}'
