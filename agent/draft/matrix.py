"""The comparison matrix of a review: every paper by what it measures, each cell a quote or "not reported"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agent.compare import NOT_REPORTED
from agent.findings import quantities
from agent.mood import states
from agent.names import name_of_paper
from agent.types import Cell, Citation, Matrix, Quantity
from store.types import Paper, Sentence

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["make_matrix"]

_ASPECTS = {
    "speed": r"faster|slower|speed\w*|latenc\w+|throughput|real[- ]time|fps|frames|tokens per second|tokens/s|"
    r"(?:inference|training|generation|running|wall[- ]clock|sampling) times?|runtime|accelerat\w+",
    "memory": r"memory|footprint|storage|vram|dram|cache size",
    "accuracy": r"accurac\w+|precision|recall|perplexity|error rate|mean error|m?iou|map|auc|f1|bleu|wer|top-?1|"
    r"success rates?|win rates?",
    "quality": r"quality|fid|fids|psnr|ssim|lpips|mos|fidelity",
    "size": r"parameters?|model size|compress\w*|weights|flops|sparsity|bits?",
    "energy": r"energy|power|carbon|emissions?",
}
_SHOWN = {name: re.compile(rf"\b(?:{words})\b", re.I) for name, words in _ASPECTS.items()}
_REACH = 40
"""Characters between a measured value and the word that says what it measures, at most."""
_WORDS = 32
"""Words above which only the telling clause of a sentence is quoted."""
_LEAST = 2
"""Papers that must report on an aspect for it to be a column."""
_CUT = re.compile(r"(?:;|,(?!\d))\s+(?:and\s+|while\s+|whereas\s+|but\s+)?|\s+(?=(?:while|whereas)\b)")


def make_matrix(papers: Sequence[Paper], keys: Mapping[str, str], library: Library) -> Matrix | None:
    """One row a paper, in the order given; None when fewer than two papers report on any one aspect."""
    names = _names(papers, keys)
    rows = [
        {aspect: _cell(names[paper.paper_id], aspect, paper, keys, library) for aspect in _ASPECTS} for paper in papers
    ]
    columns = tuple(aspect for aspect in _ASPECTS if sum(bool(row[aspect].citations) for row in rows) >= _LEAST)
    if not columns:
        return None
    return Matrix(tuple(names.values()), columns, tuple(row[aspect] for row in rows for aspect in columns))


def _names(papers: Sequence[Paper], keys: Mapping[str, str]) -> dict[str, str]:
    """A short name for each paper, unique."""
    names: dict[str, str] = {}
    for paper in papers:
        name = name_of_paper(paper) or paper.title
        names[paper.paper_id] = f"{name} ({keys[paper.paper_id]})" if name in names.values() else name
    return names


def _cell(row: str, aspect: str, paper: Paper, keys: Mapping[str, str], library: Library) -> Cell:
    best: tuple[float, Sentence] | None = None
    for sentence in library.sentences(paper.paper_id):
        fit = _fit(sentence.text, aspect) if states(sentence.text) else 0.0
        if fit > 0.0 and (best is None or fit > best[0]):
            best = (fit, sentence)
    if best is None:
        return Cell(row, aspect, NOT_REPORTED, ())
    start, end = _telling(best[1], aspect)
    quote = paper.abstract[start:end]
    passage = library.passage_at(paper.paper_id, start, end)
    citation = Citation(keys[paper.paper_id], paper.paper_id, paper.title, passage.passage_id, start, end, quote)
    return Cell(row, aspect, quote, (citation,))


def _fit(text: str, aspect: str) -> float:
    """How near a measured value stands to a word of the aspect, 0 (not near, or nearer to another aspect) to 1."""
    places = {name: [match.span() for match in pattern.finditer(text)] for name, pattern in _SHOWN.items()}
    gaps = []
    for value in (quantity for quantity in quantities(text) if quantity.unit):
        near = {name: _gap(value, spans) for name, spans in places.items()}
        if near[aspect] <= min(near.values()):
            gaps.append(near[aspect])
    nearest = min(gaps, default=_REACH + 1)
    return 0.0 if nearest > _REACH else 1.0 - nearest / (2.0 * _REACH)


def _gap(value: Quantity, spans: Sequence[tuple[int, int]]) -> int:
    """Characters from a value to the nearest of the spans."""
    return min((max(0, start - value.end, value.start - end) for start, end in spans), default=_REACH + 1)


def _telling(sentence: Sentence, aspect: str) -> tuple[int, int]:
    """The span of a short sentence, or of the clauses of a long one that carry the value and its aspect."""
    text = sentence.text
    if len(text.split()) <= _WORDS:
        return sentence.start, sentence.end
    cuts = [0, *(match.end() for match in _CUT.finditer(text)), len(text)]
    spans = [(a, b) for i, a in enumerate(cuts) for b in cuts[i + 1 :] if 6 <= len(text[a:b].split()) <= _WORDS]
    telling = [
        (a, b) for a, b in spans if _fit(text[a:b], aspect) > 0.0 and text[a:b].count("(") == text[a:b].count(")")
    ]
    if not telling:
        return sentence.start, sentence.end
    start, end = min(telling, key=lambda span: (span[0] != 0, span[1] - span[0], span[0]))
    trimmed = re.sub(r"[\s,;]+(?:and|while|whereas|but)?\s*$", "", text[start:end])
    return sentence.start + start, sentence.start + start + len(trimmed)
