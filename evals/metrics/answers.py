"""What one answer gets right: papers, facts, abstention, form.

Each function gives the counts that one answer adds to a rate: (right ones, all).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from agent.types import CheckedSentence, Citation, Label
from evals.statistics import Counts
from store.text import canonical, fold
from store.types import Paper, Span

__all__ = [
    "covered",
    "locate",
    "paper_precision",
    "paper_recall",
    "quotes_exact",
    "said",
    "supported",
    "uncited",
    "words",
]

_LETTERS = re.compile(r"(?P<times>(?<=\d)\s*times\b|×)|(?<=\d)\.(?=\d)|[^\W_]")
_SAID = 0.8
"""A fact counts as said when this share of its words is: an answer may drop "we show that"."""


def paper_recall(cited: Collection[str], gold: Collection[str]) -> Counts:
    """Gold papers that are cited, of all gold papers."""
    return (float(len(set(gold) & set(cited))), float(len(set(gold))))


def paper_precision(cited: Collection[str], allowed: Collection[str]) -> Counts:
    """Cited papers that are gold or acceptable, of all cited papers."""
    return (float(len(set(cited) & set(allowed))), float(len(set(cited))))


def locate(paper: Paper, span: str) -> Span | None:
    """Where a gold span stands in the abstract, both in canonical form; None when it does not.

    Case, blanks and punctuation are passed over, and "6.7 times" is "6.7×": people copy spans from many renderings.
    """
    wanted = "".join(letter for letter, _ in _skeleton(canonical(span)))
    letters = _skeleton(paper.abstract)
    start = "".join(letter for letter, _ in letters).find(wanted)
    if start < 0 or not wanted:
        return None
    return Span(letters[start][1], letters[start + len(wanted) - 1][1] + 1)


def _skeleton(text: str) -> list[tuple[str, int]]:
    """Letters, digits and decimal points in lower case with their offsets; × and "times" after a number are "x"."""
    found = []
    for match in _LETTERS.finditer(text):
        letter = match.group().lower()
        found.append(("x" if match["times"] else letter if len(letter) == 1 else match.group(), match.end() - 1))
    return found


def covered(paper: Paper, fact: Span, citations: Iterable[Citation]) -> bool:
    """True when every letter and digit of the fact is inside quotes from its paper."""
    quoted = [(c.start, c.end) for c in citations if c.paper_id == paper.paper_id]
    return all(
        any(start <= at < end for start, end in quoted)
        for at in range(fact.start, fact.end)
        if paper.abstract[at].isalnum()
    )


def said(paper: Paper, fact: Span, sentences: Iterable[CheckedSentence]) -> bool:
    """True when the prose that cites the paper says the fact: four fifths of its words, folded."""
    wanted = fold(paper.abstract[fact.start : fact.end]).split()
    prose = (s.text for s in sentences if any(c.paper_id == paper.paper_id for c in s.citations))
    present = set(fold(" ".join(prose)).split())
    return sum(word in present for word in wanted) >= _SAID * len(wanted)


def quotes_exact(citations: Sequence[Citation], papers: dict[str, Paper]) -> Counts:
    """Citations whose quote is exactly the stored text at its span, of all citations."""
    exact = sum(
        c.paper_id in papers and papers[c.paper_id].abstract[c.start : c.end] == c.quote and bool(c.quote)
        for c in citations
    )
    return (float(exact), float(len(citations)))


def uncited(sentences: Sequence[CheckedSentence]) -> Counts:
    """Sentences without a citation, of all sentences."""
    return (float(sum(not s.citations for s in sentences)), float(len(sentences)))


def supported(sentences: Sequence[CheckedSentence]) -> Counts:
    """Sentences whose verdict is SUPPORTED, of all sentences."""
    return (float(sum(s.verdict.label is Label.SUPPORTED for s in sentences)), float(len(sentences)))


def words(sentences: Iterable[CheckedSentence]) -> int:
    """Words of the prose, divided by blanks; the matrix is not prose."""
    return sum(len(s.text.split()) for s in sentences)
