"""The library's face: opening, finding, ranking, and every way a folder can be wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from store.catalog import CATALOG_NAME
from store.embed.fake import HashEmbedder
from store.errors import (
    EmbedderMismatch,
    LibraryDamaged,
    LibraryLocked,
    LibraryNotFound,
    LibraryPathInvalid,
    LibraryTooNew,
    SearchFailed,
    StorageFull,
    UnknownPaper,
)
from store.library import Library
from store.lock import writer_lock
from store.types import SearchFilter

ROOT = Path(__file__).parents[1]
PAPERS = [
    {
        "title": "PlumbNet: Straight Walls by Gravity",
        "abstract": "We align walls with a hanging weight. PlumbNet is 3 times faster than a spirit level.",
        "year": 2021,
    },
    {
        "title": "Spirit Levels Considered Helpful",
        "abstract": "A bubble in a tube shows the horizontal. Errors stay below 2 mm over one metre.",
        "year": 2023,
    },
    {
        "title": "A Survey of Masonry Tools",
        "abstract": "We review trowels, levels and lines. Lines are the cheapest tool.",
        "year": 2024,
    },
]


def embedder() -> HashEmbedder:
    return HashEmbedder(32)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    file = folder / "tools.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder(), create=True) as library:
        library.add([file])
    return folder / "library"


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "library"))


@pytest.fixture
def library(path: Path) -> Iterator[Library]:
    with Library.open(path, embedder=embedder()) as opened:
        yield opened


def id_of(library: Library, number: int) -> str:
    return library.find(str(PAPERS[number]["title"])).paper_id


# finding


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("PlumbNet: Straight Walls by Gravity", 0),
        ("plumbnet straight walls by gravity", 0),
        ("PlumbNet", 0),
        ("Spirit Levels Considered Helpful.", 1),
        ("Spirit Levls Considered Helpfull", 1),
        ("Spirit levels considered h", 1),
    ],
)
def test_find(library: Library, reference: str, number: int) -> None:
    assert library.find(reference).title == PAPERS[number]["title"]


def test_find_by_id(library: Library) -> None:
    assert library.find(f" {id_of(library, 2)} ").title == PAPERS[2]["title"]


@pytest.mark.parametrize("reference", ["", "   ", "Deep Sea Fishing", "x" * 100_000, "\udc80\x00", "10.1/none", "%"])
def test_find_of_the_unknown_is_one_line(library: Library, reference: str) -> None:
    with pytest.raises(UnknownPaper) as caught:
        library.find(reference)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_find_suggests(library: Library) -> None:
    known = id_of(library, 1)
    with pytest.raises(UnknownPaper, match=known):
        library.find(known[:-1] + ("0" if known[-1] != "0" else "1"))
    with pytest.raises(UnknownPaper, match=r"did you mean .*Masonry"):
        library.find("masonry tools overview")


# reading


def test_search_finds_and_filters(library: Library) -> None:
    hits = library.search("bubble in a tube", 2)
    assert hits[0].paper.title == PAPERS[1]["title"]
    assert [hit.rank for hit in hits] == [1, 2]
    for hit in hits:
        assert hit.paper.abstract[hit.passage.start : hit.passage.end] == hit.passage.text
    later = library.search("bubble in a tube", 5, SearchFilter(year_from=2024))
    assert [hit.paper.title for hit in later] == [PAPERS[2]["title"]]
    assert library.search("bubble", 5, SearchFilter(sources=("none.jsonl",))) == ()
    assert library.search("bubble", 5, SearchFilter(sources=("tools.jsonl",)))


def test_empty_query_is_an_error_and_a_huge_one_is_not(library: Library) -> None:
    with pytest.raises(SearchFailed, match="empty"):
        library.search(" \n")
    assert library.search("spirit level " * 10_000, 1)


def test_an_empty_library_has_no_hits(tmp_path: Path) -> None:
    with Library.open(tmp_path / "new", embedder=embedder(), create=True) as library:
        assert library.search("anything") == ()
        assert library.rank_sentences("anything") == ()
        assert library.papers() == ()


def test_rank_sentences_is_exact_and_stable(library: Library) -> None:
    best = library.rank_sentences("Lines are the cheapest tool.", k=3)
    assert best[0].sentence.text == "Lines are the cheapest tool."
    assert best[0].score == pytest.approx(1, abs=1e-2)
    assert [s.score for s in best] == sorted((s.score for s in best), reverse=True)
    only = library.rank_sentences("Lines", [id_of(library, 0)])
    assert {s.sentence.paper_id for s in only} == {id_of(library, 0)}
    assert best == library.rank_sentences("Lines are the cheapest tool.", k=3)


def test_sentence_vectors_follow_the_sentences(library: Library) -> None:
    paper_id = id_of(library, 1)
    expected = library.embed([sentence.text for sentence in library.sentences(paper_id)])
    np.testing.assert_array_equal(library.sentence_vectors(paper_id), expected)
    with pytest.raises(UnknownPaper):
        library.sentence_vectors("pnone")


def test_passage_at(library: Library) -> None:
    paper_id = id_of(library, 0)
    sentence = library.sentences(paper_id)[1]
    passage = library.passage_at(paper_id, sentence.start, sentence.end)
    assert passage.start <= sentence.start < sentence.end <= passage.end


# folders


def test_missing_library_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound, match="add PATH"):
        Library.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_path_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for create in (True, False):
        with pytest.raises(LibraryPathInvalid, match="is a file"):
            Library.open(tmp_path / "file", create=create)
    with pytest.raises(LibraryPathInvalid, match="is a file"):
        Library.open(tmp_path / "file" / "below", create=True)


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(LibraryPathInvalid, match="something else"):
        Library.open(tmp_path, create=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_another_embedder_is_refused(path: Path) -> None:
    with pytest.raises(EmbedderMismatch, match="hash/32"):
        Library.open(path, embedder=HashEmbedder(16))
    with Library.open(path) as library:
        assert library.papers()
        with pytest.raises(EmbedderMismatch, match="all-MiniLM"):
            library.search("level")


def test_newer_and_damaged_catalogs(path: Path) -> None:
    raw = sqlite3.connect(path / CATALOG_NAME)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(LibraryTooNew, match="upgrade"):
        Library.open(path)
    (path / CATALOG_NAME).write_bytes(b"garbage" * 1000)
    with pytest.raises(LibraryDamaged, match="restore"):
        Library.open(path)


def test_second_writer_is_refused_and_readers_are_not(path: Path) -> None:
    with Library.open(path, embedder=embedder()) as library, writer_lock(path):
        for write in (lambda: library.add([path.parent]), lambda: library.remove(id_of(library, 0))):
            with pytest.raises(LibraryLocked):
                write()
        assert library.search("level")
        with Library.open(path, embedder=embedder()) as second:
            assert second.search("level") == library.search("level")


def test_a_reader_sees_what_a_writer_has_added(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text(json.dumps({"title": "Theodolites Today", "abstract": "A theodolite measures angles."}) + "\n")
    with Library.open(path, embedder=embedder()) as reader, Library.open(path, embedder=embedder()) as writer:
        assert all(hit.paper.title != "Theodolites Today" for hit in reader.search("theodolite measures angles"))
        writer.add([file])
        assert reader.search("theodolite measures angles")[0].paper.title == "Theodolites Today"
        assert reader.rank_sentences("A theodolite measures angles.", k=1)[0].score > 0.9
        writer.remove(writer.find("Theodolites Today").paper_id)
        assert all(hit.paper.title != "Theodolites Today" for hit in reader.search("theodolite measures angles"))


# derived indexes


@pytest.mark.parametrize("harm", ["missing", "truncated", "garbage"])
def test_damaged_indexes_are_built_again_without_embedding(path: Path, harm: str) -> None:
    with Library.open(path, embedder=embedder()) as library:
        expected = library.search("bubble in a tube")
    damage(path, harm)
    again = embedder()
    with Library.open(path, embedder=again) as library:
        assert library.search("bubble in a tube") == expected
    assert again.embedded <= 2


@pytest.mark.parametrize("harm", ["missing", "truncated", "garbage"])
def test_search_is_whole_though_indexes_cannot_be_repaired(path: Path, harm: str) -> None:
    with Library.open(path, embedder=embedder()) as library:
        expected = library.search("bubble in a tube")
    damage(path, harm)
    with writer_lock(path), Library.open(path, embedder=embedder()) as library:
        assert library.search("bubble in a tube") == expected


def damage(path: Path, harm: str) -> None:
    for name in ("lexical", "vectors"):
        if harm == "missing":
            shutil.rmtree(path / name, ignore_errors=True)
            continue
        for file in (path / name).rglob("*"):
            if file.is_file():
                data = file.read_bytes()
                file.write_bytes(data[: len(data) // 2] if harm == "truncated" else b"\xff" * len(data))


# folders that cannot be written, disks that are full

READ = """
import os, sys
from pathlib import Path
from store.embed.fake import HashEmbedder
from store.errors import LibraryReadOnly
from store.library import Library
if os.geteuid() == 0:  # root may write everywhere: become nobody, once everything is imported
    with Library.open(sys.argv[3], embedder=HashEmbedder(32)) as library:
        library.add([Path(sys.argv[2])])
        library.search("bubble")
        library.remove(library.papers()[0].paper_id)
    os.setuid(65534)
