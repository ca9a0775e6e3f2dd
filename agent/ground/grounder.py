"""The check: a claim and the stored text in, a verdict with named checks out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from agent.errors import CheckUnavailable
from agent.ground.align import align
from agent.ground.entail import BundledEntailment, Entailment, Pair, premise
from agent.ground.own import nameless
from agent.ground.signals import Signals, observe
from agent.ground.source import Source, read
from agent.ground.verbatim import verbatim
from agent.ground.verdict import Weights, checks_of, decide, load_weights, undecided
from agent.ground.words import content
from agent.types import Check, Label, Outcome, Quote, Verdict
from store.embed.protocol import Embedder
from store.errors import PlumblineError
from store.types import Paper, Vectors

__all__ = ["Grounder", "Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to check: a claim, the papers it cites, and the quotes it cites."""

    claim: str
    papers: tuple[Paper, ...]
    cited: tuple[Quote, ...] = ()


class Grounder:
    """Checks claims against stored text; knows nothing of who wrote them.

    `sentence_vectors(paper_id)` gives stored vectors of `store.chunk.sentences(paper)`, so that only claims are embedded.
    """

    def __init__(
        self,
        embedder: Embedder | None,
        sentence_vectors: Callable[[str], Vectors] | None = None,
        entailment: Entailment | None = None,
    ) -> None:
        self._embedder = embedder
        self._stored = sentence_vectors
        self._entailment = entailment or BundledEntailment()
        self._vectors: dict[tuple[str, str], Vectors] = {}

    def check(self, claim: str, papers: Sequence[Paper], cited: Sequence[Quote] = ()) -> Verdict:
        """The verdict on one claim."""
        return self.check_many([Item(claim, tuple(papers), tuple(cited))])[0]

    def check_many(self, items: Sequence[Item]) -> tuple[Verdict, ...]:
        """The verdicts on many claims, in order; claims are embedded together."""
        started = [_begin(item) for item in items]
        open_ones = [s for s in started if s.verdict is None]
        try:
            signals = self._signals(open_ones)
            weights = load_weights()
        except PlumblineError as error:
            return tuple(s.verdict or _unavailable(s.spans, error) for s in started)
        decided = iter([_decided(s.spans, found, weights) for s, found in zip(open_ones, signals, strict=True)])
        return tuple(s.verdict or next(decided) for s in started)

    def observe_many(self, items: Sequence[Item]) -> tuple[Signals | None, ...]:
        """What the layers find of each claim; None where ids, spans or the source's own words settle it.

        Raises CheckUnavailable where a layer cannot run.
        """
        started = [_begin(item) for item in items]
        found = iter(self._signals([s for s in started if s.verdict is None]))
        return tuple(None if s.verdict else next(found) for s in started)

    def _signals(self, started: Sequence[_Started]) -> list[Signals]:
        vectors = self._embed([s.claim for s in started])
        return self._weighed([self._observed(s, vectors) for s in started])

    def _observed(self, started: _Started, vectors: Mapping[str, Vectors]) -> _Observed:
        source = read(started.papers)
        vector = vectors.get(started.claim)
        cosines = None if vector is None else [float(c) for c in self._lines(source) @ vector]
        aligned = align(started.claim, source, cosines)
        pair = Pair(premise(source, [near.line for near in aligned]), started.claim)
        return _Observed(observe(started.claim, source, aligned), pair, source)

    def _weighed(self, observed: Sequence[_Observed]) -> list[Signals]:
        """The signals, with what the dear layers say where the others leave it open; with none open no model is asked."""
        still_open = [one for one in observed if undecided(one.signals)]
        if not still_open:
            return [one.signals for one in observed]
        apart = self._apart(still_open)
        scores = self._entailment.score([one.pair for one in still_open])
        weighed = iter(
            [
                replace(one.signals, entailment=score, apart=cosine)
                for one, score, cosine in zip(still_open, scores, apart, strict=True)
            ]
        )
        return [next(weighed) if undecided(one.signals) else one.signals for one in observed]

    def _apart(self, observed: Sequence[_Observed]) -> list[float | None]:
        """The cosine of the nearest sentence to each claim without the paper's own name; None where it names none."""
        bare = [_nameless(one) for one in observed]
        vectors = self._embed([text for text, one in zip(bare, observed, strict=True) if text != one.pair.claim])
        return [
            float((self._lines(one.source) @ vectors[text]).max()) if text in vectors else None
            for text, one in zip(bare, observed, strict=True)
        ]

    def _embed(self, claims: Sequence[str]) -> dict[str, Vectors]:
        if self._embedder is None or not claims:
            return {}
        unique = list(dict.fromkeys(claims))
        return dict(zip(unique, self._embedder.embed(unique), strict=True))

    def _lines(self, source: Source) -> Vectors:
        """One row a line of the source: stored vectors where there are any, else embedded once."""
        import numpy as np

        return np.concatenate([self._of(paper, source) for paper in source.papers])

    def _of(self, paper: Paper, source: Source) -> Vectors:
        key = (paper.paper_id, paper.abstract)
        if key not in self._vectors:
            texts = [line.text for line in source.lines if line.paper_id == paper.paper_id]
            stored = self._stored(paper.paper_id) if self._stored is not None else None
            if (stored is None or len(stored) != len(texts)) and self._embedder is not None:
                stored = self._embedder.embed(texts)
            if stored is None:
                raise CheckUnavailable("no vectors of the source's sentences and no embedder to make them")
            self._vectors[key] = stored
        return self._vectors[key]


