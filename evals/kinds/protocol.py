"""What a kind of suite gives the runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evals.bench import Bench
from evals.metrics.metric import Metric
from evals.resolve import Directory
from evals.result import Scored
from evals.suite import Suite

__all__ = ["Job", "Jobs", "Planner"]


@dataclass(frozen=True, slots=True)
class Job:
    """One case ready to run. Cases that share a `cluster` are resampled together; `group` slices the metrics."""

    case_id: str
    cluster: str
    group: str | None
    title: str
    run: Callable[[Bench], Scored]


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of a suite, in the order of its cases, and the metrics they bear on.

    `worth` is how many of them take longer than starting another process does.
    """

    metrics: tuple[Metric, ...]
    jobs: Sequence[Job]
    worth: int = 64


class Planner(Protocol):
    """Reads a suite's cases and makes its jobs. Raises SuiteInvalid before anything has run."""

    def __call__(self, suite: Suite, directory: Directory, bench: Bench) -> Jobs:
        """The jobs of the suite; `bench` has its library open."""
        ...
