"""The lexical index on real tantivy files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import SearchFailed
from store.lexical import LexicalIndex
from store.types import Paper

PAPERS = [
    Paper("p1", "Pruning attention heads", "We remove heads that a translation model does not need."),
    Paper("p2", "Caching keys and values", "The cache of a long prompt is compressed, and pruned at each step."),
    Paper("p3", "Naïve Bayes for mail", "Spam is filtered by word counts."),
    Paper("p4", "", "A title is missing here, a caption is not."),
]


def built(path: Path | None) -> LexicalIndex:
    index = LexicalIndex(path)
    index.rebuild(PAPERS, 3)
    return index


@pytest.fixture(scope="module")
def memory() -> LexicalIndex:
    return built(None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("pruned head", ["p1", "p2"]),  # stems; two words before one
        ("KEYS", ["p2"]),
        ("naive bayes", ["p3"]),
        ("naïve", ["p3"]),
        ("zebra", []),
        ("", []),
        ("?!\"'(*", []),
        ("title:pruning AND -heads OR [a TO b] ~2 ^3", ["p1", "p2", "p4"]),
    ],
)
def test_search(memory: LexicalIndex, query: str, found: list[str]) -> None:
    names = [name for name, _ in memory.search(query, 10)]
    assert sorted(names) == sorted(found)
    if query == "pruned head":
        assert names == found


def test_equal_scores_go_by_id() -> None:
    index = LexicalIndex(None)
    index.rebuild([Paper(f"p{n}", "same", "same text") for n in (3, 1, 2, 5, 4)], 1)
    assert [name for name, _ in index.search("same", 3)] == ["p1", "p2", "p3"]


def test_only_among(memory: LexicalIndex) -> None:
    assert [name for name, _ in memory.search("pruning", 10, among={"p2", "p9"})] == ["p2"]
    assert memory.search("pruning", 10, among=set()) == []
    everywhere = dict(memory.search("pruning", 10))
    assert memory.search("pruning", 10, among=["p1"]) == [("p1", everywhere["p1"])]


def test_title_can_weigh_more(memory: LexicalIndex) -> None:
    assert dict(memory.search("pruning", 10, weights=(0.0, 1.0))).keys() == {"p2"}


@given(st.text(max_size=200))
def test_any_query_is_answered(memory: LexicalIndex, query: str) -> None:
    assert len(memory.search(query, 2)) <= 2


def test_a_huge_query_and_lone_surrogates(memory: LexicalIndex) -> None:
    assert memory.search("pruning " + "word \ud800 \x00 " * 30_000, 5)
    index = LexicalIndex(None)
    index.rebuild([Paper("p1", "broken \ud800", "text \x1b[31m")], 1)
    assert index.search("broken text", 1)


def test_update_takes_out_and_puts_in(tmp_path: Path) -> None:
    index = built(tmp_path / "lexical")
    index.update([Paper("p2", "Bread", "Yeast makes gas."), Paper("p7", "Bread again", "Salt.")], ["p1"], 4)
    for opened in (index, LexicalIndex(tmp_path / "lexical")):
        assert opened.generation() == 4
        assert opened.search("pruning", 5) == []
        assert {name for name, _ in opened.search("bread", 5)} == {"p2", "p7"}
        assert opened.sound()


def test_a_reader_that_is_open_goes_on_while_it_is_rebuilt(tmp_path: Path) -> None:
    built(tmp_path / "lexical")
    reader = LexicalIndex(tmp_path / "lexical")
    assert reader.search("pruning", 5)
    LexicalIndex(tmp_path / "lexical").rebuild([], 9)
    assert reader.search("pruning", 5)
    assert LexicalIndex(tmp_path / "lexical").search("pruning", 5) == []


def test_a_copied_index_is_sound(tmp_path: Path) -> None:
    built(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copy)
    assert LexicalIndex(tmp_path / "two").generation() == 3


@pytest.mark.parametrize("name", ["meta.json", "*.idx", "*.term", "*.store", "seal.json"])
@pytest.mark.parametrize("damage", ["lost", "cut", "flipped"])
def test_damage_is_seen_and_repaired(tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / "lexical"
    built(path)
    victim = sorted(path.glob(name))[0]
    data = victim.read_bytes()
    if damage == "lost":
        victim.unlink()
    else:
        victim.write_bytes(data[: len(data) // 2] if damage == "cut" else bytes([data[0] ^ 0xFF]) + data[1:])
    index = LexicalIndex(path)
    assert index.generation() is None
    assert not index.sound()
    with pytest.raises(SearchFailed, match="plumbline doctor"):
        index.update([], [], 4)
    index.rebuild(PAPERS, 5)
    assert index.search("pruning", 5)
    assert LexicalIndex(path).generation() == 5


def test_a_writer_killed_half_way_leaves_no_seal(tmp_path: Path) -> None:
    index = built(tmp_path / "lexical")

    def papers() -> object:
        yield PAPERS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.update(papers(), [], 4)  # type: ignore[arg-type]
    assert LexicalIndex(tmp_path / "lexical").generation() is None


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SearchFailed, match="could not be made again"):
        LexicalIndex(tmp_path / "file" / "lexical").rebuild(PAPERS, 1)


def test_an_index_that_is_not_sound_is_not_an_empty_answer(tmp_path: Path) -> None:
    with pytest.raises(SearchFailed, match="not sound"):
        LexicalIndex(tmp_path / "lexical").search("pruning", 5)
