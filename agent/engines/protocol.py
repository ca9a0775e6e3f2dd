"""What is asked of whatever writes.

An `Engine` writes from evidence. One that can be talked to (a model) also begins an `Author` for every question, who
plans, writes, and mends what was refused. Neither knows how its claims are checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from agent.types import Claim, Evidence, Plan, Run

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Author", "Conversable", "Engine", "Mended", "Rejected"]


class Engine(Protocol):
    """Writes from evidence, and cites it. Knows nothing of how its claims will be checked."""

    @property
    def name(self) -> str:
        """What an answer calls it."""
        ...

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """Claims in reading order, each citing ids of `evidence`; empty when the evidence says nothing fit."""
        ...


@dataclass(frozen=True, slots=True)
class Rejected:
    """A claim that did not pass, with the reasons in words."""

    claim: Claim
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of the refused claim at `index`: another claim, or None where it is given up."""

    index: int
    claim: Claim | None


class Author(Protocol):
    """Writes for one question, and may be asked again. Planning, writing and mending may raise ModelFault.

    `evidence` grows between calls, never shrinks. What was yielded before a fault stands.
    """

    @property
    def name(self) -> str:
        """What an answer calls it."""
        ...

    @property
    def fallback(self) -> Engine | None:
        """Who writes what the author cannot; None where nobody may."""
        ...

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts of the question that the author, having written, found no evidence for."""
        ...

    def plan(self, plan: Plan, previous: Plan | None) -> Plan:
        """The rules' plan, bettered; `previous` is the plan of the turn before."""
        ...

    def write(self, plan: Plan, evidence: Sequence[Evidence]) -> Iterator[Claim]:
        """Claims, each as soon as it is written."""
        ...

    def mend(self, plan: Plan, evidence: Sequence[Evidence], rejected: Sequence[Rejected]) -> Iterator[Mended]:
        """What becomes of refused claims, in any order; those not named are given up."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What the reader should know of how it went, a line each."""
        ...

    def run(self) -> Run:
        """What was asked of which model, and what it cost so far."""
        ...


@runtime_checkable
class Conversable(Protocol):
    """An engine that begins an author for every question."""

    def begin(self, library: Library) -> Author:
        """A new author over `library`, with budgets of its own."""
        ...