with Library.open(sys.argv[1], embedder=HashEmbedder(32)) as library:
    print(library.search("bubble in a tube")[0].paper.title)
    print(len(library.papers()))
    try:
        library.add([sys.argv[2]])
    except LibraryReadOnly as error:
        print("read only:", error)
try:
    Library.open(sys.argv[1] + "/below", create=True)
except LibraryReadOnly:
    print("read only")
"""


def read_only(path: Path, more: Path, spare: str | Path) -> subprocess.CompletedProcess[str]:
    """What `READ` says of the library at `path` while nothing in it or around it can be written."""
    entries = [path, *path.rglob("*")]
    for entry in entries:
        entry.chmod(0o555 if entry.is_dir() else 0o444)
    path.parent.chmod(0o555)
    command = [sys.executable, "-c", READ, str(path), str(more), str(spare)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for entry in [path.parent, *entries]:
        entry.chmod(0o755)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no write permission there")
@pytest.mark.parametrize("harm", ["none", "missing", "garbage"])
def test_read_only_folder_can_be_read(built: Path, harm: str) -> None:
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        top = Path(name)
        path = Path(shutil.copytree(built, top / "library"))
        spare = shutil.copytree(built, top / "spare")
        if harm != "none":
            damage(path, harm)
        done = read_only(path, built.parent / "tools.jsonl", spare)
        assert done.stdout.splitlines()[:2] == [PAPERS[1]["title"], "3"]
        assert done.stdout.count("read only") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no write permission there")
@pytest.mark.parametrize("shared_memory", [True, False])
def test_read_only_folder_whose_writer_was_cut_off(built: Path, shared_memory: bool) -> None:
    """What stands in the log alone is read too."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        top = Path(name)
        open_one = Path(shutil.copytree(built, top / "open"))
        spare = shutil.copytree(built, top / "spare")
        with Library.open(open_one, embedder=embedder()) as library:
            library.remove(library.find(str(PAPERS[0]["title"])).paper_id)
            path = Path(shutil.copytree(open_one, top / "library"))  # as a kill leaves it
        assert (path / (CATALOG_NAME + "-wal")).stat().st_size
        if not shared_memory:
            (path / (CATALOG_NAME + "-shm")).unlink()
        done = read_only(path, built.parent / "tools.jsonl", spare)
        assert done.stdout.splitlines()[:2] == [PAPERS[1]["title"], "2"]
        assert done.stdout.count("read only") == 2
        assert done.stderr.count("a copy is read") == (0 if shared_memory else 1)


def test_full_disk_is_said_and_nothing_is_lost(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "big.jsonl"
    rows = [{"title": f"Wall number {n}", "abstract": f"Wall {n} leans by {n} mm. " * 30} for n in range(200)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with Library.open(path, embedder=embedder()) as library:
        pages = library.catalog.rows("PRAGMA page_count")[0][0]
        library.catalog.rows(f"PRAGMA max_page_count = {pages + 60}")
        with pytest.raises(StorageFull, match="free space"):
            library.add([file])
    with Library.open(path, embedder=embedder()) as library:
        kept = len(library.papers())
        assert 3 <= kept < 203
        assert library.search("bubble in a tube")[0].paper.title == PAPERS[1]["title"]
        assert library.add([file]).papers == 203
