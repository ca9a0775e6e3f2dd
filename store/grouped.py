"""Vectors of many texts, grouped by the paper they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from store.types import Vectors

__all__ = ["GroupedVectors", "group"]

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GroupedVectors:
    """`matrix` has one row a text; the rows of `papers[i]` begin at `starts[i]`."""

    papers: tuple[str, ...]
    starts: npt.NDArray[np.intp]
    matrix: Vectors

    @cached_property
    def places(self) -> dict[str, int]:
        """Each paper's place in `papers`."""
        return {paper_id: place for place, paper_id in enumerate(self.papers)}

    def rows(self, paper_id: str) -> range:
        """The rows of a paper; empty for one that has none."""
        place = self.places.get(paper_id)
        if place is None:
            return range(0)
        last = len(self.matrix) if place + 1 == len(self.starts) else int(self.starts[place + 1])
        return range(int(self.starts[place]), last)

    def best(self, vector: Vectors) -> Numbers:
        """The highest cosine of each paper's rows to a unit vector, shape (papers,)."""
        if not self.papers:
            return np.zeros(0)
        return np.maximum.reduceat((self.matrix @ vector).astype(np.float64), self.starts)

    def best_of(self, papers: Sequence[str], vector: Vectors) -> Numbers:
        """As `best` for those papers, in their order; one without rows gets the lowest value there."""
        scores, places = self.best(vector), self.places
        found = [places.get(paper_id, -1) for paper_id in papers]
        low = min((scores[place] for place in found if place >= 0), default=0.0)
        return np.array([scores[place] if place >= 0 else low for place in found], dtype=np.float64)

    def means_of(self, papers: Sequence[str]) -> Vectors:
        """The unit mean of each paper's rows, shape (len(papers), dimensions); zeros for one without rows."""
        chosen = np.zeros((len(papers), self.matrix.shape[1]), dtype=np.float32)
        for row, paper_id in enumerate(papers):
            if paper_id in self.places:
                chosen[row] = self._means[self.places[paper_id]]
        return chosen

    @cached_property
    def _means(self) -> Vectors:
        sums = np.add.reduceat(self.matrix, self.starts, axis=0)
        means: Vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return means


def group(owners: Sequence[str], matrix: Vectors) -> GroupedVectors:
    """Group rows by owner; rows of one owner stand together."""
    starts = [row for row, owner in enumerate(owners) if row == 0 or owner != owners[row - 1]]
    return GroupedVectors(tuple(owners[row] for row in starts), np.array(starts, dtype=np.intp), matrix)
