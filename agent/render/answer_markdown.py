"""An answer as a markdown document: what `/save` and `ask --markdown` write."""

from __future__ import annotations

from agent.render.literal import literal
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
from agent.types import Answer, Matrix

__all__ = ["markdown"]


def markdown(answer: Answer) -> str:
    """The answer as a markdown document that stands on its own, ending in a newline."""
    quotes = numbered(answer)
    numbers = Numbers(quotes)
    say = literal
    blocks = [f"## {say(answer.question)}"]
    if answer.abstention:
        missing = "".join(f"\n- missing: {say(part)}" for part in answer.abstention.missing)
        blocks.append(f"**No answer from this library.** {say(answer.abstention.reason)}\n{missing}".rstrip())
    if answer.sentences:
        groups = paragraphs(answer.sentences)
        point = "- " if len(groups) > 1 else ""
        texts = (
            " ".join(numbers.after(say(said), s.citations) + warning(s.verdict) for said, s in unlabelled(g))
            for g in groups
        )
        blocks.append("\n".join(point + text for text in texts))
    if answer.matrix and answer.matrix.rows and answer.matrix.columns:
        blocks.append(_table(answer.matrix, numbers))
    if answer.contradictions:
        blocks.append("\n".join(["### Where the papers disagree", "", *_disagreements(answer, numbers)]))
    if quotes:
        blocks.append("\n".join(["### Quotes", "", *(_quote(quote) for quote in quotes)]))
    blocks += ["\n".join(say(line) for line in lines) for lines in (tally(answer),) if lines]
    if answer.notes:
        blocks.append("\n".join(f"- {say(note)}" for note in answer.notes))
    if answer.missing and not answer.abstention:
        blocks.append("Not found in this library:\n\n" + "\n".join(f"- {say(part)}" for part in answer.missing))
    return "\n\n".join(blocks) + "\n"


def _disagreements(answer: Answer, numbers: Numbers) -> list[str]:
    """Pairs of papers that do not agree, each with the words of both."""
    say = literal
    lines = []
    for pair in answer.contradictions:
        lines.append(f"- {say(pair.subject)}, {say(pair.aspect)}: {say(pair.why)}")
        lines += [f"  - {numbers.after(f'{say(c.key)}: “{say(c.quote)}”', [c])}" for c in (pair.first, pair.second)]
    return lines


def _table(matrix: Matrix, numbers: Numbers) -> str:
    lines = ["| | " + " | ".join(literal(column) for column in matrix.columns) + " |"]
    lines.append("|---" * (len(matrix.columns) + 1) + "|")
    lines += [f"| {' | '.join(row)} |" for row in table_cells(matrix, numbers, literal)]
    return "\n".join(lines)


def _quote(quote: Numbered) -> str:
    citation, say = quote.citation, literal
    verdict = f" Verdict: {VERDICT_WORDS[quote.sentence.verdict.label]}." if quote.sentence else ""
    paper = f"{say(citation.title)} ({say(citation.key)}, {say(citation.paper_id)}"
    return (
        f"- [{quote.number}] “{say(citation.quote)}” {paper}, characters {citation.start} to {citation.end}).{verdict}"
    )
