"""Findings: the quantities a sentence reports, with what was measured and against what."""

from __future__ import annotations

from agent.quantities import quantities
from agent.types import Finding, Quantity
from store.types import Paper, Sentence

__all__ = ["Finding", "Quantity", "findings", "quantities"]


def findings(paper: Paper, sentence: Sentence) -> tuple[Finding, ...]:
    """One finding a quantity of the sentence, with offsets into the paper's abstract."""
    return tuple(
        Finding(
            paper_id=paper.paper_id,
            start=sentence.start + quantity.start,
            end=sentence.start + quantity.end,
            quantity=quantity,
            aspect=None,
            subject=None,
            baseline=None,
            condition=None,
        )
        for quantity in quantities(sentence.text)
    )
