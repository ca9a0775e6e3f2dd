"""Bare numbers that share the unit their sentence gave before: "eleven points above A and 22 above B", "week eight"."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from agent.quantities.reading import quantities
from agent.types import Quantity

__all__ = ["inherited"]

_CALENDAR = re.compile(r"\b(day|week|month|year)\s$", re.I)
_BEFORE_JOINT = re.compile(
    r"\s?(?:[.,;)]|$)|\s(?:for|against|above|below|behind|ahead|on|in|with|without|than|when|by|to|over|and|between|from|under|less|more|fewer|higher|lower|better|worse|of them|of the)\b",
    re.I,
)
_OWN = frozenset({"", "bit", "params", "dims", "day", "week", "month", "year", "decade", "$", "cent"})
"""Units that a number without one is no likelier to have."""


@lru_cache(maxsize=8192)
def inherited(text: str) -> tuple[Quantity, ...]:
    """Those of the quantities of `text` that stand without a unit and may have the last one given, with it."""
    found, last = [], ""
    for quantity in quantities(text):
        before = _CALENDAR.search(text[: quantity.start])
        if not quantity.unit and before and quantity.high < 1000:
            found.append(replace(quantity, unit=before[1].lower()))
        elif not quantity.unit and last not in _OWN and _BEFORE_JOINT.match(text, quantity.end):
            found.append(replace(quantity, unit=last))
        last = quantity.unit or last
    return tuple(found)
