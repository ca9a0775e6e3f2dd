"""The one thing asked of whatever writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from agent.types import Claim, Evidence, Plan

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Engine"]


class Engine(Protocol):
    """Writes from evidence, and cites it. Knows nothing of how its claims will be checked."""

    @property
    def name(self) -> str:
        """What an answer calls it."""
        ...

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """Claims in reading order, each citing ids of `evidence`; empty when the evidence says nothing fit."""
        ...
