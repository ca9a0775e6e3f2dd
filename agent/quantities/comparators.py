"""How a number bounds its value: "up to", "at least", "about", "more than"."""

from __future__ import annotations

import re

from agent.quantities.raw import Raw

__all__ = ["comparator_of"]

_COMPARATORS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(r"(?:" + pattern + r")\s*(?:an? |the |only |just |their |its |factor of |about |by |of )*$", re.I), sign)
    for pattern, sign in (
        (r"\b(?:up to|upto|as (?:much|many|high|large|far|long) as|as (?:low|little|few|small) as|at most|no more than|not (?:need |take |use |require )?(?:any )?more than|never more than|maximum of|a max of|not exceeding|no longer than|no (?:other )?[a-z]+ (?:is|was|are|were|has|had|needs?|takes?|costs?|gains?|loses?|drops?|differs? by) more than|never (?:[a-z]+ )?(?:by )?more than|(?<!\w)≤|<=)", "<="),
        (r"\b(?:at least|no (?:less|fewer) than|not (?:less|fewer) than|minimum of|as early as)|≥|>=", ">="),
        (r"\b(?:within|not even(?: by)?|under|below|less than|fewer than|lower than|smaller than|short of|shorter than|sub)-?|<", "<"),
        (r"\b(?:over|more than|above|exceed(?:s|ed|ing)?|greater than|larger than|higher than|beyond|upwards? of|well over|surpass(?:es|ing)?|longer than|north of)|>", ">"),
        (r"\b(?:about|approximately|around|roughly|nearly|almost|some|close to|circa|on the order of|approx\.?|just under|just over|an? (?:average|mean) of (?:about|around))|[~≈∼]", "~"),
    )
)  # fmt: skip
_AFTER = re.compile(r"^(?:\s(?:or|and) (?:more|above|higher|greater|over)\b|\+)", re.I)
_AFTER_LESS = re.compile(r"^\s(?:(?:or|and) (?:less|fewer|lower|below|under)|at (?:the )?most)\b", re.I)


def comparator_of(text: str, raw: Raw) -> tuple[str, int]:
    """The sign of the comparator (=, <, <=, >, >=, ~), and where the quantity starts with its words."""
    after = text[raw.end : raw.end + 12]
    if after.startswith("+"):
        return ">=", raw.start
    before = text[max(0, raw.start - 40) : raw.start]
    for pattern, sign in _COMPARATORS:
        match = pattern.search(before)
        if match is not None:
            return sign, raw.start - (len(before) - match.start()) + (len(match[0]) - len(match[0].lstrip()))
    if _AFTER.match(after):
        return ">=", raw.start
    if _AFTER_LESS.match(after):
        return "<=", raw.start
    return "=", raw.start
