"""Papers to themes: agglomerative clustering of the papers' centred sentence vectors.

What all papers share (the topic itself) is taken out first, so that themes are what tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["PER_THEME", "clusters", "likeness_of", "paper_vectors"]

PER_THEME = 4
"""Papers a theme holds on average; surveys of abstracts in our development set have 3.6."""
MOST_THEMES = 12
_SIZE_COST = 0.01
"""Likeness that a merge must be better by for each paper it makes a theme larger."""
_ROUNDS, _MARGIN = 5, 0.0

Matrix = npt.NDArray[np.float64]


def paper_vectors(sentences: Sequence[npt.NDArray[np.float32]], dimensions: int) -> Matrix:
    """One centred unit vector a paper, shape (papers, dimensions)."""
    means = [rows.mean(axis=0) if len(rows) else np.zeros(dimensions) for rows in sentences]
    vectors = _unit(np.array(means, dtype=np.float64).reshape(len(means), dimensions))
    return _unit(vectors - vectors.mean(axis=0)) if len(vectors) > 2 else vectors


def likeness_of(vectors: Matrix) -> Matrix:
    """Cosines, rounded so that the last bits of arithmetic decide nothing."""
    return np.asarray(np.round(vectors @ vectors.T, 6))


def clusters(likeness: Matrix, count: int | None = None) -> list[list[int]]:
    """Rows grouped into themes, each sorted, largest tie-broken by first row; no theme of one unless alone."""
    size = len(likeness)
    wanted = count or max(1, min(MOST_THEMES, round(size / PER_THEME)))
    groups = _merge([[row] for row in range(size)], likeness, wanted)
    groups = _without_singles(_settle(_without_singles(groups, likeness), likeness), likeness)
    return sorted((sorted(group) for group in groups), key=lambda group: group[0])


def _merge(groups: list[list[int]], likeness: Matrix, wanted: int) -> list[list[int]]:
    """Average linkage: the two groups most alike become one until `wanted` are left."""
    sums = likeness.copy()
    sizes = np.ones(len(groups))
    while len(groups) > max(wanted, 1):
        worth = sums / np.outer(sizes, sizes) - _SIZE_COST * np.add.outer(sizes, sizes)
        worth[np.tril_indices(len(groups))] = -np.inf
        first, second = divmod(int(np.argmax(np.round(worth, 6))), len(groups))
        groups[first] = groups[first] + groups.pop(second)
        sums[first] += sums[second]
        sums[:, first] += sums[:, second]
        sums = np.delete(np.delete(sums, second, axis=0), second, axis=1)
        sizes[first] += sizes[second]
        sizes = np.delete(sizes, second)
    return groups


def _settle(groups: list[list[int]], likeness: Matrix) -> list[list[int]]:
    """Each paper moves to the group it is clearly most like, until none does."""
    home = {row: index for index, group in enumerate(groups) for row in group}
    for _ in range(_ROUNDS):
        moved = False
        for row in sorted(home):
            scores = [
                _mean_likeness(row, [r for r in home if home[r] == index and r != row], likeness)
                for index in range(len(groups))
            ]
            best = max(range(len(groups)), key=lambda index: (scores[index], -index))
            if best != home[row] and scores[best] > scores[home[row]] + _MARGIN:
                home[row], moved = best, True
        if not moved:
            break
    settled = [[row for row in sorted(home) if home[row] == index] for index in range(len(groups))]
    return [group for group in settled if group]


def _without_singles(groups: list[list[int]], likeness: Matrix) -> list[list[int]]:
    """A group of one joins the group it is most like."""
    groups = [list(group) for group in groups]
    while len(groups) > 1 and any(len(group) == 1 for group in groups):
        single = next(group for group in groups if len(group) == 1)
        others = [group for group in groups if group is not single]
        nearest = max(
            range(len(others)), key=lambda index: (_mean_likeness(single[0], others[index], likeness), -index)
        )
        others[nearest] += single
        groups = others
    return groups


def _mean_likeness(row: int, rows: Sequence[int], likeness: Matrix) -> float:
    return float(np.mean(likeness[row, list(rows)])) if rows else -2.0


def _unit(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))
