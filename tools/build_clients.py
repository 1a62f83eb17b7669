"""`make clients`: build the phone pages and the console into api/static/, only what changed since the last time.

Uses the standard library only. What npm prints is shown when it fails.
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STATIC = Path("api/static")
NODE = 20
NO_INPUT_FOLDERS = {"node_modules", "dist", "unpackage", "coverage", "tests", "__tests__"}
NO_INPUT_FILES = re.compile(r"\.(test|spec)\.\w+$|\.md$|\.tsbuildinfo$|^vitest\.config\.")
COMPRESSIBLE = {".html", ".js", ".mjs", ".css", ".json", ".map", ".svg", ".txt", ".wasm", ".ttf", ".otf", ".webmanifest"}
# CI: uni-app's command line reports to its maker unless this is set.
ENVIRONMENT = {"CI": "1", "npm_config_update_notifier": "false", "npm_config_loglevel": "error"}


class Stopped(Exception):
    """The build cannot go on; the text says why and what to do."""


@dataclass(frozen=True)
class Client:
    """`built` is what the npm script `script` leaves, below `folder`; it is copied to `target` below api/static/."""

    title: str
    folder: str
    script: str
    built: str
    target: str


CLIENTS = (
    Client("phone pages", "miniprogram", "build:h5", "dist/build/h5", "m"),
    Client("console", "console", "build", "dist", "console"),
)


def inputs(folder: Path) -> Iterator[Path]:
    """The files that a build depends on, in a fixed order."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in NO_INPUT_FOLDERS and (not name.startswith(".")))
        yield from (Path(place) / name for name in sorted(names) if not NO_INPUT_FILES.search(name))


def digest_of(client: Client, root: Path) -> str:
    """Changes with every input and with this program."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in inputs(root / client.folder):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def stamp_of(client: Client, root: Path) -> Path:
    return root / STATIC / f".{client.target}.inputs"


def is_built(client: Client, root: Path, digest: str) -> bool:
    stamp = stamp_of(client, root)
    return (root / STATIC / client.target / "index.html").is_file() and stamp.is_file() and stamp.read_text() == digest


def is_for_this_system(entry: dict[str, Any]) -> bool:
    """Whether a package of the lock names this system and surely runs on every Node that will do here."""
    machine = platform.machine().lower()
    this = {
        "os": sys.platform,
        "cpu": {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine),
        "libc": "glibc" if platform.libc_ver()[0] == "glibc" else "musl",
    }
    oldest = re.fullmatch(r">= ?(\d+)(\.\d+)*", entry.get("engines", {}).get("node", ">=0"))
    named = [key for key in this if key in entry and not (key == "libc" and this["os"] != "linux")]
    return bool(oldest and int(oldest[1]) <= NODE and named) and all(this[key] in entry[key] for key in named)


def is_installed(folder: Path) -> bool:
    """Whether what npm noted in node_modules is what the lock asks for. Parts for other systems may be missing; those for this one may
    not, which npm leaves out without a word when it cannot fetch them."""
    there = folder / "node_modules" / ".package-lock.json"
    if not there.is_file():
        return False
    wanted, found = (json.loads(path.read_text("utf-8"))["packages"] for path in (folder / "package-lock.json", there))

    def same(name: str, entry: dict[str, Any]) -> bool:
        if name not in found:
            return bool(entry.get("optional") or entry.get("devOptional")) and not is_for_this_system(entry)
        return all(found[name].get(key) == entry.get(key) for key in ("version", "integrity"))

    return all(same(name, entry) for name, entry in wanted.items() if name)


def require_node() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Stopped(f"{program} is not on the path; install Node {NODE} or newer (npm comes with it)")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(re.sub(r"^v(\d+).*$", r"\1", version)) < NODE:
        raise Stopped(f"Node {NODE} or newer is needed; this is {version}")


def run(client: Client, folder: Path, *command: str) -> None:
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **ENVIRONMENT}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        output = "\n".join(done.stdout.decode("utf-8", "replace").splitlines()[-60:])
        raise Stopped(f"{client.title}: `{' '.join(command)}` in {client.folder}/ failed ({done.returncode}); it said:\n{output}")
    print(f"{client.title}: {' '.join(command[:3])} ({time.monotonic() - began:.0f} s)", flush=True)


def put(client: Client, root: Path) -> str:
    """Copy what was built to its place, with compressed forms beside what gets smaller; says how much it is."""
    built, target = root / client.folder / client.built, root / STATIC / client.target
    if not (built / "index.html").is_file():
        raise Stopped(f"{client.title}: the build left no {client.folder}/{client.built}/index.html")
    fresh, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(built, fresh)
    count, size, sent = 0, 0, 0
    for path in sorted(path for path in fresh.rglob("*") if path.is_file()):
        body = path.read_bytes()
        packed = gzip.compress(body, 9, mtime=0) if path.suffix in COMPRESSIBLE else body
        if len(packed) < len(body) * 0.95:
            path.with_name(f"{path.name}.gz").write_bytes(packed)
        count, size, sent = count + 1, size + len(body), sent + min(len(body), len(packed))
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return f"{count} files, {size // 1024} KB ({sent // 1024} KB compressed)"


def build(client: Client, root: Path, digest: str) -> None:
    folder = root / client.folder
    for _ in range(2):
        if not is_installed(folder):
            run(client, folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    run(client, folder, "npm", "run", client.script)
    stamp_of(client, root).unlink(missing_ok=True)
    amount = put(client, root)
    # What was hashed before the build: a file saved meanwhile makes the next call build again.
    stamp_of(client, root).write_text(digest)
    print(f"{client.title}: {STATIC / client.target}, {amount}", flush=True)


def build_all(root: Path, clients: tuple[Client, ...] = CLIENTS, *, force: bool = False) -> None:
    """Build what changed. Stopped when a client has no sources, Node is missing or too old, or npm fails."""
    (root / STATIC).mkdir(parents=True, exist_ok=True)
    with (root / STATIC / ".clients.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for client in clients:
            if not (root / client.folder / "package-lock.json").is_file():
                raise Stopped(f"{client.title}: {client.folder}/package-lock.json is not here; this is no complete checkout")
        digests = {client: digest_of(client, root) for client in clients}
        wanted = [client for client in clients if force or not is_built(client, root, digests[client])]
        if not wanted:
            print("clients: up to date")
            return
        require_node()
        with ThreadPoolExecutor(len(wanted)) as pool:
            running = [pool.submit(build, client, root, digests[client]) for client in wanted]
        failures = [error for task in running if (error := task.exception()) is not None]
        if foreign := [error for error in failures if not isinstance(error, Stopped)]:
            raise foreign[0]
        if failures:
            raise Stopped("\n\n".join(map(str, failures)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the phone pages and the console into api/static/.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    parser.add_argument("--only", choices=[client.folder for client in CLIENTS], help="only this one")
    parser.add_argument("--force", action="store_true", help="even when nothing changed")
    given = parser.parse_args()
    try:
        build_all(given.root, tuple(client for client in CLIENTS if given.only in (None, client.folder)), force=given.force)
    except Stopped as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
