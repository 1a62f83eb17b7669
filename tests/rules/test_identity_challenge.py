"""Challenges are random and mixed; the chain of a stream refuses every frame that does not follow; recordings betray themselves."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from identity.liveness.challenge import HEAD_BYTES, FrameChain, FrameRefused, draw, jitter, session_key, steps_of, to_store
from identity.liveness.motion.actions import ACTIONS, MOVES_HEAD
from identity.liveness.motion.traces import find_loops, share_seen, traces

KEY, NONCE = b"k" * 32, "nonce"


def test_a_challenge_mixes_head_and_face_in_any_order() -> None:
    drawn = [draw() for _ in range(2000)]
    assert all(len(set(one)) == 3 and 0 < len(MOVES_HEAD.intersection(one)) < 3 for one in drawn)
    assert len(set(drawn)) == 54, "all orders of all mixes: 60 less the 6 of the three that move the head"
    firsts = Counter(one[0] for one in drawn)
    assert set(firsts) == set(ACTIONS) and min(firsts.values()) > 250


def test_pauses_fill_their_limits() -> None:
    pauses = [jitter((0.2, 0.8)) for _ in range(500)]
    assert 0.2 <= min(pauses) < 0.25 and 0.75 < max(pauses) <= 0.8


def test_challenges_are_stored_as_they_were() -> None:
    assert steps_of(to_store(("nod", "blink", "mouth"))) == ("nod", "blink", "mouth") and steps_of("[]") == ()


def test_the_key_belongs_to_one_nonce_of_one_verification() -> None:
    assert len({session_key(b"m" * 32, one, nonce) for one in ("v1", "v2") for nonce in ("n1", "n2")}) == 4


def sealed(count: int = 4, key: bytes = KEY, nonce: str = NONCE) -> list[bytes]:
    phone = FrameChain(key, nonce)
    return [phone.seal(number * 66, min(number, 3), b"\xff\xd8picture %d" % number) for number in range(count)]


def refusal(messages: list[bytes], key: bytes = KEY, nonce: str = NONCE) -> str | None:
    server = FrameChain(key, nonce)
    try:
        for message in messages:
            server.open(message)
    except FrameRefused as refused:
        return refused.code
    return None


def test_an_honest_stream_is_taken() -> None:
    server = FrameChain(KEY, NONCE)
    frames = [server.open(message) for message in sealed()]
    assert [(frame.seq, frame.t, frame.step) for frame in frames] == [(0, 0.0, 0), (1, 0.066, 1), (2, 0.132, 2), (3, 0.198, 3)]
    assert frames[2].data == b"\xff\xd8picture 2"


def test_every_changed_byte_is_noticed() -> None:
    honest = sealed()
    for place in [*range(HEAD_BYTES), HEAD_BYTES + 3, len(honest[1]) - 1]:
        changed = bytearray(honest[1])
        changed[place] ^= 1
        assert refusal([honest[0], bytes(changed)]) in {"TAMPERED", "OUT_OF_ORDER"}, place


@pytest.mark.parametrize(
    "order, code",
    [([0, 1, 1], "OUT_OF_ORDER"), ([0, 2], "OUT_OF_ORDER"), ([1], "OUT_OF_ORDER"), ([0, 1, 0], "OUT_OF_ORDER"), ([0, 1, 2, 3], None)],
)
def test_repeated_left_out_or_late_frames_are_noticed(order: list[int], code: str | None) -> None:
    honest = sealed()
    assert refusal([honest[place] for place in order]) == code


def test_frames_of_another_session_are_noticed() -> None:
    mine, other = sealed(), sealed(key=b"o" * 32)
    assert refusal(other) == "TAMPERED" and refusal([mine[0], other[1]]) == "TAMPERED"
    assert refusal(sealed(nonce="yesterday's")) == "TAMPERED"


def test_time_stands_still_for_nobody() -> None:
    phone = FrameChain(KEY, NONCE)
    assert refusal([phone.seal(100, 0, b"a"), phone.seal(100, 0, b"b")]) == "OUT_OF_ORDER"


@pytest.mark.parametrize("message", [b"", b"ZF1\x00", b"x" * 200, b"\x00" * HEAD_BYTES])
def test_nonsense_is_refused(message: bytes) -> None:
    assert refusal([message]) == "TAMPERED"


def film(seed: int, count: int = 90, noise: float = 0.15) -> list[np.ndarray]:
    """Thumbnails of something that moves about, with a camera's noise."""
    numbers = np.random.default_rng(seed)
    room = numbers.uniform(60, 200, (24, 32))
    ys, xs = np.mgrid[0:24, 0:32]
    path = np.cumsum(numbers.normal(0, 0.35, (count, 2)), axis=0)
    grain = np.random.default_rng(seed + 1000)
    made = []
    for dx, dy in path:
        blob = 90 * np.exp(-(((xs - 16 - 3 * dx) / 5) ** 2 + ((ys - 12 - 3 * dy) / 6) ** 2))
        made.append(np.clip(room + blob + grain.normal(0, noise, room.shape), 0, 255).astype(np.uint8))
    return made


