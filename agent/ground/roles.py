"""Which attribute belongs to which name, and who comes from whom: catches two that changed places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from agent.ground.bindings import Swap, misbound
from agent.ground.cells import keys_in as _keys
from agent.ground.siblings import mistaken
from agent.ground.source import Line
from agent.quantities import quantities

__all__ = ["swap"]

_CONTRAST = re.compile(
    r"[;.]\s|,\s(?:while|whereas|but|and|yet)\s|\s(?:while|whereas|but)\s|,\s(?=\w+(?:\s\w+){0,3}\s(?:is|are|to|for|as|with|has|have|can)\b)|\sand\s",
    re.I,
)
_CLAUSES = re.compile(r"[;.]\s|,\s(?:while|whereas|but|yet)\s|\s(?:while|whereas|but)\s", re.I)
"""The same, but no lists within a clause."""


def swap(claim: str, lines: Sequence[Line], own: frozenset[str] = frozenset()) -> Swap | None:
    """The first sign that two things of the claim have changed places; None when there is none.

    `own` are the folded words of the names of the paper's own method, which belong to every cell.
    """
    found = misbound(claim, lines, own) or mistaken(claim, lines)
    if found is not None:
        return found
    for line in lines:
        found = _by_order(claim, line) or _by_contrast(claim, line.text, line)
        if found is not None:
            return found
    placed = sorted(lines, key=lambda line: (line.paper_id, line.start))
    for first, second in pairwise(placed):
        if first.paper_id == second.paper_id and first.end < second.start < first.end + 3:
            found = _by_contrast(claim, first.text + " " + second.text, first)
            if found is not None:
                return found
    return None


_FROM = re.compile(
    r"\s(from|into|instead of|rather than|in place of|as|(?:is |are |was |were )?replaced (?:by|with))\s"
)
_CLASS = {"instead of": "instead", "rather than": "instead", "in place of": "instead"}


def _connector(words: str) -> str:
    """The relation of a connecting phrase; "!" in front where its sides stand the other way round."""
    return "!instead" if "replaced" in words else _CLASS.get(words, words)


def _plain(keys: frozenset[str]) -> frozenset[str]:
    """Keys without their polarity: "instead of" itself turns what follows it."""
    return frozenset(k.removeprefix("!") for k in keys)


def _by_order(claim: str, line: Line) -> Swap | None:
    """ "A is distilled from B" against "B is distilled from A"."""
    for ours in _FROM.finditer(claim):
        for theirs in _FROM.finditer(line.text):
            mine, other = _connector(ours[1]), _connector(theirs[1])
            if mine.removeprefix("!") != other.removeprefix("!"):
                continue
            ol, orr = (
                _plain(_keys(claim, max(0, ours.start() - 60), ours.start(), ())),
                _plain(_keys(claim, ours.end(), ours.end() + 40, ())),
            )
            tl, tr = (
                _plain(_keys(line.text, max(0, theirs.start() - 60), theirs.start(), ())),
                _plain(_keys(line.text, theirs.end(), theirs.end() + 40, ())),
            )
            if mine != other:
                ol, orr = orr, ol
            left, right = (ol - orr) & (tr - tl), (orr - ol) & (tl - tr)
            straight = len((ol - orr) & (tl - tr)) + len((orr - ol) & (tr - tl))
            if left and right and (ours[1] == "from" or len(left) + len(right) > straight):
                return Swap((sorted(left)[0], sorted(right)[0]), line)
    return None


@lru_cache(maxsize=8192)
def _contrast_cells(text: str, *, finely: bool) -> tuple[frozenset[str], ...]:
    cuts = [0]
    for match in (_CONTRAST if finely else _CLAUSES).finditer(text):
        cuts += [match.start(), match.end()]
    cuts.append(len(text))
    spans = [(cuts[i], cuts[i + 1]) for i in range(0, len(cuts) - 1, 2)]
    cells = [_keys(text, a, b, quantities(text)) for a, b in spans]
    merged: list[frozenset[str]] = []
    for cell in cells:
        if merged and (len(cell) < 2 or len(merged[-1]) < 2):
            merged[-1] = merged[-1] | cell
        elif cell:
            merged.append(cell)
    return tuple(merged)


def _by_contrast(claim: str, text: str, line: Line) -> Swap | None:
    return next((s for fine in (True, False) if (s := _crosswise(claim, text, line, finely=fine)) is not None), None)


def _crosswise(claim: str, text: str, line: Line, *, finely: bool) -> Swap | None:
    ours = _contrast_cells(claim, finely=True)
    theirs = _contrast_cells(text, finely=finely)
    if len(ours) < 2 or len(theirs) < 2:
        return None
    own = [c - frozenset(k for o in ours if o is not c for k in o) for c in ours]
    other = [c - frozenset(k for o in theirs if o is not c for k in o) for c in theirs]
    near = [(i, j) for i in range(len(theirs)) for j in range(i + 1, min(len(theirs), i + 3)) if theirs[i] & theirs[j]]
    for i, j in near:
        parallel = theirs[i] & theirs[j]
        cells = [c for c, whole in zip(own, ours, strict=True) if finely or whole & parallel]
        mixed = [(c & other[i], c & other[j]) for c in cells]
        mixed = [(a, b) for a, b in mixed if a and b]
        if len(mixed) >= 2:
            (a, b), _ = mixed[0], mixed[1]
            return Swap((sorted(a)[0], sorted(b)[0]), line)
    return None
