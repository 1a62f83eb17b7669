"""Kept pictures as their person and those who settle disputes see them."""

from __future__ import annotations

from datetime import datetime

import msgspec


class LookView(msgspec.Struct, frozen=True):
    """`viewer`: the kind of official, never a name."""

    viewer: str
    reason: str
    looked_at: datetime


class AuditImageView(msgspec.Struct, frozen=True):
    id: str
    verification_id: str
    kept_at: datetime
    expires_at: datetime


class MyAuditImages(msgspec.Struct, frozen=True):
    """What is kept of the caller, and every look at it, also at pictures that are gone."""

    images: list[AuditImageView]
    looks: list[LookView]


class Deleted(msgspec.Struct, frozen=True):
    images: int
