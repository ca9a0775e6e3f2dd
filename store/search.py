"""Search: lexical and dense, fused, grouped by paper.

1. Candidates: the best papers by BM25 and the best by their nearest passage.
2. A first order: z-scores of BM25, nearest passage and nearest sentence, summed.
3. Feedback: the words that mark the first ten papers are added to the query (the relevance model RM3 of
   Abdul-Jaleel et al., TREC 2004) and BM25 is asked again.
4. Smoothing: a paper's score is drawn a little towards those of its nearest neighbours among the candidates
   (score regularisation, Diaz, CIKM 2005).

`docs/decisions/0001-search-fusion.md` has the measurements behind each step and each constant.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from store.catalog import Catalog
from store.embed.protocol import Embedder
from store.errors import SearchFailed
from store.grouped import GroupedVectors, group
from store.lexical import LexicalIndex
from store.types import Hit, Passage, SearchFilter, Vectors

__all__ = ["IN_MEMORY", "Nearest", "Searcher"]

_log = logging.getLogger(__name__)

Numbers = npt.NDArray[np.float64]

IN_MEMORY = 10_000  # passages up to which all vectors are held in memory (about 80 MB) and scanned exactly
POOL = 200  # candidates from each side
SENTENCE, FIRST, FEEDBACK = 0.5, 0.5, 1.0  # weights of: nearest sentence, first BM25, second BM25
FEEDBACK_PAPERS, FEEDBACK_TERMS, FEEDBACK_SHARE = 10, 20, 0.5
NEIGHBOURS, SMOOTHING = 10, 0.3
DIGITS = 4  # of a score: what machines agree on


class Nearest(Protocol):
    """An index that finds the passages nearest to a vector."""

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Passage id and cosine of the `k` nearest, best first. Raises SearchFailed."""
        ...


