"""Runs suites: every one is read and checked before the first case runs; then cases in parallel, figures, gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from evals.baseline import Baseline, compare
from evals.bench import Bench
from evals.errors import SuiteInvalid
from evals.figures import figures_of
from evals.gates import Bounds, apply, check_bounds, check_names, metric_names
from evals.kinds.protocol import Jobs, Planner
from evals.library import Libraries
from evals.resolve import Directory
from evals.result import CaseResult, Run, SuiteResult
from evals.suite import Suite
from evals.workers import Workers

if TYPE_CHECKING:
    from agent.settings import Settings

__all__ = ["Progress", "run"]

Progress = Callable[[str, int, int], None]
"""Told the suite's name, cases done and cases in all."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A suite whose cases are read and whose gates make sense."""

    suite: Suite
    settings: Settings
    jobs: Jobs


def run(
    suites: Sequence[Suite],
    libraries: Libraries,
    *,
    bounds: Bounds | None = None,
    baseline: Baseline | None = None,
    workers: int = 2,
    progress: Progress | None = None,
    checker: str = "",
) -> Run:
    """Every suite's result, in order; `checker` names what judges meaning there.

    Raises SuiteInvalid or StoreError before anything has run.
    """
    chosen = bounds or Bounds()
    _distinct(suites)
    ready = [_prepare(suite, libraries) for suite in suites]
    check_bounds(chosen, [(item.suite.name, metric_names(item.jobs)) for item in ready])
    if baseline is not None:
        baseline.must_know([suite.name for suite in suites])
    with Workers(workers) as pool:
        return Run(tuple(_run_suite(item, chosen, baseline, pool, progress) for item in ready), checker)


def _distinct(suites: Sequence[Suite]) -> None:
    if not suites:
        raise SuiteInvalid("no suite named; `plumbline eval SUITE.yaml...`, or `plumbline eval init DIR` to start one")
    names: dict[str, Suite] = {}
    for suite in suites:
        if suite.name in names:
            raise SuiteInvalid(f"{suite.path}, field name: {suite.name!r} is the name of {names[suite.name].path} too")
        names[suite.name] = suite


def _prepare(suite: Suite, libraries: Libraries) -> _Ready:
    settings = libraries.of(suite)
    planner: Planner = import_module(f"evals.kinds.{suite.kind}").plan
    bench = Bench(settings)
    try:
        jobs = planner(suite, Directory.of(bench.library.papers()), bench)
    finally:
        bench.close()
    if not jobs.jobs:
        raise SuiteInvalid(f"{suite.path}: nothing to run; the suite has no case")
    check_names(suite, jobs)
    return _Ready(suite, settings, jobs)


def _run_suite(
    ready: _Ready, bounds: Bounds, baseline: Baseline | None, pool: Workers, progress: Progress | None
) -> SuiteResult:
    suite, jobs = ready.suite, ready.jobs
    cases = _cases(ready, pool, progress)
    figures = figures_of(cases, jobs.metrics, suite.seed)
    comparison = None if baseline is None else compare(baseline, suite.name, cases, jobs.metrics, suite.seed)
    gates = apply(suite, figures, bounds, comparison.changes if comparison else ())
    return SuiteResult(suite.name, suite.kind, figures, gates, cases, comparison)


def _cases(ready: _Ready, pool: Workers, progress: Progress | None) -> tuple[CaseResult, ...]:
    """Results in the order of the cases."""
    found: list[CaseResult] = []
    for result in pool.run(ready.settings, ready.jobs.jobs, ready.jobs.worth):
        found.append(result)
        if progress is not None:
            progress(ready.suite.name, len(found), len(ready.jobs.jobs))
    return tuple(found)
