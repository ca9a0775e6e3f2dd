"""Whether a claim states a comparison of its source the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.ground.comparison import comparisons
from agent.ground.dimensions import KNOWN
from agent.ground.opposites import opposites_of
from agent.ground.own import OWN, own_names
from agent.ground.sides import Comparison
from agent.ground.source import Line, Source

__all__ = ["Reversal", "reversal"]

_VAGUE = frozenset(
    "method model approach experi result design show work framework system network propos exist perform".split()
)


@dataclass(frozen=True, slots=True)
class Reversal:
    """A claimed comparison and the source's, the other way round."""

    claimed: Comparison
    stated: Comparison
    line: Line


def reversal(claim: str, lines: Sequence[Line], source: Source) -> tuple[Reversal | None, bool]:
    """The first claimed comparison the source states the other way round, and whether any is stated the same way."""
    title = source.titles[0].text if source.titles else ""
    own = own_names(source.papers[0].abstract if source.papers else "", title)
    stated = [(c, line) for line in lines for c in comparisons(line.text, own)]
    worst: Reversal | None = None
    agreed = False
    for claimed in comparisons(claim, own):
        judged = [(j, c, line) for c, line in stated if (j := _judge(claimed, c)) != 0]
        if any(j > 0 for j, _, _ in judged) and max(j for j, _, _ in judged) >= -min(j for j, _, _ in judged):
            agreed = True
        elif judged and worst is None and min(j for j, _, _ in judged) <= -2:
            _, other, line = min(judged, key=lambda t: t[0])
            worst = Reversal(claimed, other, line)
    return worst, agreed


def _judge(claimed: Comparison, stated: Comparison) -> int:
    """> 0 when both say the same, < 0 when the reverse, 0 when they can't be compared; the size is the strength."""
    turned = _turn(claimed, stated)
    if turned == 0 or not _same_dimension(claimed.dimension, stated.dimension, turned):
        return 0
    return turned * claimed.sign * stated.sign


def _same_dimension(ours: str, theirs: str, turned: int) -> bool:
    if ours == theirs:
        return True
    loose = ours if theirs == "quality" else theirs if ours == "quality" else "quality"
    return abs(turned) > 1 and loose not in KNOWN


def _turn(claimed: Comparison, stated: Comparison) -> int:
    """+3 to +1 when the sides correspond, -3 to -1 when they are exchanged, 0 when unknown."""
    both = (claimed.left & claimed.right) | (stated.left & stated.right)
    cl, cr, sl, sr = (side - both for side in (claimed.left, claimed.right, stated.left, stated.right))
    alone = not claimed.right and not stated.right and (cl & sl) - _VAGUE
    cl, cr, sl, sr = (side - _VAGUE for side in (cl, cr, sl, sr))
    same = 0.0 if _opposed(cl, sl) else min(2.0 if OWN in cl & sl or alone else 1.0, _overlap(cl, sl))
    straight = same + 1.5 * _overlap(cr, sr)
    crossed = _overlap(cl, sr) + _overlap(cr, sl) + _opposed(cl, sl) + _opposed(cr, sr)
    crossed += _opposed(cl, cr & sl)
    if OWN in cr and OWN not in cl and OWN in sl:
        crossed += 2
    if straight == crossed:
        return 0
    strong = abs(straight - crossed) >= (1.5 if straight > crossed else 2)
    size = 3 if abs(straight - crossed) >= 3 else 2 if strong else 1
    return size * (1 if straight > crossed else -1)


def _opposed(a: frozenset[str], b: frozenset[str]) -> float:
    """How many words of one side have their opposite on the other ("smaller ones", "larger ones")."""
    return float(sum(bool(opposites_of(w) & b) for w in a))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return sum(2.0 if w == OWN else 1.0 for w in a & b)
