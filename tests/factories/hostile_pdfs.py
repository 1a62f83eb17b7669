"""PDF files put together by hand: plain ones, and ones made to break or to deceive a reader."""

from __future__ import annotations

import zlib


def bomb() -> bytes:
    """A page of 200 MB in a few hundred bytes."""
    data = zlib.compress(zlib.compress(bytes(200_000_000), 9), 9)
    stream = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(data), data)
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        stream,
    ]
    return assembled(bodies)


def assembled(bodies: list[bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1; the first is the catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    size = len(bodies) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        trailer,
        start,
    )


PLAIN = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R>>"]
SCRIPTED = [b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>", *PLAIN[1:]]
LAUNCHING = [b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(calc.exe)>>>>", *PLAIN[1:]]
CIRCULAR = [PLAIN[0], b"<</Type/Pages/Kids[2 0 R]/Count 1>>", PLAIN[2]]
DEEP = [PLAIN[0], PLAIN[1], b"<</Type/Page/Parent 2 0 R/X " + b"[" * 5000 + b"]" * 5000 + b">>"]
