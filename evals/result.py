"""What running a suite gives: scores of cases, figures with intervals, gates, and what a reader may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.types import CheckedSentence, Verdict
from evals.metrics.metric import Metric
from evals.statistics import Counts
from store.types import Paper, Span

__all__ = [
    "CaseResult",
    "CaseView",
    "Change",
    "Comparison",
    "Figure",
    "GateResult",
    "Marked",
    "Run",
    "Scored",
    "SuiteResult",
]


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper with the spans of its abstract to highlight, and what it is to the case ("cited", "expected")."""

    paper: Paper
    spans: tuple[Span, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a person looks at: the input, what came out, the papers behind it, and what is wrong with it.

    `verdict` is what the check said of the input itself, where the input is a claim.
    """

    question: str
    sentences: tuple[CheckedSentence, ...] = ()
    lines: tuple[str, ...] = ()
    papers: tuple[Marked, ...] = ()
    failures: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """What a kind says of one case: what it adds to each metric it bears on, and its view."""

    observations: Mapping[str, Counts]
    view: CaseView


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case as it ended. `error` is the one line of what was raised; then there are no observations.

    `seconds` is wall time and stands outside every report but the timings file.
    """

    case_id: str
    cluster: str
    group: str | None
    observations: Mapping[str, Counts]
    view: CaseView
    error: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over the suite with its interval. `n` counts what the figure counts (cases, facts, claims...)."""

    name: str
    metric: Metric
    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """A gate and whether it holds. `kind` is "min", "max" or "drop" (the most it may be worse than the baseline)."""

    metric: str
    kind: str
    bound: float
    value: float | None
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """A metric against the baseline over the cases both runs have.

    `better`, `worse` and `same` count cases; None where one case alone has no value.
    """

    name: str
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    better: int | None
    worse: int | None
    same: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A suite against the same suite in the baseline report."""

    changes: tuple[Change, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One suite as it ended."""

    name: str
    kind: str
    figures: tuple[Figure, ...]
    gates: tuple[GateResult, ...]
    cases: tuple[CaseResult, ...]
    comparison: Comparison | None = None

    @property
    def errors(self) -> tuple[CaseResult, ...]:
        """The cases that raised."""
        return tuple(case for case in self.cases if case.error is not None)

    @property
    def passed(self) -> bool:
        """True when every gate holds and no case raised."""
        return not self.errors and all(gate.passed for gate in self.gates)


@dataclass(frozen=True, slots=True)
class Run:
    """Every suite of one command. `checker` names what judged meaning in the check; empty: not told."""

    suites: tuple[SuiteResult, ...] = field(default=())
    checker: str = ""

    @property
    def passed(self) -> bool:
        """True when every suite passed."""
        return all(suite.passed for suite in self.suites)

    @property
    def errors(self) -> int:
        """How many cases raised, over all suites."""
        return sum(len(suite.errors) for suite in self.suites)
