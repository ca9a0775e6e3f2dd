"""The vector index follows the catalog at every size, is built again when it is harmed, and no search depends on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from store.embed.fake import HashEmbedder
from store.errors import SearchFailed
from store.examination import State
from store.library import Library
from store.lock import writer_lock
from store.nearest import NearestPassages, Rescored
from store.search import Searcher
from store.types import Hit, SearchFilter
from store.vectors import VectorIndex

ROOT = Path(__file__).parents[1]
QUESTIONS = ("faster attention on long inputs", "less memory for the cache", "fine-tuning without gradients", "robots")


def write(path: Path, first: int, last: int) -> Path:
    rows = [{"title": f"On wall number {n}", "abstract": f"Wall {n} leans by {n * 7} mm."} for n in range(first, last)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walls")
    with Library.open(folder / "library", embedder=HashEmbedder(32), create=True) as opened:
        opened.add([write(folder / "a.jsonl", 0, 40)])
    return folder / "library"


@pytest.fixture
def library(built: Path, tmp_path: Path) -> Iterator[Library]:
    shutil.copytree(built, tmp_path / "library")
    with Library.open(tmp_path / "library", embedder=HashEmbedder(32)) as opened:
        yield opened


def always(library: Library) -> NearestPassages:
    return NearestPassages(library.folder, library.catalog, most_scanned=0)


def held(library: Library) -> set[str]:
    """What Chroma itself holds."""
    info = library.catalog.embedder()
    assert info is not None
    index = VectorIndex(library.folder / "vectors", info)
    found = index.query(library.embed(["wall"])[0], 1000)
    index.close()
    return {name for name, _ in found}


def test_every_add_and_remove_keeps_it_in_step(library: Library, tmp_path: Path) -> None:
    assert library.nearest.in_step()
    library.add([write(tmp_path / "b.jsonl", 40, 45)])
    assert library.nearest.in_step()
    gone = library.find("On wall number 3")
    library.remove(gone.paper_id)
    assert library.nearest.in_step()
    assert held(library) == set(library.catalog.passage_vectors()[0])
    assert library.nearest.examine(repair=False).state is State.SOUND


def test_large_libraries_are_changed_in_part(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.nearest._REMADE", 5)
    monkeypatch.setattr(VectorIndex, "rebuild", None)
    library.add([write(tmp_path / "b.jsonl", 40, 45)])
    library.remove(library.find("On wall number 3").paper_id)
    assert held(library) == set(library.catalog.passage_vectors()[0])
    assert library.nearest.examine(repair=False).state is State.SOUND


def test_nothing_is_done_twice(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VectorIndex, "rebuild", None)
    library.add([write(tmp_path / "a.jsonl", 0, 40)])
    assert library.search("wall 7 leans")


# harm, and what becomes of it


def vector_file(folder: Path) -> Path:
    (path,) = folder.glob("vectors/*/data_level0.bin")
    return path


def cut_vectors(folder: Path) -> None:
    path = vector_file(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose_segment(folder: Path) -> None:
    shutil.rmtree(vector_file(folder).parent)


def flip_bytes(folder: Path) -> None:
    for path in vector_file(folder).parent.iterdir():
        data = bytearray(path.read_bytes())
        for place in np.random.default_rng(3).integers(0, len(data), max(1, len(data) // 50)):
            data[place] ^= 0xFF
        path.write_bytes(bytes(data))


def cut_catalog(folder: Path) -> None:
    path = folder / "vectors" / "chroma.sqlite3"
    path.write_bytes(path.read_bytes()[:20_000])


def lose_all(folder: Path) -> None:
    shutil.rmtree(folder / "vectors")


def break_exchange(folder: Path) -> None:
    """As a kill leaves it between the two renames."""
    (folder / "vectors").rename(folder / "vectors.old")
    shutil.copytree(folder / "vectors.old", folder / "vectors.new")


HARMS = [cut_vectors, lose_segment, flip_bytes, cut_catalog, lose_all, break_exchange]


@pytest.mark.parametrize("harm", HARMS)
def test_a_search_finds_the_harm_and_mends_it_without_embedding(
    library: Library, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    expected = library.search("wall 7 leans")
    harm(library.folder)
    again = HashEmbedder(32)
    with Library.open(library.folder, embedder=again) as reader:
        assert reader.search("wall 7 leans") == expected
        assert [record.message for record in caplog.records] == [
            "notice: a search index is missing, stale or damaged: built again from what is stored"
        ]
        assert again.embedded == 1  # the query
        assert reader.search("wall 7 leans") == expected
        assert held(reader) == set(reader.catalog.passage_vectors()[0])
        assert reader.nearest.examine(repair=False).state is State.SOUND
    assert len(caplog.records) == 1
    assert not list(library.folder.glob("vectors.*"))


@pytest.mark.parametrize("harm", HARMS)
def test_while_somebody_writes_the_answer_is_the_same(library: Library, harm: Callable[[Path], None]) -> None:
    expected = library.search("wall 7 leans")
    harm(library.folder)
    with writer_lock(library.folder), Library.open(library.folder, embedder=HashEmbedder(32)) as reader:
        assert always(reader).usable() is None
        assert reader.search("wall 7 leans") == expected
        assert reader.nearest.examine(repair=False).state is State.UNSOUND
        assert not reader.nearest.in_step()
    assert library.nearest.examine(repair=True).state is State.REPAIRED
    assert library.nearest.examine(repair=False).state is State.SOUND


def test_flips_that_leave_size_and_time_are_found_before_chroma_reads_them(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    times = {path: path.stat() for path in library.folder.glob("vectors/*/*")}
    flip_bytes(library.folder)
    for path, stat in times.items():
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert library.nearest.in_step()  # the cheap check cannot know
    assert always(library).usable() is None
    assert "run: plumbline doctor" in caplog.text
    assert library.nearest.examine(repair=False).state is State.UNSOUND
    monkeypatch.setattr("store.nearest._REMADE", 5)  # so that an addition would open what is there
    library.add([write(tmp_path / "b.jsonl", 40, 45)])
    assert held(library) == set(library.catalog.passage_vectors()[0])
    assert library.nearest.examine(repair=False).state is State.SOUND


KILLED = """
import os, signal, sys
import store.nearest
from store.embed.fake import HashEmbedder
from store.library import Library
parts = store.nearest.NearestPassages._parts
def some(self):
    for part in parts(self):
        yield part
        os.kill(os.getpid(), signal.SIGKILL)
