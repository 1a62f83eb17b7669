"""State machines as data. A package's `flow.py` declares one `Flow`; commands ask it, responses carry its `allowed_actions`,
the docs command draws it, and the tests validate it (every state reachable, no dead end that is not declared final).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.actor import Actor, Role
from core.errors import DomainError

Facts = Mapping[str, Any]
Guard = Callable[[Facts], bool]


class IllegalMove(DomainError):
    code = "flow.illegal_move"
    status = 409
    message = "当前状态下不能这样操作，请刷新后查看最新进度。"


class GuardRefused(DomainError):
    code = "flow.guard_refused"
    status = 409
    message = "还有条件没有满足，暂时不能这样操作。"


@dataclass(frozen=True)
class Transition:
    """One row: `who` may take `action` from any of `sources` to `target`, if `guard` holds.

    `who` holds role names ("citizen") or permissions ("case.decide", for clerks that have it). `emits` names the event for the docs.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    who: tuple[str, ...]
    label: str
    guard: str | None = None
    emits: str | None = None

    def permits(self, actor: Actor) -> bool:
        return actor.kind in self.who or any("." in name and actor.may(name) for name in self.who)


@dataclass(frozen=True)
class Flow:
    name: str
    title: str
    initial: str
    states: Mapping[str, str]
    transitions: tuple[Transition, ...]
    final: frozenset[str] = frozenset()
    guards: Mapping[str, Guard] = field(default_factory=dict)

    def find(self, state: str, action: str) -> Transition:
        for row in self.transitions:
            if row.action == action and state in row.sources:
                return row
        raise IllegalMove()

    def move(self, state: str, action: str, actor: Actor, facts: Facts | None = None) -> Transition:
        """The row to carry out. IllegalMove when the state or the actor does not allow it, GuardRefused when a condition fails."""
        row = self.find(state, action)
        if not row.permits(actor):
            raise IllegalMove()
        if row.guard is not None and not self.guards[row.guard](facts or {}):
            raise GuardRefused(fields={"guard": row.guard})
        return row

    def allowed_actions(self, state: str, actor: Actor, facts: Facts | None = None) -> list[str]:
        """What `actor` may do now; the only source of a client's buttons."""
        return [
            row.action
            for row in self.transitions
            if state in row.sources and row.permits(actor) and (row.guard is None or self.guards[row.guard](facts or {}))
        ]

    def problems(self) -> list[str]:
        """What is wrong with the table itself; empty when it is sound."""
        found = [f"unknown state {name}" for row in self.transitions for name in (*row.sources, row.target) if name not in self.states]
        found += [f"unknown initial state {self.initial}"] if self.initial not in self.states else []
        found += [f"unknown final state {name}" for name in sorted(self.final - set(self.states))]
        found += [f"unknown guard {row.guard}" for row in self.transitions if row.guard is not None and row.guard not in self.guards]
        found += [f"unknown role {who}" for row in self.transitions for who in row.who if "." not in who and who not in set(Role)]
        pairs = [(source, row.action) for row in self.transitions for source in row.sources]
        found += [f"ambiguous {source} --{action}" for source, action in sorted({pair for pair in pairs if pairs.count(pair) > 1})]
        reached = {self.initial}
        while True:
            more = {row.target for row in self.transitions if reached & set(row.sources)} - reached
            if not more:
                break
            reached |= more
        found += [f"unreachable state {name}" for name in self.states if name not in reached]
        leaving = {source for row in self.transitions for source in row.sources}
        found += [f"dead end {name}" for name in self.states if name not in leaving and name not in self.final]
        return found

    def mermaid(self) -> str:
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {name} : {label}" for name, label in self.states.items()]
        lines += [f"    {source} --> {row.target} : {row.label}" for row in self.transitions for source in row.sources]
        lines += [f"    {name} --> [*]" for name in self.states if name in self.final]
        return "\n".join(lines)

    def markdown(self) -> str:
        head = "| action | from | to | who | guard | emits |\n|---|---|---|---|---|---|"
        rows = [
            (f"`{row.action}` {row.label}", _states(row.sources), f"`{row.target}`", ", ".join(row.who), row.guard or "", row.emits or "")
            for row in self.transitions
        ]
        return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows)])


def _states(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
