"""When a matcher may call itself calibrated: measured error rates, on named people, good enough for NIST SP 800-63A-4."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec

MAX_FMR = 1 / 10_000
"""False matches: different people taken for one (NIST SP 800-63A-4)."""
MAX_FNMR = 1 / 100
"""False non-matches: one person taken for two (ibid.)."""
MIN_IMPOSTOR_PAIRS = 30_000
MIN_GENUINE_PAIRS = 300
"""Even with no error at all, n pairs show a rate below 3/n with 95 % confidence: fewer pairs can prove neither limit."""

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Pairs = Annotated[int, msgspec.Meta(ge=1)]
Told = Annotated[str, msgspec.Meta(min_length=12, max_length=400)]


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody measured and answers for. `population`: who the measured people were; `source`: the report where it can be read.

    `threshold` is the distance up to which two faces counted as one; None for a service that keeps its own.
    """

    population: Told
    source: Told
    measured_on: date
    fmr: Rate
    fnmr: Rate
    impostor_pairs: Pairs
    genuine_pairs: Pairs
    threshold: Annotated[float, msgspec.Meta(gt=0)] | None = None


def shortcomings(measured: Calibration, *, today: date) -> list[str]:
    """Why these figures do not let a verdict accept anybody in production; nothing when they do."""
    found = []
    if measured.fmr > MAX_FMR:
        found.append(f"false match rate {measured.fmr:g} is above {MAX_FMR:g}")
    if measured.fnmr > MAX_FNMR:
        found.append(f"false non-match rate {measured.fnmr:g} is above {MAX_FNMR:g}")
    if measured.impostor_pairs < MIN_IMPOSTOR_PAIRS:
        found.append(f"{measured.impostor_pairs} impostor pairs cannot show the false match rate; {MIN_IMPOSTOR_PAIRS} can")
    if measured.genuine_pairs < MIN_GENUINE_PAIRS:
        found.append(f"{measured.genuine_pairs} genuine pairs cannot show the false non-match rate; {MIN_GENUINE_PAIRS} can")
    if measured.measured_on > today:
        found.append("the measurement lies in the future")
    return found


def described(measured: Calibration | None, doubts: list[str]) -> str:
    """For `Capabilities.population`: whom it was measured on, or why that does not count."""
    told = f"not calibrated: {'; '.join(doubts)}" if doubts else ""
    if measured is None:
        return told
    figures = f"{measured.population} (FMR {measured.fmr:g}, FNMR {measured.fnmr:g}, {measured.measured_on}; {measured.source})"
    return f"{told}; measured on {figures}" if told else figures


def load_calibration(path: Path) -> Calibration:
    """Read a statement (JSON). OSError, msgspec.ValidationError naming the wrong field."""
    return msgspec.json.decode(path.read_bytes(), type=Calibration)
