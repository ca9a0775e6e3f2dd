"""Scores of labelled claims, from a confusion matrix.

A case adds one 1 to a flattened matrix of gold label (three rows) by verdict (four columns, the last being
CHECK_FAILED). A check that could not run is wrong whatever the gold label: it counts neither as supported nor as
refuted.
"""

from __future__ import annotations

import numpy as np

from agent.types import Label
from evals.metrics.metric import Metric, total
from evals.statistics import Counts, FloatArray

__all__ = ["GOLD", "PREDICTED", "accuracy", "balanced_accuracy", "confusion", "f1_of", "macro_f1", "metrics"]

GOLD = (Label.SUPPORTED, Label.CONTRADICTED, Label.NOT_ENOUGH_INFO)
PREDICTED = (*GOLD, Label.CHECK_FAILED)


def confusion(gold: Label, predicted: Label) -> Counts:
    """One case's counts: a 1 where its gold label and its verdict meet. `gold` is never CHECK_FAILED."""
    cell = GOLD.index(gold) * len(PREDICTED) + PREDICTED.index(predicted)
    return tuple(float(index == cell) for index in range(len(GOLD) * len(PREDICTED)))


def accuracy(sums: FloatArray) -> FloatArray:
    """The share of claims whose verdict is the gold label."""
    matrix = _matrix(sums)
    right = np.trace(matrix[..., :3], axis1=-2, axis2=-1)
    return _divide(right, matrix.sum(axis=(-2, -1)))


def balanced_accuracy(sums: FloatArray) -> FloatArray:
    """Mean of two recalls: supported claims called so, and other claims called contradicted or not enough info.

    Undefined unless both classes occur (Brodersen et al., 2010; the measure of LLM-AggreFact).
    """
    matrix = _matrix(sums)
    supported = _divide(matrix[..., 0, 0], matrix[..., 0, :].sum(axis=-1))
    rest = _divide(matrix[..., 1:, 1:3].sum(axis=(-2, -1)), matrix[..., 1:, :].sum(axis=(-2, -1)))
    return (supported + rest) / 2


def f1_of(sums: FloatArray, label: int) -> FloatArray:
    """F1 of one gold label (row of the matrix): 2tp / (2tp + fp + fn); undefined where the label never occurs."""
    matrix = _matrix(sums)
    hits = matrix[..., label, label]
    gold, said = matrix[..., label, :].sum(axis=-1), matrix[..., :, label].sum(axis=-1)
    return np.where(gold > 0, _divide(2 * hits, gold + said), np.nan)


def macro_f1(sums: FloatArray) -> FloatArray:
    """Mean of the F1 of each label that occurs among the gold ones, each label counting the same."""
    scores = np.stack([f1_of(sums, label) for label in range(len(GOLD))], axis=-1)
    present = ~np.isnan(scores)
    return _divide(np.where(present, scores, 0.0).sum(axis=-1), present.sum(axis=-1).astype(np.float64))


def metrics() -> tuple[Metric, ...]:
    """The figures made of a confusion matrix."""
    return (
        Metric("accuracy", "share of claims whose verdict is the gold label", accuracy, total, sliced=True),
        Metric(
            "balanced_accuracy",
            "mean of the recall of supported claims and of the recall of all others",
            balanced_accuracy,
            total,
            per_case=False,
        ),
        Metric("macro_f1", "mean F1 of the three labels", macro_f1, total, per_case=False),
    )


def _matrix(sums: FloatArray) -> FloatArray:
    return sums.reshape(*sums.shape[:-1], len(GOLD), len(PREDICTED))


def _divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)
