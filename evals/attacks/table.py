"""The counts, by class, as the table of docs/attacks.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.attacks.types import Outcome

__all__ = ["Count", "counted", "table"]

_HEAD = ("class", "attacks", "reached the reader as supported", "active content", "files, network", "loops, breaks")


@dataclass(frozen=True, slots=True)
class Count:
    """One class: how many attacks, and how many of them did what."""

    kind: str
    attacks: int
    passed: int
    active: int
    effects: int
    loose: int


def counted(outcomes: Iterable[Outcome]) -> tuple[Count, ...]:
    """One count a class, in the order of their first attack; then all of them."""
    found = list(outcomes)
    kinds = dict.fromkeys(outcome.kind for outcome in found)
    return (*(_count(kind, [o for o in found if o.kind == kind]) for kind in kinds), _count("all", found))


def _count(kind: str, found: Sequence[Outcome]) -> Count:
    return Count(
        kind,
        len(found),
        sum(o.passed for o in found),
        sum(bool(o.active) for o in found),
        sum(bool(o.effects) for o in found),
        sum(o.endless or o.broke_out or bool(o.fault) for o in found),
    )


def table(counts: Sequence[Count]) -> str:
    """The counts in markdown."""
    rows = [(c.kind, *(str(n) for n in (c.attacks, c.passed, c.active, c.effects, c.loose))) for c in counts]
    lines = ["| " + " | ".join(row) + " |" for row in (_HEAD, tuple("---" for _ in _HEAD), *rows)]
    return "\n".join(lines) + "\n"
