"""Which way a change goes: words for more and less, and which of the two is the better.

A word's sign is +1 (more, faster, higher) or -1 (less, slower, lower).
"""

from __future__ import annotations

import re

__all__ = ["direction_at", "direction_words"]

_UP = re.compile(
    r"\b(?:faster|speed[\s-]?ups?|sped up|speed(?:s|ing)? up|accelerat\w*|quicker|improv\w*|increas\w*|higher|more|larger|bigger|greater|"
    r"gain\w*|boost\w*|rais(?:e|es|ed|ing)|outperform\w*|surpass\w*|exceed\w*|better|enhanc\w*|longer|grow(?:s|n|th)?|"
    r"rise[sn]?|expand\w*|extend\w*|enlarg\w*|beats?|elevat\w*|wider|deeper|stronger|superior|ahead|above)\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:slower|slow(?:s|ed|ing)? down|slowdown|reduc\w*|decreas\w*|lower(?:s|ed|ing)?|less|fewer|smaller|shorter|sav(?:e|es|ed|ing|ings)|"
    r"cut(?:s|ting)?|shrink\w*|shrunk|drop(?:s|ped|ping)?|declin\w*|diminish\w*|compress\w*|shorten\w*|trails?|trailed|worse|"
    r"degrad\w*|loss|loses|lost|lighter|cheaper|fall(?:s|en)?|fell|minus|underperform\w*|inferior|behind|below|"
    r"trim\w*|slash\w*|remov\w*|eliminat\w*|halv\w*|weaker|poorer)\b",
    re.I,
)
_CLAUSE = re.compile(r"[;:]|,\s(?:while|whereas|but|and)\b|\.\s")


def direction_words(text: str) -> tuple[tuple[int, int, int], ...]:
    """(start, end, sign) of each direction word of `text`, in order."""
    found = [(m.start(), m.end(), 1) for m in _UP.finditer(text)]
    found += [(m.start(), m.end(), -1) for m in _DOWN.finditer(text)]
    return tuple(sorted(found))


def direction_at(text: str, start: int, end: int, reach: int = 60) -> int:
    """The sign of the direction word nearest to `text[start:end]` within its clause; 0 when there is none."""
    left = max(0, start - reach)
    right = min(len(text), end + reach)
    before = _CLAUSE.split(text[left:start])[-1]
    after = _CLAUSE.split(text[end:right])[0]
    best: tuple[int, int] | None = None
    base = start - len(before)
    for a, b, sign in direction_words(before):
        if (
            not re.search(r"\b(?:more|less|fewer|greater|lower|higher) than\W*$", before[a : b + 6])
            or b < len(before) - 6
        ):
            best = min(best or (10**6, 0), (start - (base + b), sign))
    for a, _, sign in direction_words(after):
        best = min(best or (10**6, 0), (a, sign))
    return best[1] if best else 0
