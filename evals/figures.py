"""Figures of a suite: every metric over its cases, and the sliced ones by group, with intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from evals.metrics.metric import Metric
from evals.result import CaseResult, Figure
from evals.statistics import Sample, interval

__all__ = ["Named", "case_value", "figures_of", "named_samples"]


class Named(NamedTuple):
    """A figure's name, its metric, and the samples it is made of by case id."""

    name: str
    metric: Metric
    samples: dict[str, Sample]


def named_samples(cases: Sequence[CaseResult], metrics: Sequence[Metric]) -> Iterator[Named]:
    """Every figure that some case bears on: first the metrics, then the sliced ones by group, sorted."""
    groups = sorted({case.group for case in cases if case.group})
    for metric in metrics:
        yield Named(metric.name, metric, _samples(cases, metric, None))
    for metric in metrics:
        for group in groups if metric.sliced else ():
            yield Named(f"{metric.name}/{group}", metric, _samples(cases, metric, group))


def figures_of(cases: Sequence[CaseResult], metrics: Sequence[Metric], seed: int) -> tuple[Figure, ...]:
    """The figures, in the order of `named_samples`; those that no case bears on are left out."""
    return tuple(_figure(named, seed) for named in named_samples(cases, metrics) if named.samples)


def case_value(metric: Metric, sample: Sample) -> float | None:
    """The metric's value on one case alone; None where it has none."""
    if not metric.per_case:
        return None
    value = float(metric.finish(np.asarray(sample.counts, dtype=np.float64)))
    return None if np.isnan(value) else value


def _samples(cases: Sequence[CaseResult], metric: Metric, group: str | None) -> dict[str, Sample]:
    return {
        case.case_id: Sample(case.cluster, case.observations[metric.name])
        for case in cases
        if metric.name in case.observations and (group is None or case.group == group)
    }


def _figure(named: Named, seed: int) -> Figure:
    samples = list(named.samples.values())
    found = interval(samples, named.metric.finish, seed=seed)
    units = float(named.metric.units(np.sum([s.counts for s in samples], axis=0)))
    return Figure(named.name, named.metric, found.value, found.low, found.high, round(units))
