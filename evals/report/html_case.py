"""One case on the HTML page: what came out, the papers behind it with the quotes marked, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render.escape import html as escape
from agent.types import Check, CheckedSentence, Citation, Label, Outcome, Verdict
from evals.report.lines import sorted_checks
from evals.result import CaseResult, Marked
from store.types import Span

__all__ = ["case_block", "faults_of", "highlighted", "state"]

_MANY = 4
"""Above this many papers a case shows them on demand."""


def state(good: bool) -> str:
    """The class that colours a thing."""
    return "good" if good else "bad"


def faults_of(case: CaseResult) -> tuple[str, ...]:
    """What is wrong with the case, one a line: that it raised, or what its kind found."""
    return (*([case.error] if case.error else []), *case.view.failures)


def highlighted(text: str, spans: Sequence[Span]) -> str:
    """`text` escaped, with the spans (which may overlap or touch) inside `<mark>`. Offsets outside are cut to it."""
    parts, at = [], 0
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        start, end = max(span.start, at), min(span.end, len(text))
        if end > start:
            parts += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
            at = end
    return "".join([*parts, escape(text[at:])])


def case_block(case: CaseResult, anchor: str) -> str:
    """The case under `anchor`; open where there is something to look at."""
    view, faults = case.view, faults_of(case)
    tag = "error" if case.error else f"{len(faults)} to look at" if faults else "fine"
    anchors = {marked.paper.paper_id: f"{anchor}-p{index}" for index, marked in enumerate(view.papers)}
    parts = [
        f'<details class="case" id="{anchor}"{" open" if faults else ""}><summary>'
        f'<span class="id">{escape(case.case_id)}</span> <span class="question">{escape(view.question)}</span> '
        f'<span class="tag {state(not faults)}">{tag}</span></summary>'
    ]
    parts += ['<ul class="faults bad">', *(f"<li>{escape(fault)}</li>" for fault in faults), "</ul>"] if faults else []
    parts += [f'<p class="line">{escape(line)}</p>' for line in view.lines]
    parts += [_claim(view.verdict)] if view.verdict is not None else []
    parts += [_sentence(sentence, anchors) for sentence in view.sentences]
    return "".join([*parts, _papers(view.papers, anchors), "</details>\n"])


def _claim(verdict: Verdict) -> str:
    good = verdict.label is Label.SUPPORTED
    passed = [check for check in verdict.checks if check.outcome is Outcome.PASS]
    rest = f"<details><summary>{len(passed)} checks passed</summary>{_checks(passed, 'checks')}</details>"
    return (
        f'<div class="sentence {state(good)}">The check says <span class="tag {state(good)}">'
        f"{escape(verdict.label.value)}</span>, confidence {verdict.confidence:.2f}"
        f"{_trouble(verdict)}{rest if passed else ''}</div>"
    )


def _sentence(sentence: CheckedSentence, anchors: dict[str, str]) -> str:
    label = sentence.verdict.label
    good = label is Label.SUPPORTED
    keys = ", ".join(_key(citation, anchors) for citation in sentence.citations) or "no citation"
    return (
        f'<div class="sentence {state(good)}">{escape(sentence.text)} <span class="keys">[{keys}]</span> '
        f'<span class="tag {state(good)}">{escape(label.value)}</span>{_trouble(sentence.verdict)}</div>'
    )


def _key(citation: Citation, anchors: dict[str, str]) -> str:
    at = anchors.get(citation.paper_id)
    return escape(citation.key) if at is None else f'<a href="#{at}">{escape(citation.key)}</a>'


def _trouble(verdict: Verdict) -> str:
    """The checks that failed or could not run."""
    troubled = [check for check in sorted_checks(verdict) if check.outcome is not Outcome.PASS]
    return _checks(troubled, "checks bad") if troubled else ""


def _checks(checks: Sequence[Check], kind: str) -> str:
    return f'<ul class="{kind}">' + "".join(f"<li>{_check(check)}</li>" for check in checks) + "</ul>"


def _check(check: Check) -> str:
    skipped = ", not run" if check.outcome is Outcome.SKIP else ""
    return f"{escape(check.name)}{skipped}: {escape(check.detail)}"


def _papers(papers: Sequence[Marked], anchors: dict[str, str]) -> str:
    boxes = "".join(_paper(marked, anchors[marked.paper.paper_id]) for marked in papers)
    if len(papers) <= _MANY:
        return boxes
    return f'<details class="papers"><summary>{len(papers)} papers, quotes marked</summary>{boxes}</details>'


def _paper(marked: Marked, anchor: str) -> str:
    paper = marked.paper
    return (
        f'<div class="paper" id="{anchor}"><strong>{escape(paper.title)}</strong> <span class="role">'
        f"{escape(marked.role)} {escape(paper.paper_id)}</span>"
        f'<p class="abstract">{highlighted(paper.abstract, marked.spans)}</p></div>'
    )
