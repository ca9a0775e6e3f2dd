"""What every layer says of a claim: observed once, read many times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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

    MakeGrounder: TypeAlias = Callable[[Embedder, Callable[[str], Vectors], Entailment | None], Grounder]

__all__ = ["Observed", "Observer", "usable"]


@dataclass(frozen=True, slots=True)
class Observed:
    """One claim as the layers and the baselines see it.

    `words`: share of the claim's words in title and abstract; `cosine`: of the best sentence; `signals` None where the
    source has no sentence. `entailment` None without a model; `verdict` is that of all layers together. Both are None
    for claims that thresholds are fitted on.
    """

    row: Labelled
    words: float
    cosine: float
    signals: Signals | None
    entailment: Scores | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class _Near:
    """A claim's source with its sentences nearest first; `aligned` is empty where there is nothing to align."""

    row: Labelled
    source: Source
    words: float
    cosine: float
    aligned: tuple[Aligned, ...]


class Observer:
    """Runs the layers over claims. Sentences of a paper are embedded once."""

    def __init__(self, embedder: Embedder, make: MakeGrounder, entailment: Entailment | None) -> None:
        self._embedder = embedder
        self._entailment = None if entailment is None else _Remembering(entailment)
        self._vectors: dict[str, Vectors] = {}
        self._grounder = make(embedder, self._vectors.__getitem__, self._entailment)

    def observe(self, rows: Sequence[Labelled]) -> list[Observed]:
        """Each row as every layer sees it, in order."""
        near = self._near(rows)
        verdicts = self._grounder.check_many([Item(row.claim, (row.paper,)) for row in rows])
        return [
            Observed(one.row, one.words, one.cosine, _signals(one), scores, verdict)
            for one, scores, verdict in zip(near, self._scores(near), verdicts, strict=True)
        ]

    def observe_to_fit(self, rows: Sequence[Labelled]) -> list[Observed]:
        """Each row as those layers see it that have a threshold, in order."""
        return [Observed(one.row, one.words, one.cosine, _signals(one)) for one in self._near(rows)]

    def _near(self, rows: Sequence[Labelled]) -> list[_Near]:
        for row in rows:
            self._embed(row)
        vectors = list(self._embedder.embed([row.claim for row in rows])) if rows else []
        return [self._one(row, vector) for row, vector in zip(rows, vectors, strict=True)]

    def _embed(self, row: Labelled) -> None:
        lines = [line.text for line in read([row.paper]).lines]
        if row.paper.paper_id not in self._vectors and lines:
            self._vectors[row.paper.paper_id] = self._embedder.embed(lines)

    def _one(self, row: Labelled, vector: Vectors) -> _Near:
        source, said = read([row.paper]), content(row.claim)
        words = sum(word.stem in source.stems for word in said) / len(said) if said else 0.0
        if not source.lines or not said:
            return _Near(row, source, words, 0.0, ())
        cosines = [float(c) for c in self._vectors[row.paper.paper_id] @ vector]
        return _Near(row, source, words, max(cosines), align(row.claim, source, cosines))

    def _scores(self, near: Sequence[_Near]) -> list[Scores | None]:
        """The entailment model's scores, all pairs judged in one call; None without a model or a source."""
        if self._entailment is None:
            return [None] * len(near)
        judged = [index for index, one in enumerate(near) if one.aligned]
        pairs = [Pair(premise(near[i].source, [a.line for a in near[i].aligned]), near[i].row.claim) for i in judged]
        found = dict(zip(judged, self._entailment.score(pairs), strict=True))
        return [found.get(index) for index in range(len(near))]


def _signals(one: _Near) -> Signals | None:
    return observe(one.row.claim, one.source, one.aligned) if one.aligned else None


class _Remembering:
    """A model that is asked for each pair once: alone and all together it says the same."""

    def __init__(self, inner: Entailment) -> None:
        self._inner = inner
        self._known: dict[Pair, Scores] = {}
        self.name = inner.name

    def score(self, pairs: Sequence[Pair]) -> tuple[Scores, ...]:
        """Scores for each pair, in order. Raises CheckUnavailable."""
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        self._known |= dict(zip(new, self._inner.score(new), strict=True))
        return tuple(self._known[pair] for pair in pairs)


def usable(entailment: Entailment) -> bool:
    """False where the model is not there or cannot be loaded."""
    try:
        entailment.score([Pair("It is so.", "It is so.")])
    except CheckUnavailable:
        return False
    return True
