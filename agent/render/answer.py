"""An answer as a person reads it on a terminal: prose, table, quotes, and what was checked."""

from __future__ import annotations

from collections.abc import Sequence

from agent.render import escape
from agent.render.numbering import (
    VERDICT_WORDS,
    Numbered,
    Numbers,
    numbered,
    paragraphs,
    table_cells,
    tally,
    unlabelled,
    warning,
)
from agent.render.terminal import Look, grid, heading, paint, stacked, wrap
from agent.types import Abstention, Answer, CheckedSentence, Citation, Label, Matrix, Source

__all__ = ["mark", "terminal", "why"]

_MARKS = {
    Label.SUPPORTED: ("✓", "ok", "green"),
    Label.CONTRADICTED: ("✗", "NO", "red"),
    Label.NOT_ENOUGH_INFO: ("~", "??", "yellow"),
    Label.CHECK_FAILED: ("!", "!!", "yellow"),
}


def terminal(answer: Answer, look: Look, *, next_steps: Sequence[str] = ()) -> str:
    """The answer for a terminal `look.width` columns wide, without a final newline.

    `next_steps` are lines to end with: what the reader may try.
    """
    quotes = numbered(answer)
    blocks = [_abstention(answer.abstention, look)] if answer.abstention else []
    blocks += [_prose(answer, quotes, look), _table(answer.matrix, quotes, look)]
    blocks += [_disagreements(answer, quotes, look), _quotes(answer, quotes, look)]
    blocks += [
        [paint(line, "dim", look) for text in tally(answer) for line in wrap(escape.terminal(text), look.width)],
        _missing(answer, look),
    ]
    if next_steps:
        blocks.append([heading("Next", look), *(f"  {escape.terminal(step)}" for step in next_steps)])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _abstention(abstention: Abstention, look: Look) -> list[str]:
    lines = [paint("No answer from this library.", "yellow", look)]
    lines += wrap(escape.terminal(abstention.reason), look.width, first="  ", rest="  ")
    for missing in abstention.missing:
        lines += wrap(escape.terminal(missing), look.width, first="  missing: ", rest="           ")
    return lines


def _prose(answer: Answer, quotes: Sequence[Numbered], look: Look) -> list[str]:
    if not answer.sentences:
        return []
    numbers = Numbers(quotes)
    lines = [paint("Nearest to it:", "bold", look)] if answer.abstention else []
    groups = paragraphs(answer.sentences)
    point = "" if len(groups) == 1 else ("• " if look.unicode else "- ")
    for group in groups:
        text = " ".join(
            numbers.after(escape.terminal(said), s.citations) + warning(s.verdict) for said, s in unlabelled(group)
        )
        lines += wrap(text, look.width, first=point, rest=" " * len(point))
    return lines


def _table(matrix: Matrix | None, quotes: Sequence[Numbered], look: Look) -> list[str]:
    if matrix is None or not matrix.rows or not matrix.columns:
        return []
    header = ["", *(escape.terminal(column) for column in matrix.columns)]
    rows = table_cells(matrix, Numbers(quotes), escape.terminal)
    return [heading("Side by side", look), *(grid(header, rows, look) or stacked(header, rows, look))]


def _disagreements(answer: Answer, quotes: Sequence[Numbered], look: Look) -> list[str]:
    """Pairs of papers that do not agree, each with the words of both."""
    if not answer.contradictions:
        return []
    numbers = Numbers(quotes)
    open_mark, close_mark = ("“", "”") if look.unicode else ('"', '"')
    lines = [heading("Where the papers disagree", look)]
    for pair in answer.contradictions:
        lines += wrap(escape.terminal(f"{pair.subject}, {pair.aspect}: {pair.why}"), look.width, first="  ", rest="  ")
        for citation in (pair.first, pair.second):
            text = f"{escape.terminal(citation.key)}: {open_mark}{escape.terminal(citation.quote)}{close_mark}"
            lines += wrap(numbers.after(text, [citation]), look.width, first="    ", rest="      ")
    return lines


