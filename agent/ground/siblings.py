"""What the source says of one of two siblings, claimed of the other: "BERT-base" for "BERT-large", "smaller models" for "larger models".

Siblings are two names of the source that share a part and differ in a part. Where the words beside
one in the claim stand beside the other in the source, and not beside the one, they have changed places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.ground.bindings import Swap
from agent.ground.source import Line
from agent.ground.words import content, fold, stem

__all__ = ["mistaken"]

_HYPHENED = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z0-9]*(?:[-‑][A-Za-z0-9]+)+")
_CLAUSE = re.compile(r"[;:]\s|,\s(?:while|whereas|but|and|yet|although)\s|\s(?:while|whereas|but)\s", re.I)
_BESIDE = 3
_TELLING = 2
_MATCHED = 0.5
_LEADING = 2
"""Before which content word of its clause a name is what the clause is about."""
_PARTLY = frozenset("based aware free level only like style of the and by trained driven guided specific".split())


@dataclass(frozen=True, slots=True)
class _Name:
    """A hyphened name: its parts as stems, and where it stands."""

    parts: tuple[str, ...]
    start: int
    end: int


def mistaken(claim: str, lines: Sequence[Line]) -> Swap | None:
    """The first name of the claim that stands where the source has its sibling; None when there is none."""
    stated = [(name, line) for line in lines for name in _names(line.text)]
    named = {name.parts for name in _names(claim)}
    for ours in _names(claim):
        # Where the claim names both, which is which is told by their order and values, not by what stands beside one.
        rivals = dict.fromkeys(
            n.parts for n, _ in stated if _are_siblings(ours.parts, n.parts) and n.parts not in named
        )
        for rival in rivals:
            found = _misplaced(claim, ours, rival, lines)
            if found is not None:
                return Swap(("-".join(ours.parts), found[0]), found[1])
    return None


def _misplaced(claim: str, ours: _Name, rival: tuple[str, ...], lines: Sequence[Line]) -> tuple[str, Line] | None:
    """A word beside the claim's name that stands beside its rival, and the line."""
    near, wide = _beside(claim, ours), _stems(_clause(claim, ours)) - {*ours.parts, *rival}
    own = [(line, n) for line in lines for n in _names(line.text) if n.parts == ours.parts]
    beside = max((len(near & _beside(line.text, n)) for line, n in own), default=0)
    apart = max((len(wide & _stems(line.text)) for line, _ in own), default=0)
    leads = len(content(claim[_bounds(claim, ours)[0] : ours.start])) < _LEADING
    for line in lines:
        both = any(other is line for other, _ in own)
        for name in _names(line.text):
            if name.parts != rival:
                continue
            close, far = near & _beside(line.text, name), wide & _stems(line.text)
            if both and len(close) - beside >= _TELLING:
                return sorted(close)[0], line
            if leads and own and not both and len(far) - apart >= _TELLING and len(far) >= _MATCHED * len(wide):
                return sorted(far)[0], line
    return None


@lru_cache(maxsize=8192)
def _names(text: str) -> tuple[_Name, ...]:
    found = []
    for match in _HYPHENED.finditer(text):
        parts = [fold(p) for p in re.split(r"[-‑]", match[0])]
        kept = [p for p in parts if p not in _PARTLY] if len(parts) > 2 else parts
        found.append(_Name(tuple(stem(p) for p in kept), *match.span()))
    return tuple(found)


def _are_siblings(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """True for names of as many parts that differ in exactly one."""
    return len(a) == len(b) > 1 and sum(x != y for x, y in zip(a, b, strict=True)) == 1


@lru_cache(maxsize=8192)
def _stems(text: str) -> frozenset[str]:
    return frozenset(w.stem for w in content(text) if w.stem.isalpha())


def _beside(text: str, name: _Name) -> frozenset[str]:
    """The content words just before and after a name, within its clause."""
    low, high = _bounds(text, name)
    said = [w for w in content(text) if low <= w.start < high and w.stem.isalpha()]
    before = [w.stem for w in said if w.end <= name.start][-_BESIDE:]
    after = [w.stem for w in said if w.start >= name.end][:_BESIDE]
    return frozenset([*before, *after])


def _clause(text: str, name: _Name) -> str:
    low, high = _bounds(text, name)
    return text[low:high]


def _bounds(text: str, name: _Name) -> tuple[int, int]:
    """Where the clause that a name stands in begins and ends."""
    after = _CLAUSE.search(text, name.end)
    return max((m.end() for m in _CLAUSE.finditer(text, 0, name.start)), default=0), after.start() if after else len(
        text
    )
