"""The data files that ship with the package. Adding an item is adding a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from hall.catalog.item import CancelledProof, Item, Places

_FOLDER = Path(__file__).parent / "data"


@cache
def packaged_items() -> tuple[Item, ...]:
    return tuple(msgspec.json.decode(path.read_bytes(), type=Item) for path in sorted((_FOLDER / "items").glob("*.json")))


@cache
def packaged_places() -> Places:
    return msgspec.json.decode((_FOLDER / "places.json").read_bytes(), type=Places)


@cache
def cancelled_proofs() -> tuple[CancelledProof, ...]:
    return msgspec.json.decode((_FOLDER / "cancelled_proofs.json").read_bytes(), type=tuple[CancelledProof, ...])
