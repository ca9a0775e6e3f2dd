"""The report a person reads at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render.escape import terminal as escape
from evals.report.lines import change_cells, checker_line, figure_cells, gate_line, verdict_line
from evals.result import CaseResult, Run, SuiteResult

__all__ = ["terminal"]

_SHOWN_FAILURES = 10


def terminal(run: Run) -> str:
    """Every suite's figures, gates, changes, errors and first failures, then the verdict."""
    parts = [_suite(suite) for suite in run.suites]
    told = [escape(checker_line(run))] if run.checker else []
    return "\n\n".join([*told, *parts, verdict_line(run)]) + "\n"


def _suite(suite: SuiteResult) -> str:
    lines = [escape(f"{suite.name} ({suite.kind}): {verdict_line(suite)}")]
    lines += _table(("metric", "value", "95% interval", "n"), [figure_cells(f) for f in suite.figures])
    if suite.comparison is not None:
        head = ("against baseline", "before", "after", "change", "95% interval", "better", "worse", "same")
        lines += ["", *_table(head, [change_cells(c) for c in suite.comparison.changes])]
    lines += [f"  gate {escape(gate_line(gate))}" for gate in suite.gates]
    lines += [escape(f"  error in case {case.case_id}: {case.error}") for case in suite.errors]
    return "\n".join(lines + _failures(suite.cases))


def _failures(cases: Sequence[CaseResult]) -> list[str]:
    found = [f"  {case.case_id}: {failure}" for case in cases for failure in case.view.failures]
    more = len(found) - _SHOWN_FAILURES
    rest = [f"  ... and {more} more; --html FILE shows every case"] if more > 0 else []
    return [escape(line) for line in found[:_SHOWN_FAILURES]] + rest


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return ["  " + "  ".join(_pad(row[i], widths[i], i) for i in range(len(head))).rstrip() for row in (head, *rows)]


def _pad(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)
