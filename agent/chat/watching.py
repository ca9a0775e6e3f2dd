"""An engine that remembers whom it began, so that what a stopped answer cost is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent.engines.protocol import Author, Engine
from agent.types import Claim, Evidence, Plan, Run

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Watched"]


class Watched:
    """`engine`, watched for one answer. See `agent.engines.protocol`."""

    def __init__(self, engine: Engine, begin: Callable[[Library], Author]) -> None:
        self._engine = engine
        self._begin = begin
        self._author: Author | None = None

    @property
    def name(self) -> str:
        """What an answer calls it."""
        return self._engine.name

    def begin(self, library: Library) -> Author:
        """The engine's author."""
        self._author = self._begin(library)
        return self._author

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """What the engine writes."""
        return self._engine.write(plan, evidence, library)

    def run(self) -> Run | None:
        """What was spent up to now; None where nobody began."""
        return self._author.run() if self._author is not None else None
