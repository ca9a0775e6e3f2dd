"""The place where an entailment model may join the check: one protocol, nothing shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Entailment", "Scores"]


@dataclass(frozen=True, slots=True)
class Scores:
    """How likely a premise entails, contradicts or leaves open a hypothesis; the three sum to 1."""

    entail: float
    contradict: float
    neutral: float


class Entailment(Protocol):
    """Judges premise and hypothesis pairs. The same pair gets the same scores, whatever the batch."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def score(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Scores]:
        """Scores for each (premise, hypothesis). Raises CheckUnavailable."""
        ...
