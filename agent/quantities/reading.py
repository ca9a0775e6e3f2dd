"""The quantities of a text: value, unit, comparator and direction, each at its place."""

from __future__ import annotations

from functools import lru_cache

from agent.direction import direction_at
from agent.quantities.comparators import comparator_of
from agent.quantities.ranges import joined_ranges, with_shared_units
from agent.quantities.raw import Raw, raw_quantities
from agent.types import Quantity

__all__ = ["quantities"]


@lru_cache(maxsize=8192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of `text`, in order. Offsets are into `text`."""
    raws = with_shared_units(text, sorted(raw_quantities(text), key=lambda r: (r.start, -r.end)))
    return tuple(_finish(text, raw) for raw in joined_ranges(text, raws))


def _finish(text: str, raw: Raw) -> Quantity:
    comparator, start = comparator_of(text, raw)
    direction = raw.direction or direction_at(text, raw.start, raw.end)
    high = raw.value if raw.high is None else raw.high
    return Quantity(raw.value, high, raw.unit, comparator, direction, start, raw.end, text[start : raw.end])
