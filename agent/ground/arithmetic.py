"""Quantities that a claim works out from two that the source states: differences, ratios, shares, sums.

Each is told apart by the claim's own wording, so that a wrong number isn't taken for some difference of two others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from agent.ground.agreement import base, decimals, ends, exact, family, holds, in_words, part_of_one
from agent.ground.restated import around
from agent.ground.source import Line
from agent.quantities.inherited import inherited
from agent.types import Quantity

__all__ = ["Worked", "work_out"]

_NEAR_LINES = 2
"""Operands stand in the lines the claim speaks of: the nearest ones, each by itself or the first two together."""
_LOOSE = 0.1
_GAP = re.compile(
    r"\b(?:above|below|over|ahead|behind|lead\w*|led|trail\w*|lag\w*|gaps?|gain\w*|advantage|edge|los[est]\w*|loss\w*|drop\w*|f[ae]ll\w*|sl[ia]d\w*|"
    r"r[io]se\w*|rais\w*|improv\w*|increas\w*|decreas\w*|reduc\w*|cuts?|cutting|costs?|sav\w*|shed\w*|short\w*|more|less|fewer|higher|lower|off|against|"
    r"than|between|up|down|differ\w*|exceed\w*|beats?|better|worse|narrow\w*|wid[e\w]*|shr[aiu]nk\w*|grow\w*|grew|climb\w*|wins? back|within|"
    r"outperform\w*|surpass\w*|surrender\w*|forfeit\w*|forgo\w*|decline\w*|added|adds?|jump\w*|take[sn]?|took|by|points?)\b",
    re.I,
)
_RELATIVE = re.compile(
    r"\b(?:of|as (?:much|many|often|long|large|high|fast|slow)|than|rates?|relative|halv\w*|half|shorter|longer|smaller|larger|fewer|less|more|cut\w*|reduc\w*)\b",
    re.I,
)
_COUNTS = re.compile(r"\s(?:in|of)\s", re.I)
_SUM = re.compile(
    r"\b(?:together|combined|total\w*|altogether|in all|either|overall|sum|all|both|between them)\b", re.I
)
_REST = re.compile(r"\b(?:all but|rest|remain\w*|others?|left|except)\b", re.I)
_CHANGE = re.compile(
    r"\s(?:[a-z-]+\s){0,3}?(?:to|by|from|instead of|rather than|vs\.?|versus|against|compared (?:with|to)|down to|up to|as against)\s(?:only |just |about |the )?",
    re.I,
)
"""Between two bare numbers that are one and the same thing before and after, or here and there."""
_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Worked:
    """Two stated quantities and how the claim's follows from them, in words."""

    first: Quantity
    second: Quantity
    how: str


def work_out(claim: str, claimed: Quantity, near: Sequence[Line]) -> Worked | None:
    """Two quantities of the nearest lines that the claimed one follows from; None where none do."""
    if not exact(claimed) or claimed.unit == "dims":
        return None
    for pair in _operands(near):
        how = _follows(claim, claimed, pair)
        if how:
            return Worked(pair.a, pair.b, how)
    return None


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two operands; `close` when the claim's nearest lines hold them, `counted` when the text tells one as part of the other
    or as what became of it, `beside` when none of their kind stands between them."""

    a: Quantity
    b: Quantity
    close: bool
    counted: bool = False
    beside: bool = False


def _operands(near: Sequence[Line]) -> Iterator[_Pair]:
    """Pairs of one family: those of a line, of the near lines first; neighbours of farther lines; then across two lines."""
    for rank, line in enumerate(near):
        for q in line.quantities:
            if rank < _NEAR_LINES and (both := ends(q)) is not None:
                yield _Pair(*both, close=True)
        usable = [q for q in _read(line) if exact(q) and q.low > 0]
        place = {start: index for index, start in enumerate(sorted({q.start for q in usable}))}
        for a, b in combinations(usable, 2):
            beside = place[b.start] - place[a.start] == 1
            if a.start < b.start and _of_a_kind(a, b) and (rank < _NEAR_LINES or beside):
                counted = _part_of(line.text, a, b) or _became(line.text, a, b)
                yield _Pair(a, b, rank < _NEAR_LINES, counted, beside)
    for rank, farther in enumerate(near[1:]):
        of = _scores if rank else _stated
        for a, b in product(of(near[0]), of(farther)):
            if exact(a) and exact(b) and min(a.low, b.low) > 0 and _of_a_kind(a, b):
                yield _Pair(a, b, close=True)


def _read(line: Line) -> list[Quantity]:
    """The line's quantities, bare ones also in the unit their sentence gave before, in order."""
    return sorted([*line.quantities, *inherited(line.text)], key=lambda q: q.start)


def _stated(line: Line) -> Sequence[Quantity]:
    return line.quantities


def _scores(line: Line) -> Sequence[Quantity]:
    """Bare numbers with decimals, as metrics have, and sizes of models: few of them meet by chance."""
    return [q for q in line.quantities if (not q.unit and decimals(q)) or q.unit == "params"]


def _became(text: str, a: Quantity, b: Quantity) -> bool:
    """True for "22 GPUs by 10" and "from 4M to 500K"."""
    return bool(_CHANGE.fullmatch(text[a.end : b.start]))


def _part_of(text: str, a: Quantity, b: Quantity) -> bool:
    """True for "122 (14%) of 858", "35 cases among 92", "208/314" and "Of 1,143 persons, 97"."""
    between = re.sub(r"\([^)]*\)?", "", text[a.end : b.start])
    if a.low < b.low:
        return len(between) < _WINDOW and bool(
            re.fullmatch(r"[^,;]*(?:\b(?:of|among|from|in)\b(?: the| all)*|/)\s?", between)
        )
    return bool(re.search(r"\b(?:of|among)(?: the| all)?\s$", text[: a.start], re.I)) and ";" not in between


