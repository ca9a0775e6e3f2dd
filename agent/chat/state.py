"""What a conversation is at one moment. Every change makes a new state, so that a turn that fails changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.types import Answer, Plan, Run, Source
from store.types import SearchFilter

__all__ = ["Spending", "State", "Turn"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One question, how it was understood, and its answer."""

    plan: Plan
    answer: Answer


@dataclass(frozen=True, slots=True)
class Spending:
    """What models cost up to now: calls answered, replies from recordings, tokens, US dollars.

    `cost` is None as soon as the price of any part is unknown; it is never 0 for that.
    """

    calls: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0

    def plus(self, run: Run | None) -> Spending:
        """With what one more answer cost; None: no model was asked."""
        if run is None:
            return self
        return Spending(
            self.calls + run.calls,
            self.cached + run.cached,
            self.input_tokens + run.input_tokens,
            self.output_tokens + run.output_tokens,
            None if self.cost is None or run.cost is None else self.cost + run.cost,
        )


@dataclass(frozen=True, slots=True)
class State:
    """Turns in order, the citation key of every paper cited so far, the filters that hold, and what it cost.

    Keys and costs outlive a turn that is taken back: a key never comes to mean another paper.
    """

    turns: tuple[Turn, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    filters: SearchFilter = SearchFilter()
    spent: Spending = Spending()

    @property
    def last(self) -> Turn | None:
        """The latest turn."""
        return self.turns[-1] if self.turns else None

    def with_turn(self, turn: Turn) -> State:
        """One turn later."""
        keys = {source.paper.paper_id: source.key for source in turn.answer.sources}
        return replace(
            self,
            turns=(*self.turns, turn),
            keys={**self.keys, **keys},
            spent=self.spent.plus(turn.answer.run),
        )

    def without_last(self) -> State:
        """One turn back."""
        return replace(self, turns=self.turns[:-1])

    def sources(self) -> tuple[Source, ...]:
        """Every paper cited in the turns that stand, in the order first cited."""
        found: dict[str, Source] = {}
        for turn in self.turns:
            for source in turn.answer.sources:
                found.setdefault(source.paper.paper_id, source)
        return tuple(found.values())
