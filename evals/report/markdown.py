"""The report as markdown: what a job summary or a pull request shows."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render.escape import markdown as escape
from evals.report.lines import by_group, change_cells, checker_line, figure_cells, gate_line, verdict_line
from evals.result import Run, SuiteResult

__all__ = ["markdown"]

_FIGURES = ("metric", "value", "95% interval", "n")


def markdown(run: Run) -> str:
    """Figures, gates, changes, errors and what failed in each case, suite by suite."""
    told = [escape(checker_line(run))] if run.checker else []
    parts = ["# Evaluation", f"**{escape(verdict_line(run))}**", *told, *(_suite(suite) for suite in run.suites)]
    return "\n\n".join(parts) + "\n"


def _suite(suite: SuiteResult) -> str:
    parts = [f"## {escape(suite.name)} ({suite.kind})", escape(verdict_line(suite))]
    whole, grouped = by_group(suite.figures)
    parts.append(_table(_FIGURES, [figure_cells(f) for f in whole]))
    if grouped:
        parts.append(_folded("By group", _table(_FIGURES, [figure_cells(f) for f in grouped])))
    if suite.comparison is not None:
        head = ("against the baseline", "before", "after", "change", "95% interval", "better", "worse", "same")
        parts.append(_table(head, [change_cells(c) for c in suite.comparison.changes]))
    if suite.gates:
        parts.append("### Gates\n\n" + _items([gate_line(gate) for gate in suite.gates]))
    if suite.errors:
        parts.append("### Errors\n\n" + _items([f"{case.case_id}: {case.error}" for case in suite.errors]))
    failures = [f"{case.case_id}: {failure}" for case in suite.cases for failure in case.view.failures]
    if failures:
        parts.append(_folded("What failed, case by case", _items(failures)))
    return "\n\n".join(parts)


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {escape(line)}" for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    cells = [head, rule, *([escape(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)
