"""What happens to a sentence that is not supported: one policy, in one place.

A supported sentence is kept. One whose check could not run is kept and marked: it is neither false nor
true. Any other is repaired with the bare words of the one quote it cites, where those pass; else it is
dropped, or under the lenient policy kept and marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.ground.grounder import Grounder, Item
from agent.types import Label, Verdict

__all__ = ["Action", "Policy", "Settled", "action_for", "settle"]


class Action(StrEnum):
    """What the gate does with a sentence."""

    KEEP = "keep"
    MARK = "mark"
    REPAIR = "repair"
    DROP = "drop"


class Policy(StrEnum):
    """STRICT drops what is not supported and can't be repaired; LENIENT keeps it, marked."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class Settled:
    """A sentence after the gate: what to show, its verdict, and what was done."""

    text: str
    verdict: Verdict
    action: Action

    @property
    def shown(self) -> bool:
        """False for a dropped sentence."""
        return self.action is not Action.DROP


def action_for(verdict: Verdict, policy: Policy = Policy.STRICT) -> Action:
    """What a verdict alone calls for, before any repair."""
    if verdict.label is Label.SUPPORTED:
        return Action.KEEP
    if verdict.label is Label.CHECK_FAILED or policy is Policy.LENIENT:
        return Action.MARK
    return Action.DROP


def settle(item: Item, verdict: Verdict, grounder: Grounder, policy: Policy = Policy.STRICT) -> Settled:
    """The sentence as the gate lets it through; a dropped one says what was refused and why."""
    action = action_for(verdict, policy)
    if verdict.label in (Label.CONTRADICTED, Label.NOT_ENOUGH_INFO):
        repaired = _repaired(item, grounder)
        if repaired is not None:
            return repaired
    return Settled(item.claim, verdict, action)


def _repaired(item: Item, grounder: Grounder) -> Settled | None:
    """The one cited quote in the sentence's place, when it passes by itself."""
    if len(item.cited) != 1 or item.cited[0].quote == item.claim:
        return None
    quote = item.cited[0].quote
    verdict = grounder.check_many([Item(quote, item.papers, item.cited)])[0]
    return Settled(quote, verdict, Action.REPAIR) if verdict.label is Label.SUPPORTED else None
