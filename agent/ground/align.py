"""Which source sentences a claim speaks of: word overlap and, when vectors are there, cosine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.ground.source import Line, Source
from agent.ground.words import content

__all__ = ["Aligned", "align"]


@dataclass(frozen=True, slots=True)
class Aligned:
    """A source line and how near it is to the claim: `overlap` and `cosine` in [0, 1], `score` to rank by."""

    line: Line
    overlap: float
    cosine: float
    score: float


def align(claim: str, source: Source, cosines: Sequence[float] | None = None) -> tuple[Aligned, ...]:
    """Every source sentence, nearest first. `cosines` go with `source.lines`."""
    weights = _weights(source)
    said = {w.stem: weights.get(w.stem, max(weights.values(), default=1.0)) for w in content(claim)}
    total = sum(said.values()) or 1.0
    found = []
    for index, line in enumerate(source.lines):
        overlap = sum(weight for stem, weight in said.items() if stem in line.stems) / total
        cosine = max(0.0, float(cosines[index])) if cosines is not None else 0.0
        score = overlap + cosine if cosines is not None else overlap
        found.append(Aligned(line, overlap, cosine, score))
    return tuple(sorted(found, key=lambda a: (-round(a.score, 6), a.line.paper_id, a.line.start)))


def _weights(source: Source) -> dict[str, float]:
    """Inverse document frequency with the source's own sentences as documents."""
    counts: dict[str, int] = {}
    for line in source.lines:
        for stem in line.stems:
            counts[stem] = counts.get(stem, 0) + 1
    n = len(source.lines) + 1
    return {stem: math.log(1 + n / count) for stem, count in counts.items()}