def times(count: int) -> list[float]:
    return [number / 15 for number in range(count)]


def test_a_film_that_starts_again_is_a_loop() -> None:
    honest = film(1)
    assert find_loops(times(90), honest) == ()
    looped = [*honest[:40], *honest[:40]]
    (found, *_) = find_loops(times(80), looped)
    assert found.lag == pytest.approx(40 / 15, abs=0.01) and found.end - found.start > 2


def test_somebody_who_sits_still_is_no_loop() -> None:
    still = [film(2, 1)[0]] * 60
    assert find_loops(times(60), still) == () and find_loops([], []) == ()


def test_the_same_film_is_known_again_and_another_is_not() -> None:
    earlier = traces(film(3))
    again = [np.clip(frame.astype(np.int16) + 1, 0, 255).astype(np.uint8) for frame in film(3)]
    assert len(earlier) > 20 and all(len(trace) == 16 for trace in earlier)
    assert share_seen(traces(again), earlier) > 0.9
    assert share_seen(traces(again[10:80]), earlier) > 0.6
    assert max(share_seen(traces(film(seed)), earlier) for seed in range(4, 24)) < 0.6
    assert share_seen([], earlier) == share_seen(earlier, []) == 0.0
    assert traces([film(2, 1)[0]] * 30) == (), "nothing moved: nothing to know again"


RECORDED = Path(__file__).parents[2] / "miniprogram/tests/unit/vectors/frame_chain.json"


def test_the_recorded_vectors_that_the_phones_client_is_tested_with_are_what_the_chain_makes() -> None:
    """R51. `python -m tests.rules.test_identity_challenge` records them anew."""
    assert json.loads(RECORDED.read_text("utf-8")) == vectors()
    recorded = json.loads(RECORDED.read_text("utf-8"))
    hall = FrameChain(urlsafe_b64decode(recorded["key"] + "="), recorded["nonce"])
    frames = [hall.open(b64decode(one["message"])) for one in recorded["frames"]]
    assert [(frame.seq, frame.step) for frame in frames] == list(enumerate([0, 0, 1, 2, 3]))


def vectors() -> dict[str, Any]:
    """A short capture as the chain seals it, with times beyond two bytes and pictures of several lengths."""
    key, nonce = bytes(range(7, 39)), "Zx-nonce_0123456789"
    phone, frames = FrameChain(key, nonce), []
    for number, (ms, step) in enumerate(((0, 0), (67, 0), (1000, 1), (65_600, 2), (4_000_000_000, 3))):
        jpeg = b"\xff\xd8\xff" + bytes(range(256)) * number + b"\xff\xd9"
        message = phone.seal(ms, step, jpeg)
        frames.append({"ms": ms, "step": step, "jpeg": b64encode(jpeg).decode(), "message": b64encode(message).decode()})
    return {"key": urlsafe_b64encode(key).decode().rstrip("="), "nonce": nonce, "frames": frames}


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(vectors(), indent=1) + "\n", "utf-8")
