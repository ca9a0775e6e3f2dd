"""An engine that writes what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent.types import Claim, Evidence, Plan

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["ScriptedEngine"]


class ScriptedEngine:
    """An engine that writes what it is told to, true or not. `calls` keeps the evidence it was given.

    `script` gets plan and evidence and returns the claims; the checks decide what becomes of them.
    """

    name = "scripted"

    def __init__(self, script: Callable[[Plan, Sequence[Evidence]], Sequence[Claim]]) -> None:
        self._script = script
        self.calls: list[tuple[Evidence, ...]] = []

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """The script's claims."""
        self.calls.append(tuple(evidence))
        return tuple(self._script(plan, evidence))
