"""Which source sentences a claim speaks of, and which pair of neighbours: word overlap and, with vectors, cosine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from agent.ground.source import Line, Source
from agent.ground.words import content

__all__ = ["Aligned", "align", "neighbour"]

_JOINT = 0.12
"""What a pair of neighbours must hold of the claim's words, by weight, beyond what one of them does, to be named together."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """A source line and how near it is to the claim: `overlap` and `cosine` in [0, 1], `score` to rank by."""

    line: Line
    overlap: float
    cosine: float
    score: float


def align(claim: str, source: Source, cosines: Sequence[float] | None = None) -> tuple[Aligned, ...]:
    """Every source sentence, nearest first. `cosines` go with `source.lines`."""
    said = _said(claim, source)
    found = []
    for index, line in enumerate(source.lines):
        overlap = _overlap(said, line.stems)
        cosine = max(0.0, float(cosines[index])) if cosines is not None else 0.0
        score = overlap + cosine if cosines is not None else overlap
        found.append(Aligned(line, overlap, cosine, score))
    return tuple(sorted(found, key=lambda a: (-round(a.score, 6), a.line.paper_id, a.line.start)))


def neighbour(claim: str, source: Source, best: Line) -> Line | None:
    """The sentence beside `best` that holds with it clearly more of the claim's words than `best` alone; None if none."""
    said, place = _said(claim, source), source.lines.index(best)
    beside = [
        line
        for line in source.lines[max(0, place - 1) : place + 2]
        if line is not best and line.paper_id == best.paper_id
    ]
    gained = {line: _overlap(said, best.stems | line.stems) - _overlap(said, best.stems) for line in beside}
    most = max(beside, key=lambda line: gained[line], default=None)
    return most if most is not None and gained[most] >= _JOINT else None


def _said(claim: str, source: Source) -> dict[str, float]:
    """The weight of each word of the claim, by stem."""
    rarest = max(source.weights.values(), default=1.0)
    return {w.stem: source.weights.get(w.stem, rarest) for w in content(claim)}


def _overlap(said: Mapping[str, float], stems: Set[str]) -> float:
    """The share of the claim's words, by weight, that are among `stems`."""
    return sum(weight for stem, weight in said.items() if stem in stems) / (sum(said.values()) or 1.0)
