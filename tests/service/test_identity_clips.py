"""Clips are decoded in a process of their own: what phones write is read upright and in time, everything else gets its code. R51."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.isolation import Isolated
from identity.liveness import clips
from identity.liveness.clips import ClipHead, ClipRefused, RawFrame, decode_isolated, unpack
from identity.liveness.errors import CLIP_ERRORS
from identity.liveness.pictures import cut_planes, planes_to_rgb
from tests.factories.clips import clip, only_sound, turned

WIDTH, HEIGHT = 160, 120


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A bright spot in the upper left corner that moves right, on a ramp."""
    made = np.zeros((height, width, 3), np.uint8)
    made[..., 1] = np.linspace(40, 120, width).astype(np.uint8)
    made[4 : 4 + height // 5, 4 + number : 4 + number + width // 5] = (250, 240, 60)
    return made


def pictures(count: int = 30, width: int = WIDTH, height: int = HEIGHT) -> list[np.ndarray]:
    return [picture(number % 40, width, height) for number in range(count)]


def read(data: bytes) -> tuple[ClipHead, list[RawFrame]]:
    head, frames = unpack(decode_isolated(data))
    return head, list(frames)


def refusal(data: bytes) -> str:
    with pytest.raises(ClipRefused) as refused:
        read(data)
    assert refused.value.code in CLIP_ERRORS
    return refused.value.code


@pytest.mark.parametrize(
    "container, codec", [("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "libx264"), ("mp4", "mpeg4"), ("mov", "libx264")]
)
def test_what_phones_and_browsers_write_is_read(container: str, codec: str) -> None:
    head, frames = read(clip(pictures(), container=container, codec=codec, audio=container == "mp4"))
    assert head.fps == pytest.approx(15, abs=0.2) and head.seconds == pytest.approx(29 / 15, abs=0.05)
    assert [round(frame.t * 15) for frame in frames] == list(range(30))
    assert {(frame.width, frame.height) for frame in frames} == {(WIDTH, HEIGHT)}
    assert frames[0].light[10, 12] > 180 > frames[0].light[100, 12]


def test_colours_come_back_from_the_part_that_is_kept() -> None:
    _, frames = read(clip(pictures(4)))
    rgb = planes_to_rgb(*cut_planes(frames[0].i420, (WIDTH, HEIGHT), (0, 0, 41, 31)))
    assert rgb.shape == (31, 41, 3)
    assert rgb[12, 14, 0] > 200 and rgb[12, 14, 2] < 120 and rgb[30, 2, 1] < 90


@pytest.mark.parametrize("quarters, corner", [(0, (10, 12)), (1, (12, -10)), (2, (-10, -12)), (3, (-12, 10))])
def test_a_phone_held_sideways_gives_upright_frames(quarters: int, corner: tuple[int, int]) -> None:
    _, frames = read(turned(clip(pictures(4)), quarters))
    assert (frames[0].width, frames[0].height) == ((WIDTH, HEIGHT) if quarters % 2 == 0 else (HEIGHT, WIDTH))
    assert frames[0].light[corner] > 180, "the bright spot is where the person would see it"


def test_large_frames_are_made_small_and_fast_films_thinned_out() -> None:
    head, frames = read(clip(pictures(60, 1280, 720), fps=60))
    assert (frames[0].width, frames[0].height) == (640, 360)
    assert head.fps == pytest.approx(60, abs=1) and len(frames) == pytest.approx(16, abs=2)
    steps = np.diff([frame.t for frame in frames])
    assert steps.min() > 0 and steps.max() < 0.1
    for rate in (24, 25, 30):
        _, frames = read(clip(pictures(rate * 2), fps=rate))
        assert 14 <= (len(frames) - 1) / frames[-1].t <= 17, rate


def test_a_variable_rate_keeps_its_times() -> None:
    times = [0.0, 0.07, 0.2, 0.26, 0.5, 0.58]
    _, frames = read(clip(pictures(6), times=times))
    assert [frame.t for frame in frames] == pytest.approx(times, abs=0.003)


def long_clip() -> bytes:
    return clip([picture(0)] * 4, times=[0, 1, 2, 4 * 3600])


BAD = {
    "nothing": (lambda: b"", "liveness.clip_invalid"),
    "a zip named mp4": (lambda: b"PK\x03\x04" + b"x" * 400, "liveness.clip_type_unsupported"),
    "a picture": (lambda: b"\xff\xd8\xff\xe0" + b"x" * 400, "liveness.clip_type_unsupported"),
    "a playlist": (lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "liveness.clip_type_unsupported"),
    "only a head": (lambda: b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 300, "liveness.clip_invalid"),
    "cut off": (lambda: clip(pictures())[:-900], "liveness.clip_invalid"),
    "only sound": (only_sound, "liveness.clip_no_video"),
    "four hours": (long_clip, "liveness.clip_too_long"),
    "one frame": (lambda: clip(pictures(1)), "liveness.clip_too_short"),
    "tiny": (lambda: clip(pictures(4, 64, 48)), "liveness.clip_too_small"),
    "8K": (lambda: clip([np.zeros((96, 7680, 3), np.uint8)] * 2, codec="mpeg4"), "liveness.clip_too_many_pixels"),
    "another codec": (lambda: clip(pictures(4), codec="ffv1", container="matroska"), "liveness.clip_type_unsupported"),
}


@pytest.mark.parametrize("make, code", BAD.values(), ids=BAD)
def test_everything_else_has_its_code(make: partial[bytes], code: str) -> None:
    assert refusal(make()) == code


def test_damaged_bytes_never_crash_and_never_hang() -> None:
    good = clip(pictures(20))
    numbers = np.random.default_rng(5)
    for _ in range(60):
        damaged = bytearray(good)
        for place in numbers.integers(0, len(good), 12):
            damaged[place] = int(numbers.integers(0, 256))
        try:
            _, frames = read(bytes(damaged))
            assert len(frames) <= 300
        except ClipRefused as refused:
            assert refused.code in CLIP_ERRORS


async def test_the_child_answers_and_hostile_input_kills_only_it() -> None:
    decoder = Isolated(clips.TARGET, clips.SECONDS, clips.MEMORY)
    try:
        head, _ = unpack(await decoder.call(clip(pictures(4))))
        assert head.codec == "h264" and head.cpu_ms < 2000
        with pytest.raises(ClipRefused):
            unpack(await decoder.call(b"PK\x03\x04"))
        answers = await asyncio.gather(*(decoder.call(clip(pictures(4))) for _ in range(3)))
        assert all(unpack(answer)[0].code is None for answer in answers)
    finally:
        await decoder.close()


def test_clips_of_real_people_are_read_where_they_are_at_hand() -> None:
    folder = Path(__file__).resolve().parents[3] / "shared" / "faces" / "clips"
    found = sorted(folder.glob("*.mkv"))
    if not found:
        pytest.skip("no clips of real people here (shared/faces/clips)")
    assert all(read(path.read_bytes())[1] for path in found)
