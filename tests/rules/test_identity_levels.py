"""Real-name levels: what each piece of evidence is worth, and when a level falls (R52)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from identity.accounts.levels import LETS, NEXT_STEPS, Evidence, assess, ladder
from identity.accounts.rules import Level

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LIFE = timedelta(days=1825)


@pytest.mark.parametrize(
    ("evidence", "level", "steps"),
    [
        (Evidence(), Level.WECHAT, ("bind_phone", "declare_identity")),
        (Evidence(has_phone=True), Level.PHONE, ("declare_identity",)),
        (Evidence(has_document=True), Level.DOCUMENT, ("bind_phone", "prove_in_person")),
        (Evidence(True, True, None, NOW), Level.IN_PERSON, ()),
        (Evidence(True, True, TODAY, NOW), Level.IN_PERSON, ()),
        (Evidence(True, True, TODAY - timedelta(days=1), NOW), Level.PHONE, ("renew_document",)),
        (Evidence(False, True, TODAY - timedelta(days=1), NOW), Level.WECHAT, ("bind_phone", "renew_document")),
        (Evidence(True, True, None, NOW - LIFE), Level.DOCUMENT, ("prove_in_person",)),
        (Evidence(True, True, None, NOW - LIFE + timedelta(seconds=1)), Level.IN_PERSON, ()),
        (Evidence(True, False, None, NOW), Level.PHONE, ("declare_identity",)),
    ],
)
def test_what_evidence_is_worth(evidence: Evidence, level: Level, steps: tuple[str, ...]) -> None:
    found = assess(evidence, NOW, LIFE)
    assert (found.level, found.next_steps) == (level, steps)


def test_the_day_in_beijing_ends_a_document() -> None:
    evidence = Evidence(has_document=True, document_until=TODAY)
    assert assess(evidence, datetime(2026, 11, 23, 15, 59, tzinfo=UTC), LIFE).level is Level.DOCUMENT
    assert assess(evidence, datetime(2026, 11, 23, 16, 0, tzinfo=UTC), LIFE).level is Level.WECHAT


_evidence = st.builds(
    Evidence,
    st.booleans(),
    st.booleans(),
    st.none() | st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.none() | st.datetimes(datetime(2015, 1, 1), datetime(2026, 11, 22), timezones=st.just(UTC)),
)


@given(_evidence)
@example(Evidence(has_document=True, proven_at=datetime(2022, 1, 1, 15, 59, 0, 1, tzinfo=UTC)))
@example(Evidence(has_document=True, proven_at=datetime(2022, 1, 1, 15, 59, 59, 999_999, tzinfo=UTC)))
@example(Evidence(has_document=True, proven_at=datetime(2022, 1, 1, 16, 0, tzinfo=UTC)))
def test_a_level_falls_on_the_day_it_says_and_not_before(evidence: Evidence) -> None:
    """Time alone never raises a level, and `falls_on` is the first lower day."""
    now = assess(evidence, NOW, LIFE)
    for days in (1, 30, 400, 1500, 4000):
        assert assess(evidence, NOW + timedelta(days=days), LIFE).level <= now.level
    if now.falls_on is not None:
        # Its last moment in Beijing.
        on_the_day = datetime(now.falls_on.year, now.falls_on.month, now.falls_on.day, 15, 59, 59, 999_999, tzinfo=UTC)
        assert assess(evidence, on_the_day, LIFE).level < now.level
        assert assess(evidence, max(NOW, on_the_day - timedelta(days=2)), LIFE).level == now.level
    elif now.level > Level.PHONE:
        assert assess(evidence, NOW + timedelta(days=36500), LIFE).level == now.level


@given(_evidence)
def test_the_ladder_names_every_level_and_each_missing_step_once(evidence: Evidence) -> None:
    found = assess(evidence, NOW, LIFE)
    rungs = ladder(found)
    assert [rung.level for rung in rungs] == list(Level) == list(LETS)
    steps = [rung.step for rung in rungs if rung.step]
    assert set(found.next_steps) <= set(steps) <= set(NEXT_STEPS) and len(steps) == len(set(steps))
    assert rungs[found.level].step is None
    assert all(rung.step for rung in rungs if rung.level > found.level)