def _of_a_kind(a: Quantity, b: Quantity) -> bool:
    if family(a) != family(b):
        return False
    return bool(a.unit) or (decimals(a) > 0) == (decimals(b) > 0)


def _follows(claim: str, claimed: Quantity, pair: _Pair) -> str:
    a, b, close = pair.a, pair.b, pair.close
    first, second = a.low * base(a)[1], b.low * base(b)[1]
    if first == second:
        return ""
    big, small = max(first, second), min(first, second)
    unit, place = family(a), f"{claimed.text} {around(claim, claimed)}"
    if claimed.unit == "x":
        if not unit and (in_words(a) or in_words(b)):
            return ""
        return "their ratio" if unit != "x" and _about(claimed, big / small) else ""
    if claimed.unit == "%":
        return _share(claim, claimed, pair) if unit not in ("%", "x") or close else ""
    if not close:
        return ""
    if claimed.unit in ("year", "decade") and _are_years(a, b):
        years = (big - small) / (10 if claimed.unit == "decade" else 1)
        return "between them" if holds(claimed, claimed.low, years) else ""
    if not _same_scale(claimed, a, place):
        return ""
    scale = 0.01 if claimed.unit == "pp" and not a.unit and big <= 1 else base(claimed)[1]
    if _GAP.search(place) and _difference(claimed, a, b, (big - small) / scale):
        return "their difference"
    if _SUM.search(claim) and holds(claimed, claimed.low, (big + small) / base(claimed)[1]):
        return "their sum"
    return ""


def _are_years(a: Quantity, b: Quantity) -> bool:
    return all(not q.unit and 1800 <= q.low <= 2100 and re.fullmatch(r"\d{4}", q.text) for q in (a, b))


def _same_scale(claimed: Quantity, a: Quantity, place: str) -> bool:
    """True when a difference of such operands can be said in the claim's unit; points may be those of a bare score."""
    if family(claimed) == family(a):
        return bool(claimed.unit) or decimals(claimed) > 0 or bool(_REST.search(place))
    return claimed.unit == "pp" and not a.unit and decimals(a) > 0


def _difference(claimed: Quantity, a: Quantity, b: Quantity, value: float) -> bool:
    """True when the claimed number is the difference, by its rounding; bounds may lie just below it."""
    value = round(value, 9)
    half_step = 0.5 * 10.0 ** -decimals(claimed)
    if claimed.comparator in (">", ">="):
        return claimed.low <= value <= 1.1 * claimed.low + half_step
    if claimed.comparator in ("<", "<="):
        return claimed.low / 1.35 <= value <= claimed.low or ("within" in claimed.text.lower() and value <= claimed.low)
    if claimed.comparator == "~":
        return abs(value - claimed.low) <= max(0.05 * value, half_step)
    fine = decimals(a) or decimals(b)
    return abs(value - claimed.low) <= (half_step if fine else 0.0) + 1e-6


def _about(claimed: Quantity, ratio: float) -> bool:
    """True when the claimed multiple is the ratio: to a tenth in words or hedged, to its own decimals else."""
    if claimed.comparator in (">", ">=", "<", "<="):
        low, high = (1.0, 1.35) if claimed.comparator[0] == ">" else (1 / 1.35, 1.0)
        return claimed.low * low <= ratio <= claimed.low * high
    if "magnitude" in claimed.text:
        return 0.5 * claimed.low <= ratio <= 2 * claimed.low
    tolerance = _LOOSE if claimed.comparator == "~" or in_words(claimed) else 0.02
    return abs(ratio - claimed.low) <= tolerance * claimed.low


def _share(claim: str, claimed: Quantity, pair: _Pair) -> str:
    """The claimed percentage as the share of one in the other, or as the change from the first to the second."""
    a, b = pair.a, pair.b
    first, second = a.low * base(a)[1], b.low * base(b)[1]
    big, small = max(first, second), min(first, second)
    if not a.unit and not pair.counted and not (decimals(a) and pair.beside):
        return ""
    if family(a) in ("%", "x"):
        return _relative(claimed, a, b, around(claim, claimed))
    shown = (100 * small / big, 100 * (big - small) / first)
    if part_of_one(claimed):
        if _COUNTS.search(claimed.text) and not pair.counted:
            return ""  # "three in ten" is a share of things counted, no change of a value
        return "their share" if any(holds(claimed, claimed.low, value) for value in shown) else ""
    tolerance = _LOOSE if claimed.comparator == "~" else 0.02
    return "their share or change" if any(abs(v - claimed.low) <= tolerance * claimed.low for v in shown) else ""


def _relative(claimed: Quantity, a: Quantity, b: Quantity, place: str) -> str:
    """A share in words of two percentages ("a third of the rate", "halved"), or the sum of two ("a tenth" of 5.2% and 5.5%)."""
    if not part_of_one(claimed) or a.unit != b.unit or family(a) != "%":
        return ""
    big, small = max(a.low, b.low), min(a.low, b.low)
    falls = "halv" in claimed.text.lower() or claimed.direction < 0
    if falls and holds(claimed, claimed.low, 100 * (big - small) / big):
        return "their change"
    if _RELATIVE.search(place) and holds(claimed, claimed.low, 100 * small / big):
        return "their ratio"
    if claimed.comparator == "~" and 0 < b.start - a.end < _WINDOW and holds(claimed, claimed.low, big + small):
        return "their sum"
    return ""
