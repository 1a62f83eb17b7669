"""`zerotrip demo` as a user runs it, and what a stranger can do with the files it leaves."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ZEROTRIP = (sys.executable, "-m", "api")
ROOT = Path(__file__).parents[2]
LEFT_BEHIND = {
    *("licence.pdf", "licence-qr.png", "notice.pdf", "commitment-1.pdf", "commitment-2.pdf"),
    *("trust-list.cbor", "status-list.cbor", "status-list-revoked.cbor", "journal.json"),
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ZT_")}
    return subprocess.run([*ZEROTRIP, *arguments], cwd=ROOT, env=plain, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--out", str(folder), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == json.loads((folder / "journal.json").read_text("utf-8"))
    return folder


def verify(folder: Path, subject: str | Path, status: str = "status-list.cbor", *more: str) -> tuple[int, dict[str, object]]:
    lists = ("--trust", str(folder / "trust-list.cbor"), "--status", str(folder / status))
    done = run("verify", str(folder / subject), *lists, "--json", *more)
    return done.returncode, json.loads(done.stdout)


def test_the_journal_tells_every_step_and_the_files_are_there(played: Path) -> None:
    """The ten steps and the other route; R28: closed without a trip."""
    journal = json.loads((played / "journal.json").read_text("utf-8"))
    assert journal["ok"] and len(journal["steps"]) == 11
    assert all(step["ok"] and step["proves"] and step["ms"] >= 0 and step["name"] for step in journal["steps"])
    assert {path.name for path in played.iterdir()} >= LEFT_BEHIND


def test_a_stranger_verifies_offline_by_file_and_by_picture(played: Path) -> None:
    for subject in ("licence.pdf", "licence-qr.png"):
        code, report = verify(played, subject)
        assert (code, report["verdict"], report["status"]) == (0, "TOTAL_PASSED", "valid")


def test_a_revoked_licence_fails(played: Path) -> None:
    """R54."""
    for subject in ("licence.pdf", "licence-qr.png"):
        code, report = verify(played, subject, "status-list-revoked.cbor")
        assert (code, report["verdict"], report["status"]) == (1, "TOTAL_FAILED", "revoked")


def test_without_a_status_list_nothing_is_promised(played: Path) -> None:
    done = run("verify", str(played / "licence.pdf"), "--trust", str(played / "trust-list.cbor"), "--json")
    assert done.returncode == 2 and json.loads(done.stdout)["status"] == "unknown"


def test_a_changed_byte_never_passes(played: Path) -> None:
    """R53. The exhaustive test is test_esign_pdf_tampering; this one goes through the command as a stranger does."""
    original = (played / "licence.pdf").read_bytes()
    chance = random.Random(7)
    for place in [chance.randrange(len(original)) for _ in range(6)]:
        changed = bytearray(original)
        changed[place] ^= 0x01 if chr(changed[place]).lower() == chr(changed[place] ^ 0x01).lower() else 0x02
        (played / "changed.pdf").write_bytes(changed)
        code, report = verify(played, "changed.pdf")
        assert code in {1, 2} and report["verdict"] != "TOTAL_PASSED", place


def test_signed_commitments_verify(played: Path) -> None:
    for name, signers in (("commitment-1.pdf", 2), ("commitment-2.pdf", 1)):
        code, report = verify(played, name)
        assert code == 0 and len(report["signatures"]) == signers  # type: ignore[arg-type]


def test_wrong_command_lines_have_their_own_exit_code(played: Path) -> None:
    lists = ("--trust", str(played / "trust-list.cbor"))
    assert run("verify", str(played / "nothing.pdf"), *lists).returncode == 64
    assert run("verify", str(played / "licence.pdf"), *lists, "--at", "yesterday").returncode == 64


def test_pdfsig_agrees(played: Path, tool: Callable[[str], str]) -> None:
    done = subprocess.run([tool("pdfsig"), "-nocert", str(played / "licence.pdf")], capture_output=True, text=True, check=False)
    assert "Signature is Valid." in done.stdout and "Total document signed" in done.stdout
