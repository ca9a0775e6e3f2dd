"""Retrieval measures over one ranking, as trec_eval defines them.

`ranking` is ids, best first, without repeats; `grades` maps judged ids to their grade (0: not relevant). A document
without a grade counts as not relevant. All are 0 for an empty ranking and undefined (ValueError) without a relevant
document: a query that nothing answers cannot be scored by ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

__all__ = ["ndcg", "recall", "reciprocal_rank", "success"]


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """nDCG@k: discounted gain of the first k over that of the ideal ranking.

    Gain is the grade itself, discount log2(rank + 1) (Järvelin and Kekäläinen, 2002, in trec_eval's form).
    """
    _relevant(grades)
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    return _gain([grades.get(item, 0) for item in ranking[:k]]) / _gain(ideal[:k])


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """recall@k: the share of all relevant documents that is among the first k."""
    relevant = _relevant(grades)
    return len(relevant & set(ranking[:k])) / len(relevant)


def success(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """success@k: 1 when any of the first k is relevant, else 0 (recall@k asks how many)."""
    return float(bool(_relevant(grades) & set(ranking[:k])))


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """RR@k: one over the rank of the first relevant document among the first k, else 0. Its mean is MRR@k."""
    relevant = _relevant(grades)
    return next((1 / rank for rank, item in enumerate(ranking[:k], start=1) if item in relevant), 0.0)


def _relevant(grades: Mapping[str, int]) -> set[str]:
    relevant = {item for item, grade in grades.items() if grade > 0}
    if not relevant:
        raise ValueError("no document is judged relevant")
    return relevant


def _gain(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / log2(rank + 1) for rank, grade in enumerate(grades, start=1))
