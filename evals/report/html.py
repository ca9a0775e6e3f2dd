"""The report as one self-contained HTML page: no script, no server, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render.escape import html as escape
from agent.types import CheckedSentence, Label, Outcome
from evals.report.lines import by_group, change_cells, figure_cells, gate_line, verdict_line
from evals.report.style import STYLE
from evals.result import CaseResult, Marked, Run, SuiteResult
from store.types import Span

__all__ = ["highlighted", "html"]

_FIGURES = ("metric", "value", "95% interval", "n")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(run: Run) -> str:
    """Figures, gates and changes of every suite, then each case: answer, papers with quotes marked, faults."""
    links = "".join(f'<li><a href="#suite-{i}">{escape(s.name)}</a></li>' for i, s in enumerate(run.suites))
    body = "".join(_suite(index, suite) for index, suite in enumerate(run.suites))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Plumbline evaluation</title><style>{STYLE}</style></head>\n"
        f"<body><header><h1>Evaluation</h1>{_verdict(run)}<nav><ul>{links}</ul></nav></header>\n"
        f"<main>{body}</main></body></html>\n"
    )


def highlighted(text: str, spans: Sequence[Span]) -> str:
    """`text` escaped, with the spans (which may overlap or touch) inside `<mark>`. Offsets outside are cut to it."""
    parts, at = [], 0
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        start, end = max(span.start, at), min(span.end, len(text))
        if end > start:
            parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
            at = end
    return "".join([*parts, escape(text[at:])])


def _verdict(result: Run | SuiteResult) -> str:
    return f'<p class="verdict {_state(result.passed)}">{escape(verdict_line(result))}</p>'


def _state(good: bool) -> str:
    return "good" if good else "bad"


def _suite(index: int, suite: SuiteResult) -> str:
    parts = [f'<section id="suite-{index}"><h2>{escape(suite.name)} ({escape(suite.kind)})</h2>', _verdict(suite)]
    whole, grouped = by_group(suite.figures)
    parts.append(_table(_FIGURES, [figure_cells(f) for f in whole]))
    if grouped:
        rows = _table(_FIGURES, [figure_cells(f) for f in grouped])
        parts.append(f"<details><summary>By group</summary>{rows}</details>")
    if suite.comparison is not None:
        head = ("against the baseline", "before", "after", "change", "95% interval", "better", "worse", "same")
        parts.append(_table(head, [change_cells(c) for c in suite.comparison.changes]))
    if suite.gates:
        items = "".join(f'<li class="{_state(g.passed)}">{escape(gate_line(g))}</li>' for g in suite.gates)
        parts.append(f"<h3>Gates</h3><ul>{items}</ul>")
    parts.append("<h3>Cases</h3>")
    return "".join([*parts, *(_case(case) for case in suite.cases), "</section>\n"])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _case(case: CaseResult) -> str:
    view = case.view
    faults = [*([case.error] if case.error else []), *view.failures]
    opened = " open" if case.error else ""
    tag = "error" if case.error else f"{len(faults)} to look at" if faults else "fine"
    parts = [
        f'<details class="case"{opened}><summary><span class="id">{escape(case.case_id)}</span>{escape(view.question)} '
        f'<span class="tag {_state(not faults)}">{tag}</span></summary>'
    ]
    parts += ['<ul class="bad">', *(f"<li>{escape(fault)}</li>" for fault in faults), "</ul>"] if faults else []
    parts += [f"<p>{escape(line)}</p>" for line in view.lines]
    parts += [_sentence(sentence) for sentence in view.sentences]
    parts += [_paper(marked) for marked in view.papers]
    return "".join([*parts, "</details>\n"])


def _sentence(sentence: CheckedSentence) -> str:
    label = sentence.verdict.label
    good = label is Label.SUPPORTED
    keys = ", ".join(citation.key for citation in sentence.citations) or "no citation"
    failed = [c for c in sentence.verdict.checks if c.outcome is Outcome.FAIL]
    checks = "".join(f"<li>{escape(c.name)}: {escape(c.detail)}</li>" for c in failed)
    listed = f'<ul class="checks bad">{checks}</ul>' if failed else ""
    return (
        f'<div class="sentence {_state(good)}">{escape(sentence.text)} <span class="keys">[{escape(keys)}]</span> '
        f'<span class="tag {_state(good)}">{escape(label.value)}</span>{listed}</div>'
    )


def _paper(marked: Marked) -> str:
    paper = marked.paper
    return (
        f'<div class="paper"><strong>{escape(paper.title)}</strong> <span class="role">{escape(marked.role)} '
        f"{escape(paper.paper_id)}</span><p>{highlighted(paper.abstract, marked.spans)}</p></div>"
    )