@dataclass(frozen=True, slots=True)
class _Started:
    """An item after the exact checks: a verdict when they settle it."""

    claim: str
    papers: tuple[Paper, ...]
    spans: Check
    verdict: Verdict | None


class _Observed(NamedTuple):
    """What the layers found of a claim, and what an entailment model would be asked."""

    signals: Signals
    pair: Pair
    source: Source


def _nameless(observed: _Observed) -> str:
    """The claim without the names that the cited papers introduce."""
    text = observed.pair.claim
    for paper in observed.source.papers:
        text = nameless(text, paper.title, paper.abstract)
    return text


def _decided(spans: Check, signals: Signals, weights: Weights) -> Verdict:
    decision = decide(signals, weights)
    return Verdict(decision.label, decision.confidence, (spans, *checks_of(signals, decision)), _evidence(signals))


def _begin(item: Item) -> _Started:
    claim = " ".join(item.claim.split())
    papers = tuple(dict.fromkeys(item.papers))
    spans = _spans(item)
    return _Started(claim, papers, spans, _settled(claim, papers, spans))


def _settled(claim: str, papers: tuple[Paper, ...], spans: Check) -> Verdict | None:
    """The verdict where ids, spans or the source's own words settle it."""
    if spans.outcome is Outcome.FAIL:
        return Verdict(Label.NOT_ENOUGH_INFO, 0.99, (spans,), ())
    source = read(papers)
    if not source.lines:
        return Verdict(
            Label.NOT_ENOUGH_INFO,
            0.99,
            (spans, Check("alignment", Outcome.FAIL, "the cited paper has no abstract")),
            (),
        )
    if not content(claim):
        return Verdict(
            Label.NOT_ENOUGH_INFO,
            0.99,
            (spans, Check("alignment", Outcome.FAIL, "the claim says nothing that could be checked")),
            (),
        )
    lines = verbatim(claim, source)
    if not lines:
        return None
    quote = Check("quote", Outcome.PASS, "the claim is the source's own words")
    return Verdict(Label.SUPPORTED, 0.99, (spans, quote), tuple(line.quote for line in lines))


def _unavailable(spans: Check, error: PlumblineError) -> Verdict:
    return Verdict(Label.CHECK_FAILED, 1.0, (spans, Check("alignment", Outcome.SKIP, f"could not run: {error}")), ())


def _evidence(signals: Signals) -> tuple[Quote, ...]:
    """The nearest line, the lines a fault was found against, and a second: the neighbour it makes a pair with, else one
    not much farther.
    """
    best = signals.near[0]
    lines = [best.line]
    lines += [found.line for found in (signals.edit, signals.reversal, signals.swap) if found is not None]
    second = [a.line for a in signals.near[1:2] if a.score >= 0.7 * best.score]
    lines += second if signals.beside is None else [signals.beside]
    return tuple(dict.fromkeys(line.quote for line in lines))


def _spans(item: Item) -> Check:
    if not item.papers:
        return Check("ids", Outcome.FAIL, "no paper is cited")
    by_id = {p.paper_id: p for p in item.papers}
    for quote in item.cited:
        paper = by_id.get(quote.paper_id)
        if paper is None:
            return Check("ids", Outcome.FAIL, f"the quote cites {quote.paper_id}, which is not among the papers given")
        if paper.abstract[quote.start : quote.end] != quote.quote:
            return Check(
                "spans", Outcome.FAIL, f"the quote is not what stands at {quote.start}-{quote.end} of {quote.paper_id}"
            )
    return Check("spans", Outcome.PASS, "every cited id and span resolves")
