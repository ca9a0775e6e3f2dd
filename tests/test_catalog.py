"""The catalog: rows in and out, filters, generations, versions, and what a damaged file says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from store.catalog import CATALOG_NAME, Catalog, Entry, Source, text_hash
from store.embed.fake import HashEmbedder
from store.errors import (
    LibraryDamaged,
    LibraryNotFound,
    LibraryPathInvalid,
    LibraryTooNew,
    StorageFull,
    UnknownPaper,
)
from store.ingest import entry_of, vectors_of
from store.schema import CATALOG
from store.types import Author, Paper, SearchFilter

EMBEDDER = HashEmbedder(16)


def paper(number: int, **known: object) -> Paper:
    text = f"Method {number} prunes heads. It keeps {90 + number}% of the accuracy."
    plain = Paper(f"p{number:012x}", f"Pruning heads, part {number}", text, raw_title="Raw", raw_abstract=text)
    return replace(plain, **known)  # type: ignore[arg-type]


def entry(of: Paper, source: str = "a.jsonl") -> Entry:
    return entry_of(of, [Source(text_hash(of.paper_id + source), f"folder/{source}", "line 1")])


def put(catalog: Catalog, *entries: Entry) -> None:
    catalog.remember_embedder(EMBEDDER.info)
    catalog.store(entries, vectors_of(entries, catalog, EMBEDDER))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path, create=True)) as opened:
        yield opened


def test_paper_comes_back_as_it_went_in(catalog: Catalog) -> None:
    full = paper(
        1,
        authors=(Author("Ada Example"), Author("Örn, Bo")),
        year=2024,
        date="2024-05",
        venue="Workshop",
        doi="10.1/x",
        arxiv_id="2401.00001",
        url="https://example.org/1",
        source="a.jsonl",
        organisation="Lab",
        author_count=2,
        votes=3,
        tags=("a", "b"),
    )
    put(catalog, entry(full))
    assert catalog.paper(full.paper_id) == full
    assert [catalog.paper(full.paper_id).abstract[s.start : s.end] for s in catalog.sentences(full.paper_id)] == [
        "Method 1 prunes heads.",
        "It keeps 91% of the accuracy.",
    ]
    assert all(p.text == full.abstract[p.start : p.end] for p in catalog.passages(full.paper_id))


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (SearchFilter(), [1, 2, 3]),
        (SearchFilter(year_from=2024), [2]),
        (SearchFilter(year_to=2023), [1]),
        (SearchFilter(sources=("b.jsonl",)), [3]),
        (SearchFilter(venues=("Workshop",)), [1]),
        (SearchFilter(tags=("speed", "other")), [2]),
        (SearchFilter(paper_ids=(paper(3).paper_id, "pnone")), [3]),
        (SearchFilter(year_from=2020, venues=("Workshop",), tags=("speed",)), []),
    ],
)
def test_filters(catalog: Catalog, filters: SearchFilter, expected: list[int]) -> None:
    put(
        catalog,
        entry(paper(1, year=2023, venue="Workshop")),
        entry(paper(2, year=2024, tags=("speed",))),
        entry(paper(3), "b.jsonl"),
    )
    assert catalog.ids(filters) == tuple(paper(number).paper_id for number in expected)


def test_vectors_are_those_of_the_texts(catalog: Catalog) -> None:
    put(catalog, entry(paper(2)), entry(paper(1)))
    ids, matrix = catalog.passage_vectors()
    assert ids == sorted(ids)
    assert matrix.dtype == np.float32
    texts = {p.passage_id: p.text for n in (1, 2) for p in catalog.passages(paper(n).paper_id)}
    np.testing.assert_array_equal(matrix, EMBEDDER.embed([texts[i] for i in ids]))
    sentences, rows = catalog.sentence_vectors([paper(2).paper_id])
    assert sentences == list(catalog.sentences(paper(2).paper_id))
    np.testing.assert_array_equal(rows, EMBEDDER.embed([s.text for s in sentences]))


def test_no_vectors_is_an_empty_matrix(catalog: Catalog) -> None:
    assert catalog.passage_vectors()[1].shape == (0, 0)
    assert catalog.sentence_vectors()[0] == []


def test_generation_and_changes(catalog: Catalog) -> None:
    start = catalog.generation()
    put(catalog, entry(paper(1)), entry(paper(2)))
    middle = catalog.generation()
    assert middle > start
    catalog.remove([paper(1).paper_id])
    put(catalog, entry(paper(3)))
    changes = catalog.changes_since(middle)
    assert changes.changed == (paper(3).paper_id,)
    assert changes.removed == (paper(1).paper_id,)
    put(catalog, entry(paper(1)))
    assert catalog.changes_since(middle).removed == ()


def test_removal_takes_texts_and_lone_vectors_and_is_all_or_nothing(catalog: Catalog) -> None:
    put(catalog, entry(paper(1)), entry(paper(2)))
    shared = catalog.known_hashes([text_hash("Method 1 prunes heads.")])
    assert shared
    with pytest.raises(UnknownPaper):
        catalog.remove([paper(1).paper_id, "pnone"])
    assert catalog.totals().papers == 2
    catalog.remove([paper(1).paper_id])
    assert not catalog.known_hashes(shared)
    with pytest.raises(UnknownPaper, match=paper(1).paper_id):
        catalog.sentences(paper(1).paper_id)


def test_content_hash_depends_on_content_alone(tmp_path: Path) -> None:
    hashes = []
    for name, order in (("a", (1, 2)), ("b", (2, 1))):
        (tmp_path / name).mkdir()
        with closing(Catalog(tmp_path / name, create=True)) as catalog:
            for number in order:
                put(catalog, entry(paper(number)))
            hashes.append(catalog.content_hash())
            put(catalog, entry(paper(1, year=1999)))
            assert catalog.content_hash() != hashes[0]
    assert hashes[0] == hashes[1]


def test_a_snapshot_does_not_move_while_a_writer_commits(tmp_path: Path) -> None:
    with closing(Catalog(tmp_path, create=True)) as writer:
        put(writer, entry(paper(1)))
        with closing(Catalog(tmp_path)) as reader:
            with reader.snapshot():
                assert reader.totals().papers == 1
                put(writer, entry(paper(2)))
                assert reader.totals().papers == 1
            assert reader.totals().papers == 2


def test_a_failed_write_leaves_nothing(catalog: Catalog) -> None:
    put(catalog, entry(paper(1)))
    generation = catalog.generation()
    broken = replace(entry(paper(2)), passages=[*entry(paper(2)).passages] * 2)
    with pytest.raises(LibraryDamaged):
        put(catalog, broken)
    assert catalog.generation() == generation
    assert catalog.totals().papers == 1


def test_full_disk(catalog: Catalog) -> None:
    put(catalog, entry(paper(1)))
    pages = catalog._connection.execute("PRAGMA page_count").fetchone()[0]
    catalog._connection.execute(f"PRAGMA max_page_count = {pages}")
    big = paper(2, abstract="word " * 40_000)
    with pytest.raises(StorageFull, match="full"):
        catalog.store([Entry(big, "big", [], [], [], [])], {})
    assert catalog.ids() == (paper(1).paper_id,)


def test_missing_vector_is_an_error_not_an_empty_result(catalog: Catalog) -> None:
    put(catalog, entry(paper(1)))
    catalog._connection.execute("DELETE FROM vectors")
    with pytest.raises(LibraryDamaged, match="doctor"):
        catalog.passage_vectors()


def test_newer_schema(tmp_path: Path) -> None:
    Catalog(tmp_path, create=True).close()
    with sqlite3.connect(tmp_path / CATALOG_NAME) as raw:
        raw.execute(f"PRAGMA user_version = {CATALOG.version + 1}")
    raw.close()
    with pytest.raises(LibraryTooNew, match=f"schema {CATALOG.version + 1}"):
        Catalog(tmp_path)


def test_another_programs_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / CATALOG_NAME) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    with pytest.raises(LibraryPathInvalid, match="another program"):
        Catalog(tmp_path, create=True)


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be read as one" * 20, b"SQLite format 3\0"]
)
def test_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CATALOG_NAME).write_bytes(content)
    with pytest.raises(LibraryDamaged, match="doctor"):
        Catalog(tmp_path)


def test_missing_and_empty_catalogs(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="add PATH"):
        Catalog(tmp_path)
    (tmp_path / CATALOG_NAME).touch()
    with pytest.raises(LibraryNotFound):
        Catalog(tmp_path)


def test_an_older_catalog_is_migrated_with_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr("store.catalog.CATALOG", replace(CATALOG, migrations=CATALOG.migrations[:1]))
        with closing(Catalog(tmp_path, create=True)) as catalog:
            put(catalog, entry(paper(1)))
            kept = catalog.content_hash()
    with closing(Catalog(tmp_path)) as catalog:
        assert catalog.rows("PRAGMA user_version") == [(CATALOG.version,)]
        assert catalog.content_hash() == kept
        before = catalog.generation()
        passages = {passage.passage_id for passage in catalog.passages(paper(1).paper_id)}
        catalog.remove([paper(1).paper_id])
        assert set(catalog.passages_removed_since(before)) == passages


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Catalog(tmp_path, create=True).close()
    with monkeypatch.context() as broken:
        wrong = "CREATE TABLE extra (x);\nCREATE TABLE papers (x);\n"
        broken.setattr("store.catalog.CATALOG", replace(CATALOG, migrations=(*CATALOG.migrations, wrong)))
        with pytest.raises(LibraryDamaged):
            Catalog(tmp_path)
    with closing(Catalog(tmp_path)) as catalog:
        assert catalog.rows("SELECT count(*) FROM sqlite_master WHERE name = 'extra'") == [(0,)]
