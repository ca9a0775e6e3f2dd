"""What asking a model would take, as lines and as a JSON document."""

from __future__ import annotations

from agent.render.documents import JsonObject
from agent.render.escape import terminal
from agent.types import Estimate

__all__ = ["estimate_document", "estimate_lines"]


def estimate_document(found: Estimate) -> JsonObject:
    """`plumbline.estimate/1`."""
    return {
        "schema": "plumbline.estimate/1",
        "model": found.model,
        "endpoint": found.endpoint,
        "calls": found.calls,
        "most_calls": found.most_calls,
        "input_tokens": found.input_tokens,
        "output_tokens": found.output_tokens,
        "most_tokens": found.most_tokens,
        "cost": None if found.cost is None else round(found.cost, 6),
        "quotes": found.quotes,
    }


def estimate_lines(found: Estimate) -> list[str]:
    """The estimate for a person; it says that nothing was sent."""
    cost = "unknown: the price of this model is not known" if found.cost is None else f"about ${found.cost:.4f}"
    return [
        f"Would ask {terminal(found.model)} at {terminal(found.endpoint)}; nothing was sent.",
        f"  calls:   {found.calls} where every sentence passes, {found.most_calls} at most",
        f"  tokens:  about {found.input_tokens:,} in, {found.output_tokens:,} out; {found.most_tokens:,} at most",
        f"  cost:    {cost}",
        f"  quotes:  {found.quotes} in the prompt",
    ]
