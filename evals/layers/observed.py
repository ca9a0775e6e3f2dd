"""What every layer says of a claim: observed once, read many times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import CheckUnavailable
from agent.ground import Grounder, Item
from agent.ground.align import Aligned, align
from agent.ground.entail import Entailment, Pair, Scores, premise
from agent.ground.signals import Signals, observe
from agent.ground.source import Source, read
from agent.ground.words import content
from agent.types import Verdict
from evals.layers.sets import Labelled

if TYPE_CHECKING:
    from store.embed.protocol import Embedder
    from store.types import Vectors

__all__ = ["Observed", "Observer", "usable"]


@dataclass(frozen=True, slots=True)
class Observed:
    """One claim as the layers and the baselines see it.

    `words`: share of the claim's words in title and abstract; `cosine`: of the best sentence; `signals` None where the
    source has no sentence; `entailment` None without a model; `verdict` of all layers together.
    """

    row: Labelled
    words: float
    cosine: float
    signals: Signals | None
    entailment: Scores | None
    verdict: Verdict


class Observer:
    """Runs the layers over claims. Sentences of a paper are embedded once."""

    def __init__(self, embedder: Embedder, make: Callable[..., Grounder], entailment: Entailment | None) -> None:
        self._embedder = embedder
        self._entailment = entailment
        self._vectors: dict[str, Vectors] = {}
        self._grounder = make(embedder, self._vectors.get)

    def observe(self, rows: Sequence[Labelled]) -> list[Observed]:
        """Each row as every layer sees it, in order."""
        for row in rows:
            self._embed(row)
        vectors = self._embedder.embed([row.claim for row in rows]) if rows else []
        verdicts = self._grounder.check_many([Item(row.claim, (row.paper,)) for row in rows])
        return [self._one(*each) for each in zip(rows, vectors, verdicts, strict=True)]

    def _embed(self, row: Labelled) -> None:
        lines = [line.text for line in read([row.paper]).lines]
        if row.paper.paper_id not in self._vectors and lines:
            self._vectors[row.paper.paper_id] = self._embedder.embed(lines)

    def _one(self, row: Labelled, vector: Vectors, verdict: Verdict) -> Observed:
        source = read([row.paper])
        said = content(row.claim)
        words = sum(word.stem in source.stems for word in said) / len(said) if said else 0.0
        if not source.lines or not said:
            return Observed(row, words, 0.0, None, None, verdict)
        cosines = [float(c) for c in self._vectors[row.paper.paper_id] @ vector]
        aligned = align(row.claim, source, cosines)
        signals = observe(row.claim, source, aligned)
        return Observed(row, words, max(cosines), signals, self._entails(row.claim, source, aligned), verdict)

    def _entails(self, claim: str, source: Source, aligned: Sequence[Aligned]) -> Scores | None:
        if self._entailment is None:
            return None
        return self._entailment.score([Pair(premise(source, aligned), claim)])[0]


def usable(entailment: Entailment) -> bool:
    """False where the model is not there or cannot be loaded."""
    try:
        entailment.score([Pair("It is so.", "It is so.")])
    except CheckUnavailable:
        return False
    return True
