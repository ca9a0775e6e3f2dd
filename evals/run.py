"""Runs suites: every one is read and checked before the first case runs; then cases in parallel, figures, gates."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING

from evals.baseline import Baseline, compare
from evals.bench import Bench
from evals.errors import SuiteInvalid
from evals.figures import figures_of
from evals.gates import Bounds, apply, check_bounds, check_names, metric_names
from evals.kinds.protocol import Job, Jobs, Planner
from evals.library import Libraries
from evals.resolve import Directory
from evals.result import CaseResult, CaseView, Run, SuiteResult
from evals.suite import Suite
from store.errors import PlumblineError

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
) -> Run:
    """Every suite's result, in order. Raises SuiteInvalid or StoreError before anything has run."""
    chosen = bounds or Bounds()
    _distinct(suites)
    ready = [_prepare(suite, libraries) for suite in suites]
    check_bounds(chosen, [(item.suite.name, metric_names(item.jobs)) for item in ready])
    if baseline is not None:
        baseline.must_know([suite.name for suite in suites])
    return Run(tuple(_run_suite(item, chosen, baseline, workers, progress) for item in ready))


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
    ready: _Ready, bounds: Bounds, baseline: Baseline | None, workers: int, progress: Progress | None
) -> SuiteResult:
    suite, jobs = ready.suite, ready.jobs
    cases = _run_jobs(ready, workers, progress)
    figures = figures_of(cases, jobs.metrics, suite.seed)
    comparison = None if baseline is None else compare(baseline, suite.name, cases, jobs.metrics, suite.seed)
    gates = apply(suite, figures, bounds, comparison.changes if comparison else ())
    return SuiteResult(suite.name, suite.kind, figures, gates, cases, comparison)


def _run_jobs(ready: _Ready, workers: int, progress: Progress | None) -> tuple[CaseResult, ...]:
    """Results in the order of the jobs, whatever order they end in."""
    local = threading.local()
    opened: list[Bench] = []
    lock = threading.Lock()
    total = len(ready.jobs.jobs)
    done = 0

    def one(job: Job) -> CaseResult:
        nonlocal done
        if not hasattr(local, "bench"):
            local.bench = Bench(ready.settings)
            with lock:
                opened.append(local.bench)
        result = _run_case(job, local.bench)
        with lock:
            done += 1
            if progress is not None:
                progress(ready.suite.name, done, total)
        return result

    try:
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            return tuple(pool.map(one, ready.jobs.jobs))
    finally:
        for bench in opened:
            bench.close()


def _run_case(job: Job, bench: Bench) -> CaseResult:
    started = perf_counter()
    try:
        scored = job.run(bench)
    except PlumblineError as error:
        return _failed(job, str(error), perf_counter() - started)
    except Exception as error:  # noqa: BLE001  # a case that raises anything is that case's error, listed; exit code 2
        return _failed(job, f"{type(error).__name__}: {error}", perf_counter() - started)
    seconds = perf_counter() - started
    return CaseResult(job.case_id, job.cluster, job.group, scored.observations, scored.view, None, seconds)


def _failed(job: Job, reason: str, seconds: float) -> CaseResult:
    line = " ".join(reason.split())
    return CaseResult(job.case_id, job.cluster, job.group, {}, CaseView(job.title), line, seconds)
