"""Gates: bounds on figures, from the suite and from the command line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from evals.errors import SuiteInvalid
from evals.kinds.protocol import Jobs
from evals.result import Change, Figure, GateResult
from evals.suite import Suite

__all__ = ["Bounds", "apply", "check_bounds", "check_names", "metric_names", "parse_bound"]

_SLACK = 1e-9
"""Figures are sums of floats: a value equal to its bound up to rounding holds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds from the command line: `--fail-under` and `--max-drop`, each metric with its number."""

    fail_under: tuple[tuple[str, float], ...] = ()
    max_drop: tuple[tuple[str, float], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every metric named."""
        return tuple(name for name, _ in (*self.fail_under, *self.max_drop))


def parse_bound(text: str, option: str) -> tuple[str, float]:
    """The metric and number of "metric=number". Raises SuiteInvalid."""
    name, found, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not found or not name.strip() or not -1e9 < value < 1e9:
        raise SuiteInvalid(f"{option} {text!r}: write metric=number, for example nDCG@10=0.8")
    return name.strip(), value


def metric_names(jobs: Jobs) -> list[str]:
    """Every figure a suite may make: its metrics, and the sliced ones by group."""
    groups = sorted({job.group for job in jobs.jobs if job.group})
    plain = [metric.name for metric in jobs.metrics]
    return plain + [f"{m.name}/{group}" for m in jobs.metrics if m.sliced for group in groups]


def check_names(suite: Suite, jobs: Jobs) -> None:
    """Raise SuiteInvalid, before anything runs, for a gate on a metric that the suite does not make."""
    known = metric_names(jobs)
    for index, gate in enumerate(suite.gates):
        if gate.metric not in known:
            raise SuiteInvalid(f"{suite.path}, field gates.{index}.metric: {_unknown(gate.metric, suite.name, known)}")


def check_bounds(bounds: Bounds, made: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Raise SuiteInvalid when the command line bounds a metric that none of the suites makes."""
    known = [name for _, names in made for name in names]
    suites = ", ".join(name for name, _ in made)
    for name in bounds.names:
        if name not in known:
            raise SuiteInvalid(f"--fail-under or --max-drop: {_unknown(name, suites, known)}")


def _unknown(name: str, suite: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else f"; it makes {', '.join(list(known)[:12])}"
    return f"suite {suite} makes no metric {name!r}{hint}"


def apply(suite: Suite, figures: Sequence[Figure], bounds: Bounds, changes: Sequence[Change]) -> tuple[GateResult, ...]:
    """Every gate with its outcome. A figure that is undefined, or that no case bore on, holds no bound."""
    by_name = {figure.name: figure for figure in figures}
    results = []
    for gate in suite.gates:
        kind = "min" if gate.min is not None else "max"
        results.append(_result(gate.metric, kind, gate.bound, by_name.get(gate.metric), gate.reason))
    for name, bound in bounds.fail_under:
        if name in by_name:
            results.append(_result(name, "min", bound, by_name[name], "--fail-under"))
    results += [
        _drop(change, bound, by_name) for name, bound in bounds.max_drop for change in changes if change.name == name
    ]
    return tuple(results)


def _result(name: str, kind: str, bound: float, figure: Figure | None, reason: str) -> GateResult:
    value = figure.value if figure is not None else None
    if value is None:
        return GateResult(name, kind, bound, None, False, f"{reason} (undefined: nothing to count)")
    holds = value >= bound - _SLACK if kind == "min" else value <= bound + _SLACK
    return GateResult(name, kind, bound, value, holds, reason)


def _drop(change: Change, bound: float, figures: dict[str, Figure]) -> GateResult:
    if change.difference is None:
        return GateResult(change.name, "drop", bound, None, False, "--max-drop (undefined: no case in common)")
    higher = figures[change.name].metric.higher_is_better
    worse_by = -change.difference if higher else change.difference
    return GateResult(change.name, "drop", bound, worse_by, worse_by <= bound + _SLACK, "--max-drop")
