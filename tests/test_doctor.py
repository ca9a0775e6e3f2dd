"""The doctor: what it finds, what it repairs, and that it never lies about either."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.doctor import examine, examine_embedder, examine_tokens
from store.embed.bundled import BundledEmbedder
from store.embed.fake import HashEmbedder
from store.examination import State
from store.library import Library
from store.lock import writer_lock


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    file = tmp_path / "a.jsonl"
    rows = [
        {"title": f"Wall {n}", "abstract": f"Wall {n} leans by {n} mm. It was built in {1900 + n}."} for n in range(9)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=HashEmbedder(32), create=True) as opened:
        opened.add([file])
        yield opened


def states(library: Library, *, repair: bool = True) -> dict[str, State]:
    return {one.part: one.state for one in examine(library, repair=repair)}


def test_a_sound_library_is_left_alone(library: Library) -> None:
    generation = library.catalog.generation()
    assert set(states(library).values()) == {State.SOUND}
    assert library.catalog.generation() == generation


@pytest.mark.parametrize(
    ("part", "harm"),
    [
        ("vectors", "DELETE FROM vectors WHERE rowid % 2"),
        ("vectors", "UPDATE vectors SET vector = x'00' WHERE rowid = 1"),
        ("vectors", "UPDATE vectors SET vector = zeroblob(64) WHERE rowid = 2"),
        ("spans", "UPDATE sentences SET end = end + 1 WHERE position = 0"),
        ("spans", "UPDATE passages SET start = 3"),
        ("spans", "UPDATE papers SET abstract = 'Another text stands here.' WHERE title = 'Wall 3'"),
        ("spans", "DELETE FROM sentences WHERE position = 1 AND paper_id = (SELECT min(paper_id) FROM papers)"),
        ("spans", "DELETE FROM passages"),
    ],
)
def test_what_can_be_made_again_is(library: Library, part: str, harm: str) -> None:
    before = library.search("Wall 7 leans")
    library.catalog.rows(harm)
    assert states(library, repair=False)[part] is State.UNSOUND
    assert states(library)[part] is State.REPAIRED
    assert set(states(library).values()) == {State.SOUND}
    for paper in library.papers():
        joined = " ".join(sentence.text for sentence in library.sentences(paper.paper_id))
        assert joined == paper.abstract
    if "abstract" not in harm:
        assert library.search("Wall 7 leans") == before


def test_papers_that_lost_their_text_are_named(library: Library) -> None:
    lost = library.find("Wall 3").paper_id
    library.catalog.rows("UPDATE papers SET abstract = '' WHERE paper_id = ?", [lost])
    (spans,) = (one for one in examine(library) if one.part == "spans")
    assert spans.state is State.UNSOUND
    assert f"papers remove {lost}" in spans.detail
    library.remove(lost)
    assert set(states(library).values()) == {State.SOUND}


@pytest.mark.parametrize("name", ["lexical", "vectors"])
def test_indexes_are_built_again(library: Library, name: str) -> None:
    before = library.search("Wall 7 leans")
    shutil.rmtree(library.folder / name)
    assert State.UNSOUND in states(library, repair=False).values()
    assert State.REPAIRED in states(library).values()
    assert set(states(library).values()) == {State.SOUND}
    with Library.open(library.folder, embedder=HashEmbedder(32)) as again:
        assert again.search("Wall 7 leans") == before


def test_vectors_of_another_make_are_told(library: Library) -> None:
    library.catalog.rows("UPDATE vectors SET vector = (SELECT vector FROM vectors v WHERE v.rowid = 1)")
    found = {one.part: one for one in examine(library)}
    assert found["vectors"].state is State.UNSOUND
    assert "new --library" in found["vectors"].detail


def test_an_interrupted_add_is_noted(library: Library) -> None:
    library.catalog.rows("UPDATE runs SET finished = NULL")
    found = {one.part: one for one in examine(library)}
    assert found["add"].state is State.NOTED
    assert "plumbline add" in found["add"].detail


def test_while_somebody_writes_nothing_is_repaired(library: Library) -> None:
    library.catalog.rows("DELETE FROM vectors")
    with writer_lock(library.folder):
        found = states(library)
    assert (found["repairs"], found["vectors"]) == (State.NOTED, State.UNSOUND)


def test_embedder_and_tokens(tmp_path: Path) -> None:
    assert examine_embedder(BundledEmbedder()).state is State.SOUND
    assert examine_tokens().state is State.SOUND
    missing = examine_embedder(BundledEmbedder(tmp_path))
    assert missing.state is State.UNSOUND
    assert "reinstall" in missing.detail
