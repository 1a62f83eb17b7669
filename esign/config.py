"""Settings of signing keys and published lists."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting


@dataclass(frozen=True)
class EsignConfig:
    tsa_url: str = setting("ZT_ESIGN_TSA_URL", "", "Timestamp authority (RFC 3161); empty: our own development one at /tsa.")
    crl_url: str = setting(
        "ZT_ESIGN_CRL_URL", "", "Address of our revocation lists (…/api/open/crls) for new certificates; empty: they name none."
    )
    key_days: int = setting("ZT_ESIGN_KEY_DAYS", 730, "Days for which a signing key of an authority may sign.")
    overlap_hours: int = setting("ZT_ESIGN_OVERLAP_HOURS", 168, "Hours a new key is listed before it signs; at least a trust list's life.")
    trust_list_hours: int = setting("ZT_ESIGN_TRUST_LIST_HOURS", 168, "Hours after which a trust list must be fetched again.")
    status_list_hours: int = setting("ZT_ESIGN_STATUS_LIST_HOURS", 24, "Hours after which a status list must be fetched again.")
    presentation_seconds: int = setting("ZT_ESIGN_PRESENTATION_SECONDS", 90, "Life of a shown licence code (出示码), 60 to 120.")
    citizen_certificate_minutes: int = setting("ZT_ESIGN_CITIZEN_CERTIFICATE_MINUTES", 10, "Life of a one-use signing certificate.")
