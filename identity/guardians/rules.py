"""Who may be whose guardian. Pure."""

from __future__ import annotations

from datetime import date

OF_AGE = 18
OWN_DECISION = 14
"""From this age on a person decides about the own face."""


def birthday(born_on: date, age: int) -> date:
    """The day on which somebody is that old; born on 29 February, that is 1 March in common years."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def is_ward(born_on: date, today: date) -> bool:
    return today < birthday(born_on, OWN_DECISION)


def may_be_guardian(born_on: date, today: date) -> bool:
    return today >= birthday(born_on, OF_AGE)
