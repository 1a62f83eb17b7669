"""What SM2 takes from C it gives back, on the ways that fail too. Measured in a process of its own, where nothing else grows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from esign.algorithms import sm2

ROUNDS = 4_000
ALLOWED = 400 * 1024
"""Bytes; the smallest object, a digest context, has over 200, and losing one a round would be twice that."""

PROGRAM = """
import os, sys
from contextlib import suppress
from pathlib import Path
from esign.algorithms import libcrypto
from esign.algorithms.sm2_keys import BadSm2Key, Sm2PublicKey

library = libcrypto.require()
key = library.generate()
good = library.sign(key, b"x")
pkcs8 = key.private_bytes_pkcs8()
private = int.from_bytes(pkcs8[-32:], "big")

def ways(turn):
    way = sys.argv[1]
    if way == "sign":
        library.sign(key, b"x")
    elif way == "verify":
        library.verify(key.public_key(), b"x", good)
    elif way == "bad signature":
        library.verify(key.public_key(), b"y", good)
    elif way == "bad identifier":
        with suppress(ValueError):
            library.sign(key, b"x", b"")
    elif way == "refused identifier":
        # Past our own check, so that libcrypto refuses it with a context open.
        libcrypto._ID_LIMIT = 10_000
        with suppress(libcrypto.LibcryptoFailure):
            library.sign(key, b"x", bytes(9_000))
    elif way == "new public key":
        library._new_public_handle(key.public_key().point)
    elif way == "private key":
        library.private_key(pkcs8)
    elif way == "bad private key":
        with suppress(BadSm2Key):
            library.private_key(pkcs8[:-32] + bytes(32))

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

rounds = int(sys.argv[2])
for turn in range(rounds // 4):
    ways(turn)
before = resident()
for turn in range(rounds):
    ways(turn)
print(resident() - before)
"""


@pytest.mark.skipif(not sm2.is_available(), reason="no libcrypto with SM2 (Debian package libssl3)")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    "way",
    ["sign", "verify", "bad signature", "bad identifier", "refused identifier", "new public key", "private key", "bad private key"],
)
def test_memory_does_not_grow(way: str) -> None:
    rounds = ROUNDS // 4 if way == "private key" else ROUNDS
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, way, str(rounds)], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < ALLOWED
