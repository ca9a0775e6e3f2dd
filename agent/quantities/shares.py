"""Shares told as two counts: "nine times out of ten", "one in seven", "three homes in ten"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agent.direction import direction_at
from agent.quantities.comparators import comparator_of
from agent.quantities.numerals import WORDS, small
from agent.quantities.raw import Raw
from agent.quantities.units import unit_at
from agent.types import Quantity

__all__ = ["Share", "shares"]

_COUNT = rf"(?:{WORDS}|\d{{1,3}}(?:,\d{{3}})+|\d{{1,4}})"
_WHOLE = rf"(?:an? (?:hundred|thousand|dozen)|one hundred|{_COUNT})"
_SHARE = re.compile(
    rf"(?<![\w.,-])(?P<top>{_COUNT})(?P<noun>(?: [a-z][a-z'-]*){{0,2}}?)\s(?P<joint>out of(?: every)?|in(?: every)?|of)\s"
    rf"(?P<whole>{_WHOLE})(?![\w%-]|[.,]\d|\s(?:hundred|thousand|million|billion)\b)",
    re.I,
)
_SMALL_WORD = re.compile(
    r"\b(?:in|on|of|at|by|for|to|and|or|with|from|than|the|is|are|was|were|found|each|more|less|fewer)\b"
)
_NOUN_AFTER = re.compile(
    r"\s(?!(?:is|was|has|does|as|its|this|thus)\b)[a-z]{2,}s\b(?!\s(?:an?|the|its|their|no|that)\b)"
)


@dataclass(frozen=True, slots=True)
class Share:
    """A share in percent, and whether its words can be no two counts of their own ("two studies in five countries")."""

    quantity: Quantity
    sure: bool


@lru_cache(maxsize=8192)
def shares(text: str) -> tuple[Share, ...]:
    """The shares of `text` that are told as two counts, in order."""
    found = (_share(text, match) for match in _SHARE.finditer(text))
    return tuple(share for share in found if share is not None)


def _share(text: str, match: re.Match[str]) -> Share | None:
    noun = match["noun"]
    if _SMALL_WORD.search(noun) or unit_at(text, match.end())[0] or unit_at(text, match.end("top"))[0] not in ("", "x"):
        return None
    top, whole = _count(match["top"]), _count(match["whole"])
    if not 0 < top < whole or (match["joint"] == "of" and noun):
        return None
    raw = Raw(100.0 * top / whole, "%", *match.span(), loose=True)
    comparator, start = comparator_of(text, raw)
    quantity = Quantity(
        raw.value, raw.value, "%", comparator, direction_at(text, start, raw.end), start, raw.end, text[start : raw.end]
    )
    digits = bool(re.search(r"\d", match[0]))
    out = match["joint"].startswith("out") or noun in (" times", " cases")
    counted = bool(noun) or match["joint"] == "of" or bool(_NOUN_AFTER.match(text, match.end()) and digits)
    return Share(quantity, out or not counted)


def _count(words: str) -> float:
    words = re.sub(r"^(?:an?|one) (?=[a-z])", "", words.lower().replace(",", ""))
    return small(words)
