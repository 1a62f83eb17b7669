"""Part of `make lock`, after any `npm install`: takes out of the npm lock files what names addresses and installs nothing.

`resolved` must not be written in the first place (`omit-lockfile-registry-resolved` in .npmrc); `funding` and `deprecated` are words of
the packages' makers, which npm copies into the lock and never reads back.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

SAID_ONLY = ("funding", "deprecated")


def trimmed(text: str) -> str:
    lock = json.loads(text)
    for entry in lock["packages"].values():
        for name in SAID_ONLY:
            entry.pop(name, None)
    return json.dumps(lock, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    root = Path(__file__).resolve().parents[1]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*package-lock.json"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    for name in sorted(filter(None, listed.split("\0"))):
        path = root / name
        before = path.read_text("utf-8")
        if (after := trimmed(before)) != before:
            path.write_text(after, "utf-8")
            print(f"{name}: trimmed")


if __name__ == "__main__":
    main()
