"""The check: a claim and the stored text in, a verdict with named checks out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.ground.align import Aligned, align
from agent.ground.names import missing_names, sibling
from agent.ground.numbers import Match, match_quantities
from agent.ground.polarity import polarity
from agent.ground.comparison import own_names, own_words, reversal
from agent.ground.roles import swap
from agent.ground.scope import overreach
from agent.ground.source import Source, read
from agent.ground.verbatim import verbatim
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

    def __init__(self, embedder: Embedder | None, sentence_vectors: Callable[[str], Vectors] | None = None) -> None:
        self._embedder = embedder
        self._stored = sentence_vectors
        self._vectors: dict[tuple[str, str], Vectors] = {}

    def check(self, claim: str, papers: Sequence[Paper], cited: Sequence[Quote] = ()) -> Verdict:
        """The verdict on one claim."""
        return self.check_many([Item(claim, tuple(papers), tuple(cited))])[0]

    def check_many(self, items: Sequence[Item]) -> tuple[Verdict, ...]:
        """The verdicts on many claims, in order; claims are embedded together."""
        return tuple(self._verdict(item) for item in items)

    def _verdict(self, item: Item) -> Verdict:
        if not item.papers:
            return _refused(Check("ids", Outcome.FAIL, "no paper is cited"))
        spans = _spans(item)
        if spans.outcome is Outcome.FAIL:
            return _refused(spans)
        source = read(item.papers)
        if not source.lines:
            return _refused(Check("align", Outcome.FAIL, "the cited paper has no abstract"))
        lines = verbatim(item.claim, source)
        if lines:
            check = Check("quote", Outcome.PASS, "the claim is the source's own words")
            return Verdict(Label.SUPPORTED, 0.99, (spans, check), tuple(line.quote for line in lines))
        try:
            cosines = self._cosines(item.claim, source)
        except PlumblineError as error:
            failed = Check("align", Outcome.SKIP, f"could not run: {error}")
            return Verdict(Label.CHECK_FAILED, 1.0, (spans, failed), ())
        return _layers(item.claim, source, align(item.claim, source, cosines), spans)

    def _cosines(self, claim: str, source: Source) -> list[float] | None:
        if self._embedder is None:
            return None
        import numpy as np

        vector = self._embedder.embed([claim])[0]
        stacked = np.concatenate([self._of(paper, source) for paper in source.papers])
        return [float(c) for c in stacked @ vector]

    def _of(self, paper: Paper, source: Source) -> Vectors:
        key = (paper.paper_id, paper.abstract)
        if key not in self._vectors:
            texts = [line.text for line in source.lines if line.paper_id == paper.paper_id]
            stored = self._stored(paper.paper_id) if self._stored is not None else None
            if stored is None or len(stored) != len(texts):
                assert self._embedder is not None  # noqa: S101 - only called with one
                stored = self._embedder.embed(texts)
            self._vectors[key] = stored
        return self._vectors[key]


def _refused(check: Check) -> Verdict:
    return Verdict(Label.NOT_ENOUGH_INFO, 0.99, (check,), ())


def _spans(item: Item) -> Check:
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


def _layers(claim: str, source: Source, aligned: tuple[Aligned, ...], spans: Check) -> Verdict:
    best = aligned[0]
    near = [a.line for a in aligned[:4]]
    checks = [spans, Check("align", Outcome.PASS, f"best sentence: overlap {best.overlap:.2f}, cosine {best.cosine:.2f}")]
    label = Label.SUPPORTED

    def add(name: str, fault: str, good: str, verdict: Label) -> None:
        nonlocal label
        checks.append(Check(name, Outcome.FAIL if fault else Outcome.PASS, fault or good))
        if fault and label is Label.SUPPORTED:
            label = verdict

    own = own_names(source.papers[0].abstract, source.papers[0].title)
    missing = missing_names(claim, source)
    add("names", f"not in the source: {', '.join(missing)}" if missing else "", "every name stands in the source", Label.CONTRADICTED if any(sibling(n, source, own) for n in missing) else Label.NOT_ENOUGH_INFO)
    numbers = match_quantities(claim, source, near)
    wrong = [n for n in numbers if n.match in (Match.CONFLICT, Match.ABSENT)]
    conflict = any(n.match is Match.CONFLICT for n in wrong)
    add("numbers", "; ".join(n.detail for n in wrong), "every number stands in the source", Label.CONTRADICTED if conflict else Label.NOT_ENOUGH_INFO)
    over = overreach(claim, near, source.stems)
    add("scope", f'"{over}" says more than the source' if over else "", "no more than the source says", Label.NOT_ENOUGH_INFO)
    found, agreed = reversal(claim, near, source)
    add("comparison", f'the claim has "{found.claimed.text}", the source "{found.stated.text}"' if found else "", "no comparison is turned round", Label.CONTRADICTED)
    mine = own_words(claim, own)
    placed = swap(claim, near, mine)
    add("roles", f'"{placed.joined[0]}" and "{placed.joined[1]}" do not belong together in the source' if placed else "", "nothing changed places", Label.CONTRADICTED)
    sides = polarity(claim, best.line.text, [line.text for line in near[1:]], mine)
    clash = [c for c in sides.clashes if c.weight >= (0.57 if c.kind != "opposite" else 0.5) and not (agreed and c.kind == "opposite")]
    add("polarity", "; ".join(f'"{c.claimed}" against "{c.stated}"' for c in clash) if len(clash) > sides.agree else "", "same polarity", Label.CONTRADICTED)
    return Verdict(label, 0.7, tuple(checks), (best.line.quote,))
