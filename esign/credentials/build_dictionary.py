"""Build the preset dictionary: `python -m esign.credentials.build_dictionary > esign/credentials/dictionaries/<version>.bin`.

The words of `vocabulary`, those that save most over believable licences last (DEFLATE's near distances are cheapest), then one
whole credential as a frame. The same code gives the same bytes; a published file is never built again, a new version is.
"""

from __future__ import annotations

import random
import sys

from esign.credentials import cbor, cwt
from esign.credentials.vocabulary import DOORS, PLACES, ROADS, SCOPES, TRADES, TYPES, WORDS, believable

_SAMPLES = 400


def build(*, seed: int = 20250701) -> bytes:
    rng = random.Random(seed)
    samples = [cwt.encode(believable(rng)) for _ in range(_SAMPLES)]
    phrases = [phrase.encode() for group in (PLACES, ROADS, DOORS, TRADES, TYPES, SCOPES, WORDS) for phrase in group]
    phrases.sort(key=lambda phrase: (sum(phrase in sample for sample in samples) * (len(phrase) - 3), phrase))
    text = b""
    for phrase in phrases:
        if phrase not in text:
            text += phrase
    return text + _frame(samples[0])


def _frame(claims: bytes) -> bytes:
    """A credential as it will look, with zeros where signature and key id stand."""
    protected = cbor.encode({1: -7, 4: bytes(8)})
    return b"\xd2" + cbor.encode([protected, {}, claims, bytes(64)])[: -64 + 3]


if __name__ == "__main__":
    sys.stdout.buffer.write(build())
