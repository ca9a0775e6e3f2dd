"""Figures and gates in words, shared by the reports that people read."""

from __future__ import annotations

from collections.abc import Sequence

from agent.types import Check, Outcome, Verdict
from evals.result import Change, Figure, GateResult, Run, SuiteResult

__all__ = [
    "by_group",
    "change_cells",
    "checker_line",
    "figure_cells",
    "gate_line",
    "interval_text",
    "number",
    "outcome",
    "sorted_checks",
    "verdict_line",
    "verdict_lines",
]

_FAILING_FIRST = (Outcome.FAIL, Outcome.SKIP, Outcome.PASS)


def number(value: float | None, digits: int = 3) -> str:
    """A figure with three decimals, fewer where it is large; a dash where undefined."""
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if abs(value) < 100 else f"{value:.1f}"


def interval_text(low: float | None, high: float | None) -> str:
    """The interval in brackets."""
    return "–" if low is None else f"[{number(low)}, {number(high)}]"


def figure_cells(figure: Figure) -> tuple[str, str, str, str]:
    """Name, value, interval, n."""
    return figure.name, number(figure.value), interval_text(figure.low, figure.high), str(figure.n)


def by_group(figures: Sequence[Figure]) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The figures over all cases, and those of one group of cases."""
    whole = tuple(figure for figure in figures if figure.name == figure.metric.name)
    return whole, tuple(figure for figure in figures if figure.name != figure.metric.name)


def change_cells(change: Change) -> tuple[str, ...]:
    """Name, before, after, signed difference, its interval, better, worse, same."""
    difference = "–" if change.difference is None else f"{change.difference:+.3f}"
    tally = ("–" if count is None else str(count) for count in (change.better, change.worse, change.same))
    span = interval_text(change.low, change.high)
    return change.name, number(change.before), number(change.after), difference, span, *tally


def gate_line(gate: GateResult) -> str:
    """The bound and the figure, in one line."""
    sign = {"min": ">=", "max": "<=", "drop": "worse than the baseline by at most"}[gate.kind]
    value = "undefined" if gate.value is None else number(gate.value, 4)
    return f"{gate.metric} {sign} {gate.bound:g}: {value}, {outcome(gate.passed)} ({gate.reason})"


def outcome(passed: bool) -> str:
    """Holds or fails, in a word."""
    return "holds" if passed else "FAILS"


def verdict_line(result: Run | SuiteResult) -> str:
    """What the run or the suite comes to, in one line; "passed" only with gates that all hold and no error."""
    suites = result.suites if isinstance(result, Run) else (result,)
    gates = [gate for suite in suites for gate in suite.gates]
    failed = sum(not gate.passed for gate in gates)
    errors = sum(len(suite.errors) for suite in suites)
    cases = sum(len(suite.cases) for suite in suites)
    counts = f"{cases} cases, {errors} raised an error; {len(gates)} gates, {failed} fail"
    word = "ERROR" if errors else "FAILED" if failed else "passed" if gates else "ran, nothing gated"
    return f"{word}: {counts}"


def checker_line(run: Run) -> str:
    """Which checker judged meaning; empty where it is not told."""
    return f"checker: {run.checker}" if run.checker else ""


def verdict_lines(verdict: Verdict) -> tuple[str, ...]:
    """The verdict and its checks, one a line."""
    checks = (f"{check.name}: {check.outcome.value}, {check.detail}" for check in sorted_checks(verdict))
    return (f"{verdict.label.value}, confidence {verdict.confidence:.2f}", *checks)


def sorted_checks(verdict: Verdict) -> tuple[Check, ...]:
    """The checks: first those that failed, then those that could not run, then those that passed."""
    return tuple(sorted(verdict.checks, key=lambda check: _FAILING_FIRST.index(check.outcome)))
