"""Badly behaved functions for the tests of core.isolation."""

from __future__ import annotations

import os
import time


def echo(payload: bytes) -> bytes:
    print("a stray line on standard output")
    return payload[::-1]


def process_id(_: bytes) -> bytes:
    return str(os.getpid()).encode()


def misbehave(payload: bytes) -> bytes:
    match payload:
        case b"loop":
            while True:
                pass
        case b"sleep":
            time.sleep(60)
        case b"memory":
            return bytes(len(bytearray(3 << 30)))
        case b"die":
            os._exit(3)
        case b"raise":
            raise ValueError("secret of the payload")
    return b"fine"


def environment(_: bytes) -> bytes:
    return "\n".join(os.environ).encode()
