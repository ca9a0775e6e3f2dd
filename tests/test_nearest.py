"""The vector index follows the catalog, and a search never depends on its being there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.embed.fake import HashEmbedder
from store.examination import State
from store.library import Library
from store.nearest import NearestPassages


def write(path: Path, first: int, last: int) -> Path:
    rows = [{"title": f"On wall number {n}", "abstract": f"Wall {n} leans by {n * 7} mm."} for n in range(first, last)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", embedder=HashEmbedder(32), create=True) as opened:
        opened.add([write(tmp_path / "a.jsonl", 0, 40)])
        yield opened


def test_index_follows_additions_and_removals(library: Library, tmp_path: Path) -> None:
    nearest = NearestPassages(library.folder, library.catalog, most_scanned=5)
    assert nearest.usable() is None
    nearest.refresh()
    library.add([write(tmp_path / "b.jsonl", 40, 45)])
    gone = library.find("On wall number 3")
    library.remove(gone.paper_id)
    assert nearest.usable() is None
    nearest.refresh()
    index = nearest.usable()
    assert index is not None
    ids, vectors = library.catalog.passage_vectors()
    assert {name for name, _ in index.query(vectors[0], 100)} == set(ids)
    assert not any(name.startswith(gone.paper_id) for name in ids)
    nearest.close()
    # Chroma rewrites its files when it is opened after a deletion: then the seal no longer holds and it is built again.
    assert nearest.examine(repair=True).state in (State.SOUND, State.REPAIRED)


def test_missing_and_damaged_indexes_are_built_from_stored_vectors(library: Library) -> None:
    nearest = NearestPassages(library.folder, library.catalog, most_scanned=5)
    assert nearest.examine(repair=False).state is State.UNSOUND
    assert nearest.examine(repair=True).state is State.REPAIRED
    for file in (library.folder / "vectors").rglob("*.bin"):
        file.write_bytes(b"\xff" * file.stat().st_size)
    assert nearest.usable() is None
    assert nearest.examine(repair=False).state is State.UNSOUND
    assert nearest.examine(repair=True).state is State.REPAIRED
    assert nearest.examine(repair=False).state is State.SOUND
    shutil.rmtree(library.folder / "vectors")


def test_a_small_library_needs_none(library: Library) -> None:
    assert library.nearest.examine(repair=True).state is State.SOUND
    assert not (library.folder / "vectors").exists()
    assert library.search("wall 7 leans")
