"""A comparison and its two sides."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.ground.own import NAMEISH, OWN, SELF, is_own
from agent.ground.words import words

__all__ = ["Comparison", "compared", "side"]

_IT = re.compile(r"^(?:[\w ,]{0,30}\s)?it(?:\s[a-z]+){0,2}\s*$", re.I)
"""A side that is "it" is the paper's own method, of which its sentences speak."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left` stands `sign` (+1 more, -1 less) to `right` in `dimension`; `OWN` stands for the paper's own method."""

    left: frozenset[str]
    right: frozenset[str]
    dimension: str
    sign: int
    text: str


def compared(left: str, right: str, what: tuple[str, int], sign: int, text: str, own: frozenset[str]) -> Comparison:
    """The comparison of two stretches of text; `what` is a dimension and which way of it the words speak."""
    return Comparison(side(left, own), side(_until(right), own), what[0], sign * what[1], text)


def _until(right: str) -> str:
    return re.split(r"[;:(]|,\s|\b(?:by|while|whereas|but|with|at|in terms|on|because|since|due)\b", right, maxsplit=1)[
        0
    ]


def side(text: str, own: frozenset[str]) -> frozenset[str]:
    """The stems of a side's telling words, and OWN where it speaks of the paper's own method."""
    found = {w.stem for w in words(text) if w.is_content}
    if SELF.search(text) or (own and _IT.search(text)) or any(is_own(m[0], own) for m in NAMEISH.finditer(text)):
        found.add(OWN)
    return frozenset(found)
