"""Independent programs the tests let judge our output, and the Debian package that brings each."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

TOOLS = {
    "openssl": ("openssl", ["openssl", "version"]),
    "pdfsig": ("poppler-utils", ["pdfsig", "-v"]),
    "mutool": ("mupdf-tools", ["mutool", "-v"]),
    "qpdf": ("qpdf", ["qpdf", "--version"]),
    "certutil": ("libnss3-tools", None),
    "turnserver": ("coturn", ["turnserver", "--version"]),
    "softhsm2-util": ("softhsm2", ["softhsm2-util", "--version"]),
}


def package(name: str) -> str:
    return TOOLS[name][0] if name in TOOLS else name


@cache
def label(name: str) -> str | None:
    """ "openssl 3.0.15", or None when the program is not here."""
    if shutil.which(name) is None:
        return None
    command = TOOLS[name][1] if name in TOOLS else None
    if command is None:
        return name
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    version = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return f"{name} {version.group()}" if version else name
