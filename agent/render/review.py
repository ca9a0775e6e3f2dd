"""A draft as `review.md`: pandoc markdown that also reads well as it stands.

Prose is one checked sentence a line, each ending in its citations; `sentence_line` is what `verify` looks for.
Counts and facts about the review itself stand in tables, so that no uncheckable sentence is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agent.render.literal import literal as say
from agent.render.references import reference_list
from agent.types import CheckedSentence, Draft, Label, Matrix, Section, Source

__all__ = ["FIGURES", "NOT_CHECKED", "matrix_rows", "review", "sentence_line"]

FIGURES = {
    "screening": "How the papers were chosen",
    "themes": "Papers by theme",
    "years": "Papers by year",
    "speedups": "Largest speed-up each paper reports, against a baseline of its own choice",
}
"""File stems under `figures/`, with what each shows."""
NOT_CHECKED = " *(could not be checked)*"
_PARAGRAPH = 5
"""Sentences after which a paragraph ends when the next sentence is about another paper."""
_LEFT_OUT = 25
"""Papers screened out that are listed by title."""
_END = re.compile(r"[.!?]+[”\"’')]*$")


def sentence_line(sentence: CheckedSentence) -> str:
    """The line of prose for one sentence: its text, its citations before the full stop, and a mark if unchecked."""
    text = say(sentence.text)
    keys = "; ".join(dict.fromkeys(f"@{citation.key}" for citation in sentence.citations))
    end = _END.search(text)
    cut = end.start() if end else len(text)
    cited = f"{text[:cut]} [{keys}]{text[cut:]}" if keys else text
    mark = NOT_CHECKED if sentence.verdict.label is Label.CHECK_FAILED else ""
    return _guarded(cited) + mark


def review(draft: Draft, facts: Sequence[tuple[str, str]], figures: Sequence[str]) -> str:
    """The whole document. `facts` are the rows of the scope table; `figures` the stems that were drawn."""
    blocks = [_front(), f"# {say(draft.title)}", "## Scope", _table(("", ""), facts)]
    blocks += _figures(("screening", "themes", "years"), figures)
    blocks += ["## Themes", _themes(draft)]
    for section in draft.sections:
        blocks += [f"## {say(section.heading)}", *_paragraphs(section)]
    if draft.matrix is not None:
        blocks += ["## Comparison", _matrix(draft.matrix, draft)]
    blocks += _figures(("speedups",), figures)
    blocks += ["## Limits", _table(("", ""), limits(draft)), "## References", reference_list(draft.sources)]
    if draft.screening.excluded:
        blocks += ["## Found by search and left out", _table(("Paper", "Reason"), _left_out(draft))]
    return "\n\n".join(blocks) + "\n"


def limits(draft: Draft) -> list[tuple[str, str]]:
    """What this review can't say, as rows of a table; all counted."""
    papers = [source.paper for source in draft.sources]
    undated = sum(paper.year is None for paper in papers)
    nameless = sum(not paper.authors for paper in papers)
    rows = [("Text read", "titles and abstracts; no full text")]
    if draft.unmatched:
        rows.append(("Words of the topic that no paper of the library has", say(", ".join(draft.unmatched))))
    if undated:
        rows.append(("Papers without a year", f"{undated} of {len(papers)}"))
    if nameless:
        rows.append(("Papers without authors, cited by title", f"{nameless} of {len(papers)}"))
    if draft.dropped:
        rows.append(("Sentences refused by the check", str(draft.dropped)))
    cited = {c.paper_id for section in draft.sections for s in section.sentences for c in s.citations}
    uncited = [source for source in draft.sources if source.paper.paper_id not in cited]
    if uncited:
        names = "; ".join(f"{say(source.paper.title)} [@{source.key}]" for source in uncited)
        rows.append(("Papers included that no sentence cites", names))
    return rows


def matrix_rows(matrix: Matrix) -> list[list[str]]:
    """The cells' texts, one list a row."""
    width = len(matrix.columns)
    cells = [cell.text for cell in matrix.cells]
    return [cells[start : start + width] for start in range(0, len(cells), width)]


def _front() -> str:
    return "---\nbibliography: references.bib\nsuppress-bibliography: true\n---"


def _themes(draft: Draft) -> str:
    keys = {source.paper.paper_id: source.key for source in draft.sources}
    rows = [
        (say(section.heading), str(len(section.paper_ids)), "; ".join(f"@{keys[p]}" for p in section.paper_ids))
        for section in draft.sections
    ]
    return _table(("Theme", "Papers", "Which"), [(theme, count, f"[{cited}]") for theme, count, cited in rows])


def _figures(wanted: Sequence[str], drawn: Sequence[str]) -> list[str]:
    return [f"![{FIGURES[stem]}](figures/{stem}.svg)" for stem in wanted if stem in drawn]


def _paragraphs(section: Section) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    before: set[str] = set()
    for sentence in section.sentences:
        papers = {citation.paper_id for citation in sentence.citations}
        if len(paragraphs[-1]) >= _PARAGRAPH and not papers & before:
            paragraphs.append([])
        paragraphs[-1].append(sentence_line(sentence))
        before = papers
    return ["\n".join(lines) for lines in paragraphs if lines]


def _left_out(draft: Draft) -> list[tuple[str, str]]:
    """The papers screened out that came nearest, with reasons; the rest by number, all being in the manifest."""
    excluded = draft.screening.excluded
    rows = [(say(e.paper.title), say(e.reason)) for e in excluded[:_LEFT_OUT]]
    rest = Counter(e.reason for e in excluded[_LEFT_OUT:])
    return rows + [(f"{n} more (ids in manifest.json)", say(reason)) for reason, n in sorted(rest.items())]


def _matrix(matrix: Matrix, draft: Draft) -> str:
    by_id: dict[str, Source] = {source.paper.paper_id: source for source in draft.sources}
    order = [by_id[paper_id] for section in draft.sections for paper_id in section.paper_ids]
    rows = []
    for name, source, cells in zip(matrix.rows, order, matrix_rows(matrix), strict=True):
        rows.append((f"{say(name)} [@{source.key}]", *(say(cell) for cell in cells)))
    return _table(("Work", *(say(column.capitalize()) for column in matrix.columns)), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _guarded(line: str) -> str:
    """A line that can't be read as a list item, heading, table or definition."""
    if line[:1] in "-+=:(%":
        return "\\" + line
    return re.sub(r"^(\w{1,4})([.)])(?=\s)", r"\1\\\2", line)
