"""Intervals: right on known cases, seeded, clustered, paired."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.metrics.metric import ratio
from evals.statistics import Interval, Sample, interval, paired


def _samples(values: list[float], clusters: list[str] | None = None) -> list[Sample]:
    names = clusters or [f"c{i:03}" for i in range(len(values))]
    return [Sample(name, (value, 1.0)) for name, value in zip(names, values, strict=True)]


def _width(found: Interval) -> float:
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_a_mean_and_its_interval() -> None:
    generator = np.random.default_rng(7)
    values = generator.normal(10, 2, size=400).tolist()
    found = interval(_samples(values), ratio)
    assert found.value == pytest.approx(np.mean(values))
    # The percentile interval of a mean is close to the normal one: 1.96 standard errors each way.
    error = np.std(values) / 20
    assert found.low == pytest.approx(np.mean(values) - 1.96 * error, abs=0.05)
    assert found.high == pytest.approx(np.mean(values) + 1.96 * error, abs=0.05)


def test_the_same_seed_gives_the_same_interval_and_order_does_not_matter() -> None:
    samples = _samples([(i * 37 % 50) / 50 for i in range(50)])
    assert interval(samples, ratio) == interval(samples[::-1], ratio)
    assert interval(samples, ratio, seed=1) != interval(samples, ratio, seed=2)


def test_clusters_widen_the_interval() -> None:
    values = [float(i % 2) for i in range(100)]
    alone = interval(_samples(values), ratio)
    # The same hundred values in ten clusters of like ones: only ten independent draws.
    sharing = interval(_samples(sorted(values), [f"c{i // 10}" for i in range(100)]), ratio)
    assert alone.value == sharing.value == 0.5
    assert _width(sharing) > 2 * _width(alone)


def test_one_cluster_gives_a_point() -> None:
    assert interval(_samples([0.5, 1.0], ["a", "a"]), ratio) == Interval(0.75, 0.75, 0.75)


def test_nothing_and_undefined_are_none() -> None:
    assert interval([], ratio) == Interval(None, None, None)
    assert interval([Sample("a", (0.0, 0.0))], ratio) == Interval(None, None, None)


def test_paired_compares_case_by_case() -> None:
    values = {f"q{i:02}": i / 40 for i in range(40)}
    before = {case: Sample("", (value, 1.0)) for case, value in values.items()}
    after = {case: Sample(case, (value + 0.1, 1.0)) for case, value in values.items()}
    found = paired(before, after, ratio)
    # Each case gains exactly 0.1, so the difference has no spread though the cases differ widely.
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))


def test_paired_over_no_shared_case_is_undefined() -> None:
    one, other = {"a": Sample("a", (1.0, 1.0))}, {"b": Sample("b", (1.0, 1.0))}
    assert paired(one, other, ratio) == Interval(None, None, None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_holds_the_figure_of_bounded_means_within_the_data(values: list[float]) -> None:
    found = interval(_samples(values), ratio, resamples=200)
    assert found.low is not None
    assert found.high is not None
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
