"""Whose certificates are believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.config import setting

SANDBOX_MARK = b"# zerotrip sandbox"
"""The first line of the file that the sandbox's authority writes."""


@dataclass(frozen=True)
class UkeyConfig:
    ca_path: Path | None = setting(
        "ZT_IDENTITY_UKEY_CA", None, "Certificates (PEM) of the authorities whose U-keys are accepted; empty: none."
    )
    crl_path: Path | None = setting("ZT_IDENTITY_UKEY_CRL", None, "Their revocation lists (PEM), kept fresh by the operator.")

    def problems(self) -> list[str]:
        """Settings that do not fit together."""
        found = []
        for name, path in (("CA", self.ca_path), ("CRL", self.crl_path)):
            if path is not None and not path.is_file():
                found.append(f"ZT_IDENTITY_UKEY_{name} names a file that does not exist")
        return found

    def production_problems(self) -> list[str]:
        """What must be changed before real people are served."""
        found = []
        if self.ca_path is not None and self.crl_path is None:
            found.append("ZT_IDENTITY_UKEY_CRL is required with ZT_IDENTITY_UKEY_CA: a lost key must be refused")
        if self.ca_path is not None and self.ca_path.is_file() and SANDBOX_MARK in self.ca_path.read_bytes():
            found.append("ZT_IDENTITY_UKEY_CA names the sandbox's authority, which gives everybody's key to everybody")
        return found
