"""The door of `portraits`: whom to ask whether a face belongs to a name and an ID number."""

from __future__ import annotations

from core.clock import Clock
from identity.portraits.config import PortraitConfig
from identity.portraits.ports import PortraitAuthority, PortraitMatch
from identity.portraits.registry import AUTHORITIES

__all__ = ["PortraitAuthority", "PortraitMatch", "build_authority"]


def build_authority(config: PortraitConfig, clock: Clock, *, kind: str = "http") -> PortraitAuthority:
    """The authority of this kind; KeyError for one that is not in the registry."""
    return AUTHORITIES[kind](config, clock)
