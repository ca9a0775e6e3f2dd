"""Screened papers to themes: grouped, named, and put in an order in which each leads to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agent.draft.cluster import Matrix, clusters, likeness_of, paper_vectors
from agent.draft.headings import headings
from agent.draft.phrases import Lexicon
from agent.draft.scope import Scope
from store.types import Paper

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Theme", "make_outline"]

_LEXICON_SAMPLE = 1000
"""Papers that tell which words name things; more change nothing."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A section to write: its heading and its papers in reading order."""

    heading: str
    papers: tuple[Paper, ...]


def make_outline(
    scope: Scope, papers: Sequence[Paper], library: Library, themes: int | None = None
) -> tuple[Theme, ...]:
    """Themes of the papers, the most central first and each next the nearest to the one before."""
    dimensions = library.embedder.info.dimensions
    vectors = paper_vectors([library.sentence_vectors(paper.paper_id) for paper in papers], dimensions)
    likeness = likeness_of(vectors)
    groups = [_inner_order(group, likeness) for group in _chain(clusters(likeness, themes), likeness)]
    sample = {paper.paper_id: paper for paper in library.papers()[:_LEXICON_SAMPLE]}
    lexicon = Lexicon.of([*sample.values(), *(paper for paper in papers if paper.paper_id not in sample)])
    names = headings(papers, groups, scope.topic, library.embed, lexicon)
    return tuple(Theme(name, tuple(papers[row] for row in group)) for name, group in zip(names, groups, strict=True))


def _chain(groups: Sequence[Sequence[int]], likeness: Matrix) -> list[Sequence[int]]:
    """From the group with the most relevant papers (rows are ranked), always on to the nearest one left."""
    left = list(groups)
    chain = [left.pop(min(range(len(left)), key=lambda i: (float(np.mean(sorted(left[i])[:3])), i)))]
    while left:
        last = list(chain[-1])
        near = [round(float(likeness[np.ix_(last, list(group))].mean()), 6) for group in left]
        chain.append(left.pop(max(range(len(left)), key=lambda i: (near[i], -i))))
    return chain


def _inner_order(group: Sequence[int], likeness: Matrix) -> list[int]:
    """The most relevant paper of the group, then always the nearest one left."""
    left = sorted(group)
    order = [left.pop(0)]
    while left:
        nearest = max(left, key=lambda row: (likeness[order[-1], row], -row))
        left.remove(nearest)
        order.append(nearest)
    return order
