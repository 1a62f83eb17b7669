"""The real server in a process of its own, with a data folder of its own, for browsers to talk to: it can be killed and come back."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp

from api.demo.stage import free_port
from api.development.service import ACCOUNTS_FILE
from tests.services.running import alone

START_SECONDS = 60.0
TYPING_SECONDS = 15.0
COMMAND = (sys.executable, "-m", "api")
SANDBOX = re.compile(r"模拟外部系统（[^）]*）：(http://[^/\s]+)")
ROOT = Path(__file__).resolve().parents[2]


class HallFailed(RuntimeError):
    """A command or the server did not do what it should; the text has the log's last lines."""


class RunningHall:
    """`folder` holds the data and the log. `command` may be another way to start the same server: `tools.server_at`, say, whose
    clock is `ahead` of ours."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None, *, command: tuple[str, ...] = COMMAND) -> None:
        self.ahead = timedelta()
        self.services: tuple[str, ...] = ()
        self.folder = folder
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.sandbox_url = ""
        self._used_steps: dict[str, int] = {}
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        outside = {name: value for name, value in os.environ.items() if not name.startswith("ZT_")}
        own = {"ZT_DATA_DIR": str(folder / "data"), "ZT_PORT": str(self.port), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}
        self.env = {**outside, **own, **(environ or {})}

    @property
    def log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def prepare(self, *, template: Path | None = None) -> None:
        """Migrate and seed, or copy a data folder for which that was done."""
        if template is not None:
            shutil.copytree(template, self.folder / "data")
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for arguments in (("migrate",), ("seed", "--demo", "--without-cases")):
            done = subprocess.run([*self._command, *arguments], env=self.env, capture_output=True, text=True, timeout=120, check=False)
            if done.returncode != 0:
                raise HallFailed(f"{arguments[0]}: {done.stdout[-1000:]}{done.stderr[-1000:]}")

    def use_command(self, command: tuple[str, ...]) -> None:
        """What the next start starts."""
        self._command = command

    def start(self) -> None:
        written = len(self.log)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen([*self._command, "serve"], env=self.env, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.base_url}/readyz", timeout=2, trust_env=False).status_code == 200:
                    found = SANDBOX.search(self.log[written:])
                    if found:
                        self.sandbox_url = found.group(1)
                        return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        self.kill()
        raise HallFailed(f"the server did not come up:\n{self.log[-3000:]}")

    def kill(self) -> None:
        """SIGKILL: no goodbye, as in a power cut."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        self.kill()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def accounts(self) -> dict[str, Any]:
        """What `zerotrip seed --demo` wrote down for the people of the hall."""
        found: dict[str, Any] = json.loads((self.folder / "data" / ACCOUNTS_FILE).read_text("utf-8"))
        return found

    def authenticator(self, username: str) -> str:
        """The six figures in this person's authenticator app. A code works once, so one begins with the code of the half minute before
        (while there is time to type it), and goes on with a phone that is half a minute ahead; then one waits, as people do."""
        app = pyotp.TOTP(self.accounts()["staff"][username]["totp_secret"])
        while (step := max(self._half_minute(TYPING_SECONDS) - 1, self._used_steps.get(username, 0) + 1)) > self._half_minute() + 1:
            time.sleep(0.5)
        self._used_steps[username] = step
        return app.at(step * 30)

    def _half_minute(self, later: float = 0) -> int:
        return int(time.time() + self.ahead.total_seconds() + later) // 30


def migrated_template(shared: Path) -> Path:
    """A migrated and seeded data folder, made once for all test processes that share the folder."""
    shared.mkdir(parents=True, exist_ok=True)
    made = shared / "browser-template"
    with alone(shared / "browser-template.lock"):
        if not made.exists():
            draft = RunningHall(shared / f"browser-template-{secrets.token_hex(4)}")
            draft.prepare()
            (draft.folder / "data").rename(made)
    return made
