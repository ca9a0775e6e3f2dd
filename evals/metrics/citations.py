"""Citation recall and precision as ALCE defines them (Gao et al., Enabling Large Language Models to Generate Text with
Citations, 2023), with our checker in the place of its entailment model.

Recall: a sentence counts when the passages it cites together entail it. Precision: a citation counts when its sentence
does and either it entails the sentence alone or the others no longer do without it. The premise is the cited text
alone, never the rest of the abstract.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.types import CheckedSentence, Citation, Label
from evals.statistics import Counts
from store.types import Paper

if TYPE_CHECKING:
    from agent.ground import Grounder

__all__ = ["Entails", "citation_counts", "entails_with"]

Entails = Callable[[str, Sequence[Citation]], bool]
"""Whether the cited texts together entail the sentence."""


def citation_counts(sentences: Sequence[CheckedSentence], entails: Entails) -> tuple[Counts, Counts]:
    """What an answer adds to citation recall (sentences) and to citation precision (citations)."""
    recalled = precise = citations = 0
    for sentence in sentences:
        cited = sentence.citations
        citations += len(cited)
        if not cited or not entails(sentence.text, cited):
            continue
        recalled += 1
        precise += sum(_counts(sentence.text, cited, index, entails) for index in range(len(cited)))
    return (float(recalled), float(len(sentences))), (float(precise), float(citations))


def entails_with(grounder: Grounder, papers: dict[str, Paper]) -> Entails:
    """Entailment by the checker over the cited quotes alone."""

    def entails(text: str, cited: Sequence[Citation]) -> bool:
        premises = [
            replace(papers[paper_id], abstract=_quoted(paper_id, cited))
            for paper_id in sorted({c.paper_id for c in cited})
        ]
        return grounder.check(text, premises).label is Label.SUPPORTED

    return entails


def _quoted(paper_id: str, cited: Sequence[Citation]) -> str:
    """The quotes of a paper, each once, in the order in which they stand in it."""
    spans = {(c.start, c.end): c.quote for c in cited if c.paper_id == paper_id}
    return " ".join(spans[span] for span in sorted(spans))


def _counts(text: str, cited: Sequence[Citation], index: int, entails: Entails) -> bool:
    if len(cited) == 1:
        return True
    rest = [*cited[:index], *cited[index + 1 :]]
    return entails(text, [cited[index]]) or not entails(text, rest)
