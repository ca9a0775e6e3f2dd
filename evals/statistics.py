"""Intervals by the bootstrap, clustered and paired.

Every metric is a function of sums: each case adds a short vector of counts (for a mean: its value and 1; for a
precision: right ones and all), and `finish` turns the summed vector into the figure. Resampling draws whole clusters
(cases that share a question or a paper are not independent) with replacement, adds up their vectors and finishes
again; the interval is the percentile one (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["LEVEL", "RESAMPLES", "SEED", "Counts", "Finish", "FloatArray", "Interval", "Sample", "interval", "paired"]

RESAMPLES = 2000
LEVEL = 0.95
SEED = 20261121

FloatArray = npt.NDArray[np.float64]
Counts = tuple[float, ...]
"""What one case adds to a metric."""
Finish = Callable[[FloatArray], FloatArray]
"""Sums, shape (..., width), to values, shape (...); NaN where undefined."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One case's counts, and the cluster (question or paper) it belongs to."""

    cluster: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its percentile interval; all None where the figure is undefined."""

    value: float | None
    low: float | None
    high: float | None


def interval(
    samples: Sequence[Sample], finish: Finish, *, resamples: int = RESAMPLES, level: float = LEVEL, seed: int = SEED
) -> Interval:
    """The figure over `samples` and its bootstrap interval, clusters drawn with replacement."""
    if not samples:
        return Interval(None, None, None)
    sums = _cluster_sums([(s.cluster, s.counts) for s in samples])
    draws = _draws(len(sums), resamples, seed)
    return _interval(finish(sums.sum(axis=0)), finish(draws @ sums), level)


def paired(
    before: Mapping[str, Sample],
    after: Mapping[str, Sample],
    finish: Finish,
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = SEED,
) -> Interval:
    """The difference after minus before over the cases both have, with the same clusters drawn for both.

    Keys are case ids; the clusters are those of `after`. Cases that only one side has are left out.
    """
    shared = sorted(before.keys() & after.keys())
    if not shared:
        return Interval(None, None, None)
    old = _cluster_sums([(after[case].cluster, before[case].counts) for case in shared])
    new = _cluster_sums([(after[case].cluster, after[case].counts) for case in shared])
    draws = _draws(len(new), resamples, seed)
    difference = finish(new.sum(axis=0)) - finish(old.sum(axis=0))
    return _interval(difference, finish(draws @ new) - finish(draws @ old), level)


def _cluster_sums(rows: Sequence[tuple[str, Counts]]) -> FloatArray:
    """Counts added up by cluster, clusters in sorted order: shape (clusters, width)."""
    order = {cluster: index for index, cluster in enumerate(sorted({cluster for cluster, _ in rows}))}
    sums = np.zeros((len(order), len(rows[0][1])), dtype=np.float64)
    for cluster, counts in rows:
        sums[order[cluster]] += counts
    return sums


def _draws(clusters: int, resamples: int, seed: int) -> FloatArray:
    """How often each cluster is drawn in each resample: shape (resamples, clusters)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    chosen = generator.integers(0, clusters, size=(resamples, clusters))
    rows = np.repeat(np.arange(resamples), clusters)
    counts = np.zeros((resamples, clusters), dtype=np.float64)
    np.add.at(counts, (rows, chosen.ravel()), 1.0)
    return counts


def _interval(value: FloatArray, resampled: FloatArray, level: float) -> Interval:
    centre = float(value)
    if np.isnan(centre):
        return Interval(None, None, None)
    defined = resampled[~np.isnan(resampled)]
    if not len(defined):
        return Interval(centre, None, None)
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(centre, float(low), float(high))
