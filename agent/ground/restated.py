"""One quantity said another way: a multiple as a share, what is left as what is gone."""

from __future__ import annotations

import re

from agent.ground.agreement import exact, family, holds, in_words, part_of_one
from agent.types import Quantity

__all__ = ["around", "complement", "equivalent"]

_GONE = re.compile(
    r"\b(?:spar\w+|sav\w+|los[est]\w*|loss|forg[oa]\w+|forfeit\w*|gone|drop\w*|fewer|less|cuts?|remov\w+|reduc\w+|without|explains? away|missing|"
    r"shed\w*|discard\w*|prun\w+|miss\w*|fail\w*|shorter|lower|surrender\w*|giv\w+ up|not|unpublished|disappear\w*|skip\w*)\b",
    re.I,
)
_WINDOW = 60


def equivalent(claimed: Quantity, stated: Quantity) -> bool:
    """A multiple and a share that say the same: 90% less is ten times less; half of is twice less; doubled is 100% more;
    1.6 times as many is 60% more."""
    if {claimed.unit, stated.unit} != {"x", "%"} or not exact(stated) or not exact(claimed):
        return False
    multiple, share = (claimed.low, stated.low) if claimed.unit == "x" else (stated.low, claimed.low)
    if multiple <= 1 or share <= 0:
        return False
    same = [100.0 * (1 - 1 / multiple)]
    if multiple < 2 or claimed.direction > 0 or stated.direction > 0 or claimed.direction == stated.direction == 0:
        same.append(100.0 * (multiple - 1))
    if part_of_one(claimed) or part_of_one(stated):
        same.append(100.0 / multiple)
    tolerance = 0.06 if claimed.comparator == "~" or (in_words(claimed) and in_words(stated)) else 0.015
    return any(abs(share - s) <= tolerance * s for s in same)


def complement(claim: str, claimed: Quantity, text: str, stated: Quantity) -> bool | None:
    """Whether two shares make a whole, 21% less and 79% of: True when the wording shows it, None when it leaves it open."""
    if family(claimed) != "%" or claimed.unit == "pp" or stated.unit != "%" or not (exact(claimed) and exact(stated)):
        return False
    if not holds(claimed, claimed.low, 100.0 - stated.low):
        return False
    bound = claimed.comparator not in ("=", "~")
    if bound and part_of_one(claimed):
        return False
    gone = [
        bool(_GONE.search(around(t, q))) or (q.direction < 0 and not bound)
        for t, q in ((claim, claimed), (text, stated))
    ]
    if gone[0] != gone[1]:
        return True
    return None if part_of_one(claimed) else False


def around(text: str, quantity: Quantity) -> str:
    """The clause a quantity stands in, cut off at its window."""
    before = re.split(r"[;:,]", text[max(0, quantity.start - _WINDOW) : quantity.start])[-1]
    after = re.split(r"[;:,]", text[quantity.end : quantity.end + _WINDOW])[0]
    return f"{before} # {after}"
