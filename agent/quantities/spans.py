"""Stretches of time that are told without a number: "within a week", "for a decade"."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.quantities.comparators import comparator_of
from agent.quantities.raw import Raw
from agent.quantities.units import TIMES, unit_at
from agent.types import Quantity

__all__ = ["spans"]

_SPAN = re.compile(rf"\b(?:an?|one) (?P<unit>{TIMES})\b(?! and a half)", re.I)


@lru_cache(maxsize=8192)
def spans(text: str) -> tuple[Quantity, ...]:
    """One of a unit of time each. They bear out a claim that counts them otherwise; no claim has to answer for one."""
    found = []
    for match in _SPAN.finditer(text):
        raw = Raw(1.0, unit_at(text, match.start("unit"))[0], *match.span())
        sign, start = comparator_of(text, raw)
        found.append(Quantity(1.0, 1.0, raw.unit, sign, 0, start, raw.end, text[start : raw.end]))
    return tuple(found)