class Searcher:
    """Searches one state of a library: make another when the catalog's generation rises.

    `nearest` serves libraries of more than `most_scanned` passages; without it, or where it fails, they too are
    scanned exactly, from the catalog.
    """

    def __init__(
        self,
        catalog: Catalog,
        lexical: LexicalIndex,
        embedder: Embedder,
        nearest: Nearest | None = None,
        most_scanned: int = IN_MEMORY,
    ) -> None:
        self._catalog = catalog
        self._lexical = lexical
        self._embedder = embedder
        self._nearest = nearest
        self._most_scanned = most_scanned
        self._whole: tuple[GroupedVectors, GroupedVectors] | None = None

    def search(self, query: str, k: int = 10, filters: SearchFilter = SearchFilter()) -> tuple[Hit, ...]:
        """The `k` best papers, each with its best passage; fewer only where fewer pass the filters.

        Raises SearchFailed, EmbedderUnavailable.
        """
        allowed = None if filters.is_empty() else frozenset(self._catalog.ids(filters))
        if k < 1 or (allowed is not None and not allowed):
            return ()
        vector = self._embedder.embed([query])[0]
        terms = dict.fromkeys(self._lexical.terms(query), 1.0)
        candidates = self._candidates(terms, vector, max(POOL, k), allowed)
        if not candidates:
            return ()
        passages, sentences = self._vectors(candidates)
        dense = scaled(
            scaled(passages.best_of(candidates, vector)) + SENTENCE * scaled(sentences.best_of(candidates, vector))
        )
        first = FIRST * scaled(self._bm25(terms, candidates)) + dense
        top = ranked(first)[:FEEDBACK_PAPERS]
        wider = self._feedback(terms, [candidates[place] for place in top], likelihoods(first[top]))
        second = FEEDBACK * scaled(self._bm25(wider, candidates)) + dense
        final = np.round(smoothed(scaled(second), sentences.means_of(candidates)), DIGITS)
        chosen = [(candidates[place], float(final[place])) for place in ranked(final)[:k]]
        return self._hits(chosen, passages, vector)

    def _candidates(
        self, terms: dict[str, float], vector: Vectors, pool: int, allowed: Collection[str] | None
    ) -> list[str]:
        worded = [paper_id for paper_id, _ in self._lexical.search_terms(terms, pool, allowed)]
        return sorted({*worded, *self._nearest_papers(vector, pool, allowed)})

    def _nearest_papers(self, vector: Vectors, pool: int, allowed: Collection[str] | None) -> list[str]:
        if self._nearest is not None and not self._small():
            try:
                return self._nearest_indexed(self._nearest, vector, pool, allowed)
            except SearchFailed as error:
                _log.warning("notice: %s (all stored vectors are scanned instead)", error)
                self._nearest = None
        passages = self._all_passages()
        scores = passages.best(vector)
        order = (passages.papers[place] for place in ranked(scores))
        return [paper_id for paper_id in order if allowed is None or paper_id in allowed][:pool]

    def _nearest_indexed(
        self, nearest: Nearest, vector: Vectors, pool: int, allowed: Collection[str] | None
    ) -> list[str]:
        """Ask for more until enough papers pass; scan exactly those that do where the filter is narrow."""
        total = self._catalog.totals().passages
        wanted = 2 * pool
        while wanted < total:
            found = nearest.query(vector, wanted)
            papers = list(dict.fromkeys(passage_id.rpartition(":")[0] for passage_id, _ in found))
            papers = [paper_id for paper_id in papers if allowed is None or paper_id in allowed]
            if len(papers) >= pool:
                return papers[:pool]
            if wanted >= 16 * pool and allowed is not None:
                break
            wanted *= 4
        passages = self._passages_of(None if allowed is None else sorted(allowed))
        return [passages.papers[place] for place in ranked(passages.best(vector))][:pool]

    def _bm25(self, terms: dict[str, float], candidates: Sequence[str]) -> Numbers:
        found = dict(self._lexical.search_terms(terms, len(candidates), candidates))
        return np.array([found.get(paper_id, 0.0) for paper_id in candidates])

    def _feedback(self, terms: dict[str, float], papers: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
        """The query's terms and, with as much weight together, those that mark the papers."""
        shares: dict[str, float] = {}
        total = self._catalog.totals().papers
        for weight, paper in zip(weights, self._catalog.papers(papers), strict=True):
            counts = self._lexical.counts(f"{paper.title} {paper.abstract}")
            length = max(sum(counts.values()), 1)
            for term, count in counts.items():
                shares[term] = shares.get(term, 0.0) + weight * count / length
        for term in list(shares):
            held = self._lexical.frequency(term)
            shares[term] *= 0.0 if held < 2 else math.log(1 + (total - held + 0.5) / (held + 0.5))
        marking = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:FEEDBACK_TERMS]
        whole = sum(share for _, share in marking)
        wider = {term: (1 - FEEDBACK_SHARE) / len(terms) for term in terms}
        for term, share in marking:
            if share > 0:
                wider[term] = wider.get(term, 0.0) + FEEDBACK_SHARE * share / whole
        return wider

    def _hits(self, chosen: Sequence[tuple[str, float]], passages: GroupedVectors, vector: Vectors) -> tuple[Hit, ...]:
        papers = self._catalog.papers([paper_id for paper_id, _ in chosen])
        return tuple(
            Hit(rank, paper, score, self._best_passage(paper.paper_id, passages, vector))
            for rank, (paper, (_, score)) in enumerate(zip(papers, chosen, strict=True), start=1)
        )

    def _best_passage(self, paper_id: str, passages: GroupedVectors, vector: Vectors) -> Passage:
        rows = passages.rows(paper_id)
        scores = np.round(passages.matrix[rows.start : rows.stop] @ vector, DIGITS)
        by_id = sorted(self._catalog.passages(paper_id), key=lambda passage: passage.passage_id)
        return by_id[int(np.argmax(scores))]

    # vectors

    def _small(self) -> bool:
        return self._catalog.totals().passages <= self._most_scanned

    def _vectors(self, candidates: Sequence[str]) -> tuple[GroupedVectors, GroupedVectors]:
        """Vectors of passages and of sentences, of all papers or at least of the candidates."""
        if not self._small():
            return self._passages_of(candidates), self._sentences_of(candidates)
        if self._whole is None:
            self._whole = self._all_passages(), self._sentences_of(None)
        return self._whole

    def _all_passages(self) -> GroupedVectors:
        return self._whole[0] if self._whole is not None else self._passages_of(None)

    def _passages_of(self, papers: Sequence[str] | None) -> GroupedVectors:
        names, matrix = self._catalog.passage_vectors(papers)
        return group([name.rpartition(":")[0] for name in names], matrix)

    def _sentences_of(self, papers: Sequence[str] | None) -> GroupedVectors:
        sentences, matrix = self._catalog.sentence_vectors(papers)
        return group([sentence.paper_id for sentence in sentences], matrix)


def ranked(scores: Numbers) -> list[int]:
    """Places by falling score; equal scores keep their order, which is that of the ids."""
    return [int(place) for place in np.lexsort((np.arange(len(scores)), -np.round(scores, 6)))]


def scaled(scores: Numbers) -> Numbers:
    """Z-scores; zeros where all are equal."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros_like(scores)


def likelihoods(scores: Numbers) -> list[float]:
    """Exponentials of the scores, summing to one: how far each paper is believed."""
    weights = np.exp(scores - scores.max())
    return [float(weight) for weight in weights / weights.sum()]


def smoothed(scores: Numbers, vectors: Vectors) -> Numbers:
    """Scores drawn towards the mean of each row's nearest neighbours', weighted by cosine."""
    count = min(NEIGHBOURS, len(scores) - 1)
    if count < 1:
        return scores
    near = np.round((vectors @ vectors.T).astype(np.float64), 6)
    np.fill_diagonal(near, -1.0)
    places = np.argsort(-near, axis=1, kind="stable")[:, :count]
    weights = np.maximum(np.take_along_axis(near, places, axis=1), 1e-6)
    around: Numbers = (scores[places] * weights).sum(axis=1) / weights.sum(axis=1)
    drawn: Numbers = (1 - SMOOTHING) * scores + SMOOTHING * around
    return drawn
