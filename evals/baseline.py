"""Comparison with an earlier report, case by case, over the cases both have."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from evals.cases import first_problem
from evals.errors import BaselineInvalid
from evals.figures import Named, case_value, named_samples
from evals.metrics.metric import Metric
from evals.result import CaseResult, Change, Comparison
from evals.statistics import Sample, interval, paired

__all__ = ["Baseline", "compare", "load_baseline"]

SCHEMA = "plumbline.eval/1"
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class _OldCase:
    """What a comparison needs of a case in a report."""

    id: str
    group: str | None
    observations: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class _OldSuite:
    """What a comparison needs of a suite in a report."""

    name: str
    cases: list[_OldCase] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _OldReport:
    """What a comparison needs of a report."""

    schema: str
    suites: list[_OldSuite]


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier report."""

    path: Path
    suites: dict[str, _OldSuite]

    def must_know(self, names: Sequence[str]) -> None:
        """Raise BaselineInvalid for a suite that the report does not have."""
        for name in names:
            if name not in self.suites:
                close = difflib.get_close_matches(name, self.suites, n=1)
                hint = f"; did you mean {close[0]!r}?" if close else ""
                raise BaselineInvalid(f"{self.path}: no suite {name!r} in the baseline{hint}")


def load_baseline(path: Path) -> Baseline:
    """The report in a file. Raises BaselineInvalid when it is none of ours."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BaselineInvalid(f"{path}: {error.strerror or error}; --baseline takes a file made by --json") from None
    try:
        report = TypeAdapter(_OldReport).validate_json(content)
    except ValidationError as error:
        where, message = first_problem(error)
        raise BaselineInvalid(f"{path}: no report of `eval --json` ({'.'.join(map(str, where))} {message})") from None
    if report.schema != SCHEMA:
        raise BaselineInvalid(f"{path}: schema {report.schema!r}, not {SCHEMA!r}; make the baseline again")
    return Baseline(path, {suite.name: suite for suite in report.suites})


def compare(
    baseline: Baseline, name: str, cases: Sequence[CaseResult], metrics: Sequence[Metric], seed: int
) -> Comparison:
    """Every figure against the baseline's over the cases both have."""
    old = {case.id: case for case in baseline.suites[name].cases}
    new = {case.case_id for case in cases}
    changes = [_change(named, old, seed) for named in named_samples(cases, metrics)]
    return Comparison(
        changes=tuple(change for change in changes if change is not None),
        added=tuple(sorted(new - old.keys())),
        removed=tuple(sorted(old.keys() - new)),
    )


def _change(named: Named, old: dict[str, _OldCase], seed: int) -> Change | None:
    before = {
        case: Sample("", tuple(old[case].observations[named.metric.name]))
        for case in named.samples
        if case in old and named.metric.name in old[case].observations
    }
    after = {case: named.samples[case] for case in before}
    if not before or any(len(before[case].counts) != len(after[case].counts) for case in before):
        return None
    difference = paired(before, after, named.metric.finish, seed=seed)
    better, worse, same = _tally(named.metric, before, after)
    old_value = interval(list(before.values()), named.metric.finish, resamples=1).value
    new_value = interval(list(after.values()), named.metric.finish, resamples=1).value
    return Change(
        named.name, old_value, new_value, difference.value, difference.low, difference.high, better, worse, same
    )


def _tally(
    metric: Metric, before: dict[str, Sample], after: dict[str, Sample]
) -> tuple[int | None, int | None, int | None]:
    """How many cases are better, worse and the same; None for metrics that one case has no value of."""
    if not metric.per_case:
        return None, None, None
    better = worse = same = 0
    for case, sample in before.items():
        old, new = case_value(metric, sample), case_value(metric, after[case])
        if old is None or new is None:
            continue
        gain = (new - old) * (1 if metric.higher_is_better else -1)
        better, worse, same = better + (gain > _SAME), worse + (gain < -_SAME), same + (abs(gain) <= _SAME)
    return better, worse, same
