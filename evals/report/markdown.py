"""The report as markdown: what a job summary or a pull request shows."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render.escape import markdown as escape
from evals.report.lines import change_cells, figure_cells, gate_line, verdict_line
from evals.result import Run, SuiteResult

__all__ = ["markdown"]


def markdown(run: Run) -> str:
    """Figures, gates, changes, errors and what failed in each case, suite by suite."""
    parts = ["# Evaluation", f"**{escape(verdict_line(run))}**", *(_suite(suite) for suite in run.suites)]
    return "\n\n".join(parts) + "\n"


def _suite(suite: SuiteResult) -> str:
    parts = [f"## {escape(suite.name)} ({suite.kind})", escape(verdict_line(suite))]
    parts.append(_table(("metric", "value", "95% interval", "n"), [figure_cells(f) for f in suite.figures]))
    if suite.comparison is not None:
        head = ("against the baseline", "before", "after", "change", "95% interval", "better", "worse", "same")
        parts.append(_table(head, [change_cells(c) for c in suite.comparison.changes]))
    if suite.gates:
        parts.append("### Gates\n\n" + _items([gate_line(gate) for gate in suite.gates]))
    if suite.errors:
        parts.append("### Errors\n\n" + _items([f"{case.case_id}: {case.error}" for case in suite.errors]))
    failures = [f"{case.case_id}: {failure}" for case in suite.cases for failure in case.view.failures]
    if failures:
        parts.append("<details><summary>What failed, case by case</summary>\n\n" + _items(failures) + "\n\n</details>")
    return "\n\n".join(parts)


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    cells = [head, rule, *([escape(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)