def _quotes(answer: Answer, quotes: Sequence[Numbered], look: Look) -> list[str]:
    """The quotes, by paper, in the order of their numbers; what stands in the table already is not said again."""
    if not quotes:
        return []
    lines = [heading("The quotes behind it", look)]
    sources = {source.paper.paper_id: source for source in answer.sources}
    cells = {cell.text.strip(" .") for cell in answer.matrix.cells} if answer.matrix else set()
    for paper_id in dict.fromkeys(quote.citation.paper_id for quote in quotes):
        of_paper = [quote for quote in quotes if quote.citation.paper_id == paper_id]
        lines += _paper_line(of_paper[0].citation, sources.get(paper_id), look)
        shown = {quote.number for quote in of_paper if quote.sentence is None and _squeezed(quote) in cells}
        for quote in of_paper:
            lines += [] if quote.number in shown else _quote_lines(quote, look)
        if shown:
            numbers = " ".join(f"[{number}]" for number in sorted(shown))
            lines += wrap(f"{numbers} word for word in the table", look.width, first="  ", rest="  ")
    return lines


def _squeezed(quote: Numbered) -> str:
    return quote.citation.quote.strip(" .")


def _paper_line(citation: Citation, source: Source | None, look: Look) -> list[str]:
    title = escape.terminal(citation.title)
    year = f" ({source.paper.year})" if source and source.paper.year else ""
    key, where = escape.terminal(citation.key), escape.terminal(citation.paper_id)
    lines = wrap(f"{title}{year}", look.width)
    return [*(paint(line, "cyan", look) for line in lines), paint(f"  {key}  {where}", "dim", look)]


def _quote_lines(quote: Numbered, look: Look) -> list[str]:
    open_mark, close_mark = ("“", "”") if look.unicode else ('"', '"')
    number = f"  [{quote.number}] "
    text = f"{open_mark}{escape.terminal(quote.citation.quote)}{close_mark}"
    mark = _mark(quote.sentence, look)
    lines = wrap(text, look.width, first=number + " " * (len(mark) + 1 if mark else 0), rest=" " * len(number))
    if not mark or quote.sentence is None:
        return lines
    style = _MARKS[quote.sentence.verdict.label][2]
    return [number + paint(mark, style, look) + lines[0][len(number) + len(mark) :], *lines[1:]]


def _mark(sentence: CheckedSentence | None, look: Look) -> str:
    if sentence is None:
        return ""
    unicode, plain, _ = _MARKS[sentence.verdict.label]
    return unicode if look.unicode else plain


def mark(label: Label, look: Look) -> str:
    """The mark of a verdict, in its colour."""
    unicode, plain, style = _MARKS[label]
    return paint(unicode if look.unicode else plain, style, look)


def _missing(answer: Answer, look: Look) -> list[str]:
    """The parts of the question the library lacks, of an answer that has others."""
    if answer.abstention or not answer.missing:
        return []
    lines = [paint("Not found in this library:", "yellow", look)]
    for missing in answer.missing:
        lines += wrap(escape.terminal(missing), look.width, first="  - ", rest="    ")
    return lines


def why(quote: Numbered, look: Look, before: str = "", after: str = "", fault: str = "") -> str:
    """Why the sentence that cites this quote has its verdict: the quote in its context, every check with its reason.

    `before` and `after` are the sentences around the quote; `fault` says that it no longer stands where it was.
    """
    lines = wrap(f"[{quote.number}] {escape.terminal(quote.citation.title)}", look.width, rest="    ")
    lines.append(
        f"    {escape.terminal(quote.citation.passage_id)}, characters {quote.citation.start} to {quote.citation.end}"
    )
    for label, text in (("before", before), ("quote", quote.citation.quote), ("after", after), ("but", fault)):
        if text:
            lines += wrap(escape.terminal(text), look.width, first=f"    {label + ':':<8}", rest=" " * 12)
    if quote.sentence is None:
        return "\n".join([*lines, "    cited in the table only: the cell is the quote itself"])
    verdict = quote.sentence.verdict
    lines += wrap(escape.terminal(quote.sentence.text), look.width, first="    said:   ", rest=" " * 12)
    lines.append(f"    {VERDICT_WORDS[verdict.label]}, confidence {verdict.confidence:.2f}")
    for check in verdict.checks:
        text = escape.terminal(f"{check.name} {check.outcome.value}: {check.detail}".rstrip(": "))
        lines += wrap(text, look.width, first="      ", rest="        ")
    return "\n".join(lines)
