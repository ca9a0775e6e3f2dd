"""What asking a model would take, reckoned from the prompts themselves; nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.engines.model import ModelAuthor, ModelEngine
from agent.types import Estimate, Evidence, Plan

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["estimate"]

PLAN_REPLY = 200
"""Tokens of a plan as models write it,"""
CLAIMS_REPLY = 700
"""and of an answer with its ids."""
MOST_CALLS = 10
"""Plan; write and mend twice; once more with what was sought, and mend twice; and a reply or two asked for again."""


def estimate(engine: ModelEngine, plan: Plan, evidence: Sequence[Evidence], library: Library) -> Estimate:
    """The estimate for a plan of the rules and its evidence."""
    author: ModelAuthor = engine.begin(library)
    sizes = author.sizes(plan, evidence)
    model, prices = engine.model, engine.model.meter.prices
    small = model.cheaper.choice.name
    parts = (
        prices.cost(small, sizes.plan, PLAN_REPLY),
        prices.cost(model.choice.name, sizes.write, CLAIMS_REPLY) if evidence else 0.0,
    )
    run = author.run()
    return Estimate(
        model=run.model if small == run.model else f"{run.model} and {small}",
        endpoint=run.endpoint,
        calls=2 if evidence else 1,
        most_calls=MOST_CALLS if evidence else 2,
        input_tokens=sizes.plan + (sizes.write if evidence else 0),
        output_tokens=PLAN_REPLY + (CLAIMS_REPLY if evidence else 0),
        cost=None if None in parts else sum(part for part in parts if part is not None),
        quotes=sizes.quotes,
    )
