"""Clips made on the spot with the library that also reads them: every container, codec and fault that a test needs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np


def clip(
    frames: Sequence[np.ndarray],
    *,
    container: str = "mp4",
    codec: str = "libx264",
    fps: int = 15,
    times: Sequence[float] | None = None,
    audio: bool = False,
) -> bytes:
    """RGB frames (h×w×3, even sides) as a clip; `times` in seconds for a variable rate."""
    stored = io.BytesIO()
    with av.open(stored, "w", format=container) as opened:
        stream: Any = opened.add_stream(codec, rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.time_base = Fraction(1, 1000)
        stream.codec_context.time_base = Fraction(1, 1000)
        if codec == "libx264":
            stream.options = {"preset": "veryfast", "crf": "18", "bf": "0"}
        if codec == "libvpx":
            stream.options = {"deadline": "realtime", "cpu-used": "8", "b": "3M"}
        if audio:
            _silence(opened)
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = round((times[number] if times else number / fps) * 1000)
            frame.time_base = Fraction(1, 1000)
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode())
    return stored.getvalue()


def only_sound() -> bytes:
    stored = io.BytesIO()
    with av.open(stored, "w", format="mp4") as opened:
        _silence(opened)
    return stored.getvalue()


def _silence(opened: Any) -> None:
    stream = opened.add_stream("aac", rate=16000)
    stream.layout = "mono"
    for number in range(20):
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = 16000, number * 1024
        opened.mux(stream.encode(frame))
    opened.mux(stream.encode())


def turned(data: bytes, quarters: int) -> bytes:
    """The same MP4 with another display matrix (clockwise quarter turns when shown): what a phone held sideways writes."""
    matrices = {0: (1, 0, 0, 1), 1: (0, 1, -1, 0), 2: (-1, 0, 0, -1), 3: (0, -1, 1, 0)}
    place = data.index(b"tkhd", data.index(b"trak")) + 4 + 40
    a, b, c, d = matrices[quarters]
    values = (a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    matrix = b"".join(value.to_bytes(4, "big", signed=True) for value in values)
    return data[:place] + matrix + data[place + 36 :]
