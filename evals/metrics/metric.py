"""What a metric is: a name, a definition, which way is better, and how summed counts become a figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evals.statistics import Finish, FloatArray

__all__ = ["Metric", "mean", "rate", "ratio", "total"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a suite.

    `units` gives, from the summed counts, how many things the figure counts (its n). `per_case` says whether
    one case alone has a meaningful value (an nDCG has, a macro F1 has not). `sliced` metrics are also given for
    each group of cases, as `name/group`.
    """

    name: str
    definition: str
    finish: Finish
    units: Finish
    higher_is_better: bool = True
    per_case: bool = True
    sliced: bool = False


def ratio(sums: FloatArray) -> FloatArray:
    """First sum over second; NaN where the second is 0."""
    top, bottom = sums[..., 0], sums[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)


def total(sums: FloatArray) -> FloatArray:
    """All counts added up: the n of a confusion matrix."""
    added: FloatArray = sums.sum(axis=-1)
    return added


def _second(sums: FloatArray) -> FloatArray:
    second: FloatArray = sums[..., 1]
    return second


def mean(name: str, definition: str, *, higher: bool = True, sliced: bool = False) -> Metric:
    """A mean over cases: each adds (value, 1)."""
    return Metric(name, definition, ratio, _second, higher_is_better=higher, sliced=sliced)


def rate(name: str, definition: str, *, higher: bool = True, sliced: bool = False) -> Metric:
    """A share of things that cases have in different numbers: each adds (right ones, all)."""
    return Metric(name, definition, ratio, _second, higher_is_better=higher, sliced=sliced)
