"""Search over a real catalog: fused, grouped by paper, filtered, the same whichever way vectors are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import store.search
from store.catalog import Catalog, Source
from store.embed.fake import HashEmbedder
from store.errors import SearchFailed
from store.grouped import group
from store.ingest import entry_of, vectors_of
from store.lexical import LexicalIndex
from store.search import Searcher, likelihoods, ranked, scaled, smoothed
from store.types import Paper, SearchFilter, Vectors

THEMES = {
    "pruning": "Weights that matter little are removed. The pruned network keeps its accuracy at half the size.",
    "caching": "Keys and values of earlier tokens are kept. The cache is compressed so that long prompts fit.",
    "speech": "A voice is synthesised from text in one step. Listeners prefer it to slower samplers.",
    "federated": "Clients train on their own data. A server averages what they send, malicious ones are left out.",
}
FILLER = " ".join(
    f"Experiment number {n} confirms the result on another benchmark of moderate size." for n in range(30)
)


def papers() -> list[Paper]:
    made = [
        Paper(
            f"p{place:02d}{number:02d}",
            f"{theme.title()} method {number}",
            f"{text} Variant {number} is studied here." + (f" {FILLER}" if number == 0 else ""),
            year=2020 + number,
            source=f"{theme}.txt",
        )
        for place, (theme, text) in enumerate(THEMES.items())
        for number in range(4)
    ]
    return [*made, Paper("p9999", "Bread", "Yeast makes gas, and dough rises.", source="bread.txt")]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path, create=True)
    embedder = HashEmbedder(256)
    catalog.remember_embedder(embedder.info)
    entries = [entry_of(p, [Source(p.paper_id.encode(), p.source or "", "1")]) for p in papers()]
    catalog.store(entries, vectors_of(entries, catalog, embedder))
    return catalog


@pytest.fixture
def lexical(catalog: Catalog) -> LexicalIndex:
    index = LexicalIndex(None)
    index.rebuild(catalog.papers(catalog.ids()), catalog.generation())
    return index


@pytest.fixture
def searcher(catalog: Catalog, lexical: LexicalIndex) -> Searcher:
    return Searcher(catalog, lexical, HashEmbedder(256))


class Scan:
    """Stands for the vector index: an exact scan that counts how often it is asked."""

    def __init__(self, catalog: Catalog) -> None:
        self.names, self.matrix = catalog.passage_vectors()
        self.asked: list[int] = []

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        self.asked.append(k)
        scores = self.matrix @ vector
        return [(self.names[place], float(scores[place])) for place in np.argsort(-scores, kind="stable")[:k]]


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_comes_first(searcher: Searcher, theme: str) -> None:
    hits = searcher.search(THEMES[theme].split(".")[0], 4)
    assert {hit.paper.source for hit in hits} == {f"{theme}.txt"}
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_one_hit_a_paper_with_its_best_passage(searcher: Searcher) -> None:
    hits = searcher.search("pruned weights are removed from the network", 50)
    names = [hit.paper.paper_id for hit in hits]
    assert len(names) == len(set(names)) == len(papers())
    for hit in hits:
        assert hit.passage.paper_id == hit.paper.paper_id
        assert hit.paper.abstract[hit.passage.start : hit.passage.end] == hit.passage.text
    long = next(hit for hit in hits if hit.paper.paper_id == "p0000")
    assert long.passage.start == 0  # its other passages are filler


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        (SearchFilter(year_from=2022), lambda p: p.year is not None and p.year >= 2022),
        (SearchFilter(sources=("speech.txt",)), lambda p: p.source == "speech.txt"),
        (SearchFilter(paper_ids=("p0001", "p0102", "none")), lambda p: p.paper_id in ("p0001", "p0102")),
        (SearchFilter(paper_ids=("none",)), lambda p: False),
    ],
)
def test_filters(searcher: Searcher, filters: SearchFilter, kept: object) -> None:
    assert callable(kept)
    found = {hit.paper.paper_id for hit in searcher.search("pruning the cache", 50, filters)}
    assert found == {paper.paper_id for paper in papers() if kept(paper)}


@pytest.mark.parametrize("query", ["???", "zebra", "x" * 5000, "pruning\x00\x1b[31m", "\ud800", "word " * 20_000])
def test_any_query_is_answered(searcher: Searcher, query: str) -> None:
    assert len(searcher.search(query, 3)) == 3


def test_nothing_is_asked_for_or_held(searcher: Searcher, tmp_path: Path) -> None:
    assert searcher.search("pruning", 0) == ()
    (tmp_path / "empty").mkdir()
    empty, index = Catalog(tmp_path / "empty", create=True), LexicalIndex(None)
    index.rebuild([], 0)
    assert Searcher(empty, index, HashEmbedder(256)).search("pruning") == ()


def test_an_index_that_fails_is_not_an_empty_result(catalog: Catalog) -> None:
    with pytest.raises(SearchFailed):
        Searcher(catalog, LexicalIndex(None), HashEmbedder(256)).search("pruning")


def test_large_libraries_are_searched_through_the_index_alike(
    catalog: Catalog, lexical: LexicalIndex, searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.search, "POOL", 10)  # so that the index is asked for a part of the library only
    query, narrow = "a compressed cache", SearchFilter(sources=("speech.txt",))
    expected, filtered = searcher.search(query, 8), searcher.search(query, 8, narrow)
    scan = Scan(catalog)
    indexed = Searcher(catalog, lexical, HashEmbedder(256), scan, most_scanned=0)
    assert indexed.search(query, 8) == expected
    assert indexed.search(query, 8, narrow) == filtered
    assert scan.asked
    assert Searcher(catalog, lexical, HashEmbedder(256), most_scanned=0).search(query, 8) == expected


def test_a_narrow_filter_is_scanned_exactly(
    catalog: Catalog, lexical: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store.search, "POOL", 1)
    filters = SearchFilter(paper_ids=("p9999", "p0303"))
    hits = Searcher(catalog, lexical, HashEmbedder(256), Scan(catalog), most_scanned=0).search(
        "weights that matter", 1, filters
    )
    assert len(hits) == 1


def test_the_same_query_gives_the_same_hits(catalog: Catalog, lexical: LexicalIndex, searcher: Searcher) -> None:
    again = Searcher(catalog, lexical, HashEmbedder(256))
    assert searcher.search("voice in one step", 10) == again.search("voice in one step", 10)


def test_scaled() -> None:
    assert scaled(np.array([1.0, 2.0, 3.0])) == pytest.approx([-1.2247, 0, 1.2247], abs=1e-4)
    assert scaled(np.array([2.0, 2.0])) == pytest.approx([0, 0])


def test_ranked_keeps_the_order_of_equals() -> None:
    assert ranked(np.array([1.0, 3.0, 1.0 + 1e-9, 3.0])) == [1, 3, 0, 2]


def test_likelihoods_sum_to_one() -> None:
    assert likelihoods(np.array([1000.0, 1000.0])) == pytest.approx([0.5, 0.5])


def test_smoothing_draws_a_paper_to_its_neighbours() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    before = np.array([2.0, 0.0, 0.0])
    after = smoothed(before, vectors)
    assert after[1] > after[2]
    assert smoothed(before[:1], vectors[:1]) == pytest.approx(before[:1])


def test_grouped_vectors() -> None:
    rows = np.eye(3, dtype=np.float32)
    grouped = group(["a", "a", "b"], rows)
    assert grouped.best(rows[1]) == pytest.approx([1, 0])
    assert grouped.best_of(["b", "none", "a"], rows[1]) == pytest.approx([0, 0, 1])
    assert list(grouped.rows("a")) == [0, 1]
    assert list(grouped.rows("none")) == []
    assert grouped.means_of(["none", "a"])[1] == pytest.approx([0.7071, 0.7071, 0], abs=1e-4)
    assert group([], rows[:0]).best(rows[0]).shape == (0,)


def test_a_changed_paper_is_found_by_its_new_words(catalog: Catalog) -> None:
    paper, embedder = replace(papers()[0], abstract="Zebras graze."), HashEmbedder(256)
    entries = [entry_of(paper)]
    catalog.store(entries, vectors_of(entries, catalog, embedder))
    index = LexicalIndex(None)
    index.rebuild(catalog.papers(catalog.ids()), catalog.generation())
    assert Searcher(catalog, index, embedder).search("zebras", 1)[0].paper.paper_id == paper.paper_id