store.nearest.NearestPassages._parts = some
store.nearest._PART = 10
with Library.open(sys.argv[1], embedder=HashEmbedder(32)) as library:
    library.remove(library.papers()[0].paper_id)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_killed_while_it_is_built_again(library: Library) -> None:
    gone, *kept = library.papers()
    command = [sys.executable, "-c", KILLED, str(library.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    assert (library.folder / "vectors.new").is_dir()
    with Library.open(library.folder, embedder=HashEmbedder(32)) as reader:
        assert gone.paper_id not in {hit.paper.paper_id for hit in reader.search("wall leans", 50)}
        assert {name.partition(":")[0] for name in held(reader)} == {paper.paper_id for paper in kept}
        assert reader.nearest.examine(repair=False).state is State.SOUND
    assert not (library.folder / "vectors.new").exists()


def test_an_index_that_fails_while_it_is_asked_is_not_an_empty_answer(
    library: Library, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def query(self, vector: object, k: int) -> list[tuple[str, float]]:
            raise SearchFailed("the vector index is gone")

    monkeypatch.setattr("store.search.POOL", 5)  # fewer than there are papers: the index is asked
    expected = library.search("wall 7 leans", 5)
    searcher = Searcher(library.catalog, library.indexes.lexical(), library.embedder, Failing(), most_scanned=0)
    assert searcher.search("wall 7 leans", 5) == expected
    assert "is gone (all stored vectors are scanned instead)" in caplog.text


def test_exchanged_while_it_is_read(library: Library, tmp_path: Path) -> None:
    nearest = always(library)
    index = nearest.usable()
    assert index is not None
    vector = library.embed(["wall 7"])[0]
    assert index.query(vector, 3)
    with Library.open(library.folder, embedder=HashEmbedder(32)) as writer:
        writer.add([write(tmp_path / "b.jsonl", 40, 45)])
    with pytest.raises(SearchFailed, match="search again"):
        index.query(vector, 3)
    nearest.close()


# answers by Chroma are those of an exact scan


def test_the_index_agrees_with_an_exact_scan_on_the_demo(demo_copy: Path) -> None:
    with Library.open(demo_copy) as library:
        index = always(library).usable()
        assert isinstance(index, Rescored)
        names, matrix = library.catalog.passage_vectors()
        for question in QUESTIONS:
            vector = library.embed([question])[0]
            scores = np.round((matrix @ vector).astype(np.float64), 6)
            exact = sorted(zip(names, scores.tolist(), strict=True), key=lambda hit: (-hit[1], hit[0]))[:10]
            assert [name for name, _ in index.query(vector, 10)] == [name for name, _ in exact]


@pytest.mark.parametrize("filters", [SearchFilter(), SearchFilter(sources=("digests.jsonl",))])
def test_searches_by_the_index_are_those_by_the_scan(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch, filters: SearchFilter
) -> None:
    monkeypatch.setattr("store.search.POOL", 12)  # so that the index is asked for a part of the library only
    with Library.open(demo_copy) as library:
        lexical = library.indexes.lexical()
        nearest = always(library)
        index = nearest.usable()
        scanned = Searcher(library.catalog, lexical, library.embedder)
        indexed = Searcher(library.catalog, lexical, library.embedder, index, most_scanned=0)

        def seen(hits: tuple[Hit, ...]) -> list[tuple[str, str, float]]:
            return [(hit.paper.paper_id, hit.passage.passage_id, round(hit.score, 3)) for hit in hits]

        for question in QUESTIONS:
            found = indexed.search(question, 10, filters)
            assert seen(found) == seen(scanned.search(question, 10, filters))
            assert len(found) == 10
        nearest.close()
