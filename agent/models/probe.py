"""Asks a model for one word, to see whether it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.models.faults import place

if TYPE_CHECKING:
    from agent.models.guarded import GuardedChatModel

__all__ = ["probe"]


def probe(model: GuardedChatModel) -> str:
    """One line that says that the model answers, how fast, and for what. Raises ModelFault."""
    from langchain_core.messages import HumanMessage

    asked = model.with_meter(model.new_meter())
    started = asked.meter.clock.now()
    asked.invoke([HumanMessage("Reply with one word: ready")])
    seconds = asked.meter.clock.now() - started
    spent = asked.meter.spent
    cost = "price unknown" if spent.cost is None else f"${spent.cost:.6f}"
    return (
        f"{place(model.choice)} answers: {seconds:.1f} s, {spent.input_tokens} tokens in,"
        f" {spent.output_tokens} out, {cost}"
    )
