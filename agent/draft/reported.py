"""The factors ("6.7x") that papers report, for the figure that draws them side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agent.findings import quantities
from agent.names import name_of_paper
from agent.types import Citation, Quantity, ReportedFigure
from store.types import Paper, Sentence

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["reported_figures"]

_SPEED = re.compile(r"\b(?:speed\w*|faster|accelerat\w+|throughput|latency)\b", re.I)
_REACH = 45
"""Characters around a factor in which the word that says what it measures must stand."""


def reported_figures(papers: Sequence[Paper], keys: Mapping[str, str], library: Library) -> tuple[ReportedFigure, ...]:
    """Each paper's largest reported speed-up factor, largest first; papers that report none are left out."""
    found: list[ReportedFigure] = []
    for paper in papers:
        best: tuple[float, Sentence] | None = None
        for sentence in library.sentences(paper.paper_id):
            for quantity in quantities(sentence.text):
                if _is_speedup(quantity, sentence.text) and (best is None or quantity.high > best[0]):
                    best = (quantity.high, sentence)
        if best is not None:
            value, sentence = best
            passage = library.passage_at(paper.paper_id, sentence.start, sentence.end)
            citation = Citation(
                keys[paper.paper_id],
                paper.paper_id,
                paper.title,
                passage.passage_id,
                sentence.start,
                sentence.end,
                sentence.text,
            )
            found.append(ReportedFigure(name_of_paper(paper) or paper.title, "speed-up", value, citation))
    return tuple(sorted(found, key=lambda figure: (-figure.value, figure.citation.key)))


def _is_speedup(quantity: Quantity, text: str) -> bool:
    if quantity.unit != "x" or quantity.high <= 1.0 or quantity.direction < 0:
        return False
    return _SPEED.search(text[max(0, quantity.start - _REACH) : quantity.end + _REACH]) is not None
