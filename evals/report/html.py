"""The report as one self-contained HTML page: no script, no server, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render.escape import html as escape
from evals.report.html_case import case_block, faults_of, state
from evals.report.lines import by_group, change_cells, checker_line, figure_cells, gate_line, verdict_line
from evals.report.style import STYLE
from evals.result import CaseResult, Figure, GateResult, Run, SuiteResult

__all__ = ["html"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_FIGURES = ("metric", "value", "95% interval", "n")
_CHANGES = ("against the baseline", "before", "after", "change", "95% interval", "better", "worse", "same")


def html(run: Run) -> str:
    """Figures, gates and changes of every suite, then each case: answer, papers with quotes marked, faults."""
    links = "".join(_link(index, suite) for index, suite in enumerate(run.suites))
    body = "".join(_suite(index, suite) for index, suite in enumerate(run.suites))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Plumbline evaluation</title><style>{STYLE}</style></head>\n"
        f"<body><header><h1>Evaluation</h1>{_verdict(run)}{_checker(run)}<nav><ul>{links}</ul></nav></header>\n"
        f"<main>{body}</main></body></html>\n"
    )


def _verdict(result: Run | SuiteResult) -> str:
    return f'<p class="verdict {state(result.passed)}">{escape(verdict_line(result))}</p>'


def _checker(run: Run) -> str:
    return f"<p>{escape(checker_line(run))}</p>" if run.checker else ""


def _link(index: int, suite: SuiteResult) -> str:
    outcome = escape(verdict_line(suite))
    return f'<li><a href="#s{index}">{escape(suite.name)}</a> <span class="{state(suite.passed)}">{outcome}</span></li>'


def _suite(index: int, suite: SuiteResult) -> str:
    parts = [f'<section id="s{index}"><h2>{escape(suite.name)} ({escape(suite.kind)})</h2>', _verdict(suite)]
    whole, grouped = by_group(suite.figures)
    parts.append(_figures(whole))
    if grouped:
        parts.append(f"<details><summary>By group</summary>{_figures(grouped)}</details>")
    if suite.comparison is not None:
        parts.append(_table(_CHANGES, [_cells(change_cells(change)) for change in suite.comparison.changes]))
    parts += [_gates(suite.gates)] if suite.gates else []
    parts += ["<h3>Cases</h3>", _to_look_at(index, suite.cases)]
    parts += [case_block(case, f"s{index}-c{number}") for number, case in enumerate(suite.cases)]
    return "".join([*parts, "</section>\n"])


def _figures(figures: Sequence[Figure]) -> str:
    """The figures; each metric's definition shows where the pointer rests on its name."""
    rows = []
    for figure in figures:
        name, *numbers = figure_cells(figure)
        rows.append(f'<td title="{escape(figure.metric.definition)}">{escape(name)}</td>{_cells(numbers)}')
    return _table(_FIGURES, rows)


def _cells(row: Sequence[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in row)


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _gates(gates: Sequence[GateResult]) -> str:
    """The gates, those that fail first."""
    ordered = sorted(gates, key=lambda gate: gate.passed)
    items = "".join(f'<li class="{state(gate.passed)}">{escape(gate_line(gate))}</li>' for gate in ordered)
    return f'<h3>Gates</h3><ul class="gates">{items}</ul>'


def _to_look_at(index: int, cases: Sequence[CaseResult]) -> str:
    """How many cases have something wrong, and a link to each."""
    wrong = [(number, case) for number, case in enumerate(cases) if faults_of(case)]
    if not wrong:
        return f"<p>All {len(cases)} are fine.</p>"
    links = ", ".join(f'<a href="#s{index}-c{number}">{escape(case.case_id)}</a>' for number, case in wrong)
    return f'<p>{len(wrong)} of {len(cases)} to look at, shown open: <span class="ids">{links}</span></p>'
