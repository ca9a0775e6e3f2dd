"""Which papers belong: search finds candidates, screening judges each by what it says.

A candidate's relevance is a logistic score of how near its sentences and its whole text are to the
topic, how much of the topic's words (weighed by rarity) its abstract and title carry, and how near it
is to the best candidates. The weights and the cut were fitted on topics with judged papers (docs/drafting.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agent.draft.scope import Scope
from agent.types import Excluded, Screening
from agent.words import content_stems
from store.types import Paper, Vectors

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["DEPTH", "Features", "features", "relevance", "screen"]

DEPTH = 120
"""Papers taken from search, for the topic and for each of its parts."""
SAMPLE = 2000
"""Papers that the rarity of words is counted over."""
SEEDS, NEAR = 10, 3
_WEIGHTS = {"best": 6.4, "whole": 7.0, "covered": 3.9, "titled": 2.4, "near": 8.3}
_BIAS = -15.7
_SHARE, _OFFSET, _FLOOR = 0.5, -2.6, -3.2
"""A paper is in when its score is at least `_SHARE` of the leaders' plus `_OFFSET`, and never below `_FLOOR`."""

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Features:
    """One row a candidate; every column is in [-1, 1]. `words` are the topic's stems that each carries."""

    best: Scores
    whole: Scores
    covered: Scores
    titled: Scores
    near: Scores
    words: tuple[frozenset[str], ...]


def screen(scope: Scope, library: Library, limit: int | None = None, must: Sequence[str] = ()) -> Screening:
    """The papers of a review, most relevant first, and those found and left out, with reasons.

    `must` are ids that are in whatever their score; `limit` caps the rest.
    """
    eligible = library.papers(scope.filters)
    candidates = _candidates(scope, library, must)
    found = features(scope, library, candidates, eligible)
    scores = relevance(found)
    order = sorted(range(len(candidates)), key=lambda row: (-scores[row], candidates[row].paper_id))
    cut = _cut(scores)
    included: list[Paper] = []
    excluded: list[Excluded] = []
    for row in order:
        paper = candidates[row]
        reason = None if paper.paper_id in must else _reason(paper, float(scores[row]), cut, found.words[row])
        if reason is None and limit is not None and len(included) >= limit and paper.paper_id not in must:
            reason = f"relevant, but the review was limited to {limit} papers"
        if reason is None:
            included.append(paper)
        else:
            excluded.append(Excluded(paper, reason))
    total = len(eligible) if scope.filters.is_empty() else len(library.papers())
    return Screening(total, len(eligible), len(candidates), tuple(included), tuple(excluded))


def _candidates(scope: Scope, library: Library, must: Sequence[str]) -> list[Paper]:
    found: dict[str, Paper] = {paper_id: library.paper(paper_id) for paper_id in must}
    for query in scope.queries:
        for hit in library.search(query, DEPTH, scope.filters):
            found.setdefault(hit.paper.paper_id, hit.paper)
    return list(found.values())


def features(scope: Scope, library: Library, candidates: Sequence[Paper], eligible: Sequence[Paper]) -> Features:
    """What screening knows of each candidate: the best over the topic and its parts."""
    rarity = _rarity(eligible[:SAMPLE])
    texts = [frozenset(content_stems(f"{paper.title} {paper.abstract}")) for paper in candidates]
    titles = [frozenset(content_stems(paper.title)) for paper in candidates]
    sentences = [library.sentence_vectors(paper.paper_id) for paper in candidates]
    wholes = _wholes(sentences, len(library.embed([scope.topic])[0]))
    vectors = library.embed(list(scope.queries)).astype(np.float64)
    stems = [content_stems(query) for query in scope.queries]
    best = np.array([np.max([_top(rows, v) for v in vectors]) for rows in sentences])
    whole = np.max(wholes @ vectors.T, axis=1, initial=-1.0)
    covered = np.array([max(_share(text, part, rarity) for part in stems) for text in texts])
    titled = np.array([max(_share(title, part, rarity) for part in stems) for title in titles])
    first = best + whole + 0.6 * covered + 0.3 * titled
    words = tuple(frozenset(scope.stems) & text for text in texts)
    return Features(best, whole, covered, titled, _nearness(wholes, first), words)


def relevance(found: Features) -> Scores:
    """The logistic score of each candidate; 0 is even odds."""
    columns = {"best": found.best, "whole": found.whole, "covered": found.covered, "titled": found.titled}
    columns["near"] = found.near
    scores = np.full(len(found.best), _BIAS)
    for name, column in columns.items():
        scores = scores + _WEIGHTS[name] * column
    return np.round(scores, 4)


def _cut(scores: Scores) -> float:
    leaders = np.sort(scores)[::-1][2:5]
    return max(_FLOOR, _SHARE * float(leaders.mean()) + _OFFSET) if len(leaders) else _FLOOR


def _reason(paper: Paper, score: float, cut: float, words: frozenset[str]) -> str | None:
    if score >= cut:
        return None
    if not paper.abstract.strip():
        return "no abstract to judge by"
    if not words:
        return "no word of the topic in title or abstract"
    return "below the relevance cut"


def _rarity(papers: Sequence[Paper]) -> dict[str, float]:
    counts = Counter(stem for paper in papers for stem in content_stems(f"{paper.title} {paper.abstract}"))
    return {stem: math.log(1.0 + len(papers) / (1.0 + count)) for stem, count in counts.items()} | {
        "": math.log(1.0 + len(papers))
    }


def _share(have: frozenset[str], wanted: Sequence[str], rarity: dict[str, float]) -> float:
    weights = {stem: rarity.get(stem, rarity[""]) for stem in wanted}
    total = sum(weights.values())
    return sum(weight for stem, weight in weights.items() if stem in have) / total if total else 0.0


def _top(rows: Vectors, vector: npt.NDArray[np.float64]) -> float:
    return float(np.max(rows @ vector)) if len(rows) else -1.0


def _wholes(sentences: Sequence[Vectors], dimensions: int) -> npt.NDArray[np.float64]:
    """One unit vector a paper: the direction of its sentences' mean."""
    means = [rows.mean(axis=0) if len(rows) else np.zeros(dimensions) for rows in sentences]
    stacked = np.array(means, dtype=np.float64).reshape(len(means), dimensions)
    return np.asarray(stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9))


def _nearness(wholes: npt.NDArray[np.float64], first: Scores) -> Scores:
    """Mean likeness to the `NEAR` most alike of the leading candidates, itself left out."""
    seeds = sorted(range(len(first)), key=lambda row: (-round(float(first[row]), 6), row))[:SEEDS]
    likeness = wholes @ wholes[seeds].T
    for column, row in enumerate(seeds):
        likeness[row, column] = -1.0
    nearest = np.sort(likeness, axis=1)[:, -min(NEAR, max(len(seeds) - 1, 1)) :]
    return np.asarray(nearest.mean(axis=1)) if len(seeds) > 1 else np.zeros(len(first))
