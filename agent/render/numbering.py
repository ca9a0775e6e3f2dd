"""What the answer's two faces share: quotes under numbers, verdicts in words.

Citations are numbered [1], [2]... in the order met, one number a quote, so that `/why 2` and the
list of quotes speak of the same thing. Papers keep their citation key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from agent.types import Answer, CheckedSentence, Citation, Label, Matrix, Verdict

__all__ = [
    "VERDICT_WORDS",
    "Numbered",
    "Numbers",
    "many",
    "numbered",
    "paragraphs",
    "table_cells",
    "tally",
    "unlabelled",
    "warning",
]

SHORT = 3
"""So many sentences read well in one paragraph, whatever they cite."""

VERDICT_WORDS = {
    Label.SUPPORTED: "supported",
    Label.CONTRADICTED: "contradicted by its source",
    Label.NOT_ENOUGH_INFO: "not shown by its source",
    Label.CHECK_FAILED: "could not be checked",
}


@dataclass(frozen=True, slots=True)
class Numbered:
    """One quote under its number. `sentence` is the first that cites it; None when only the table does."""

    number: int
    citation: Citation
    sentence: CheckedSentence | None


def numbered(answer: Answer) -> tuple[Numbered, ...]:
    """Every quote of the answer, in the order a reader meets them; one inside another has the other's number."""
    found: list[Numbered] = []
    cells = answer.matrix.cells if answer.matrix else ()
    cited: list[tuple[Citation, CheckedSentence | None]] = [(c, s) for s in answer.sentences for c in s.citations]
    cited += [(citation, None) for cell in cells for citation in cell.citations]
    for citation, sentence in cited:
        if _holding(found, citation) is None:
            found.append(Numbered(len(found) + 1, citation, sentence))
    return tuple(found)


def _holding(quotes: Iterable[Numbered], citation: Citation) -> Numbered | None:
    """The first quote that has all of the citation's words."""
    for quote in quotes:
        whole = quote.citation
        if whole.paper_id == citation.paper_id and whole.start <= citation.start and citation.end <= whole.end:
            return quote
    return None


class Numbers:
    """The [n] of citations."""

    def __init__(self, quotes: Sequence[Numbered]) -> None:
        self._quotes = quotes

    def after(self, text: str, citations: Sequence[Citation]) -> str:
        """`text` with its citation numbers, before the full stop that ends it."""
        held = (_holding(self._quotes, citation) for citation in citations)
        numbers = sorted({quote.number for quote in held if quote is not None})
        if not numbers:
            return text
        marks = "".join(f"[{number}]" for number in numbers)
        if text.endswith((".", "?")):
            return f"{text[:-1]} {marks}{text[-1]}"
        return f"{text} {marks}"


def unlabelled(sentences: Sequence[CheckedSentence]) -> list[tuple[str, CheckedSentence]]:
    """Each sentence with its text, less a "Name: " where the one before is of the same paper and begins with Name."""
    texts: list[tuple[str, CheckedSentence]] = []
    for sentence in sentences:
        label, colon, rest = sentence.text.partition(": ")
        before = texts[-1][1] if texts else None
        repeated = before is not None and before.text.startswith(label) and _paper(before) == _paper(sentence)
        texts.append((rest if label and colon and repeated else sentence.text, sentence))
    return texts


def _paper(sentence: CheckedSentence) -> str:
    return sentence.citations[0].paper_id if sentence.citations else ""


def paragraphs(sentences: Sequence[CheckedSentence]) -> list[tuple[CheckedSentence, ...]]:
    """The sentences as one paragraph, or, where they go on over several papers, one for each paper's run of them."""
    runs = [tuple(run) for _, run in groupby(sentences, _paper)]
    return runs if len(runs) > 1 and len(sentences) > SHORT else [tuple(sentences)]


def table_cells(matrix: Matrix, numbers: Numbers, escape: Callable[[str], str]) -> list[list[str]]:
    """The matrix as rows of text, each with its name first, cells escaped and followed by their numbers."""
    of = {(cell.row, cell.column): cell for cell in matrix.cells}
    rows = []
    for row in matrix.rows:
        cells = [of.get((row, column)) for column in matrix.columns]
        rows.append(
            [escape(row), *(numbers.after(escape(cell.text), cell.citations) if cell else "" for cell in cells)]
        )
    return rows


def tally(answer: Answer) -> list[str]:
    """How many sentences passed, are marked, were dropped: one line each, none where there is nothing to say."""
    lines = []
    total = len(answer.sentences)
    passed = sum(sentence.verdict.label is Label.SUPPORTED for sentence in answer.sentences)
    if total:
        marked = f"; {total - passed} marked" if passed < total else ""
        lines.append(f"Checked against the sources: {passed} of {many(total, 'sentence')} supported{marked}.")
    if total:
        lines.append(f"Written by {answer.engine}{'' if answer.run else ', without a model'}.")
    if answer.partial:
        lines.append("This answer is partial: a budget ended, or the model failed, before all of it was written.")
    if answer.dropped:
        lines.append(f"Left out, because the sources did not carry it: {many(answer.dropped, 'sentence')}.")
    return lines


def warning(verdict: Verdict) -> str:
    """What stands behind a sentence that did not pass, in the prose itself."""
    return "" if verdict.label is Label.SUPPORTED else f" ({VERDICT_WORDS[verdict.label]})"


def many(count: int, noun: str) -> str:
    """`noun` with its count: 1 sentence, 2 sentences."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
