"""How fast two ways of doing one thing are, beside each other in one run."""

from __future__ import annotations

import time
from collections.abc import Callable

_ROUNDS, _CALLS = 31, 100


def best_rates(*actions: Callable[[], object]) -> list[float]:
    """Calls a second of CPU of each, best of many short interleaved rounds: other work on the machine moves neither."""
    best = [0.0] * len(actions)
    for _ in range(_ROUNDS):
        for place, action in enumerate(actions):
            start = time.process_time()
            for _ in range(_CALLS):
                action()
            best[place] = max(best[place], _CALLS / (time.process_time() - start))
    return best
