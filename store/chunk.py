"""Sentences and passages of an abstract."""

from __future__ import annotations

import re

from store.tokens import count
from store.types import Paper, Passage, Sentence, Span

__all__ = ["passages", "sentences", "split_sentences"]

_BREAK = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|vs|cf|Fig|Eq|Sec|resp|approx|etc|w\.r\.t|[A-Z])\.)$")


def split_sentences(text: str) -> tuple[Span, ...]:
    """Spans of the sentences of `text`, in order, trimmed of white space."""
    spans, start = [], 0
    for match in _BREAK.finditer(text):
        if _ABBREVIATION.search(text[: match.start()]):
            continue
        spans.append(Span(start, match.start()))
        start = match.end()
    if text[start:].strip():
        spans.append(Span(start, len(text.rstrip())))
    return tuple(spans)


def sentences(paper: Paper) -> tuple[Sentence, ...]:
    """The sentences of the abstract."""
    return tuple(
        Sentence(paper.paper_id, i, s.start, s.end, paper.abstract[s.start : s.end])
        for i, s in enumerate(split_sentences(paper.abstract))
    )


def passages(paper: Paper, max_tokens: int = 200) -> tuple[Passage, ...]:
    """Whole sentences packed under `max_tokens`."""
    packed: list[list[Sentence]] = []
    for sentence in sentences(paper):
        if packed and count(paper.abstract[packed[-1][0].start : sentence.end]) <= max_tokens:
            packed[-1].append(sentence)
        else:
            packed.append([sentence])
    return tuple(_passage(paper, group[0].start, group[-1].end) for group in packed)


def _passage(paper: Paper, start: int, end: int) -> Passage:
    text = paper.abstract[start:end]
    return Passage(f"{paper.paper_id}:{start}-{end}", paper.paper_id, start, end, text, count(text))
