"""The vector index on real Chroma files: found, kept, and known to be damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from store.errors import SearchFailed
from store.types import EmbedderInfo, Vectors
from store.vectors import VectorIndex

INFO = EmbedderInfo("test", 16)
COUNT = 1500


def unit(count: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def names(count: int) -> list[str]:
    return [f"p{number:012x}:0-9" for number in range(count)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "vectors"
    index = VectorIndex(folder, INFO)
    rows = unit(COUNT)
    index.rebuild([(names(COUNT)[:1000], rows[:1000]), (names(COUNT)[1000:], rows[1000:])], 7)
    index.close()
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy to damage; its times differ from the sealed ones, its bytes do not."""
    shutil.copytree(built, tmp_path / "vectors", copy_function=shutil.copy)
    return tmp_path / "vectors"


def test_finds_what_an_exact_scan_finds(built: Path) -> None:
    index, rows, asked = VectorIndex(built, INFO), unit(COUNT), unit(5, seed=1)
    assert index.generation() == 7
    for vector in asked:
        exact = [names(COUNT)[place] for place in np.argsort(-(rows @ vector), kind="stable")[:10]]
        found = index.query(vector, 10)
        assert [name for name, _ in found] == exact
        assert found[0][1] == pytest.approx(float((rows @ vector).max()), abs=1e-4)
    index.close()


def test_a_copied_index_is_still_sound(folder: Path) -> None:
    index = VectorIndex(folder, INFO)
    assert index.generation() == 7
    assert index.sound(names(COUNT)[:3], unit(COUNT)[:3])
    assert not index.sound(names(COUNT)[:3], unit(3, seed=9))  # vectors that are not there


@pytest.mark.parametrize("count", [1, 3, 150])
def test_reading_does_not_break_the_seal(tmp_path: Path, count: int) -> None:
    """However few rows there are: Chroma would leave them in its log, and write where it reads."""
    index, rows = VectorIndex(tmp_path / "vectors", INFO), unit(count)
    index.rebuild([(names(count), rows)], 1)
    assert index.query(rows[0], 1)[0][0] == names(count)[0]
    assert index.sound(names(count), rows)
    index.update(["new:0-9"], unit(1, seed=5), names(1), 2)
    index.query(rows[0], 1)
    assert index.sound(["new:0-9"], unit(1, seed=5))


def test_update_puts_in_and_takes_out(folder: Path) -> None:
    index, rows = VectorIndex(folder, INFO), unit(COUNT)
    fresh = unit(2, seed=5)
    index.update(["new:0-9", names(COUNT)[1]], fresh, names(COUNT)[:1], 8)
    again = VectorIndex(folder, INFO)
    assert again.generation() == 8
    assert again.query(fresh[0], 1)[0][0] == "new:0-9"
    assert again.query(fresh[1], 1)[0][0] == names(COUNT)[1]
    assert again.query(rows[0], 1)[0][0] != names(COUNT)[0]
    again.close()


def test_an_index_of_another_embedder_is_not_used(built: Path) -> None:
    assert VectorIndex(built, EmbedderInfo("other", 16)).generation() is None


def vector_file(folder: Path) -> Path:
    (path,) = folder.glob("*/data_level0.bin")
    return path


def cut_vectors(folder: Path) -> None:
    path = vector_file(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def lose_segment(folder: Path) -> None:
    shutil.rmtree(vector_file(folder).parent)


def flip_bytes(folder: Path) -> None:
    path = vector_file(folder)
    data = bytearray(path.read_bytes())
    for place in np.random.default_rng(3).integers(0, len(data), 500):
        data[place] ^= 0xFF
    path.write_bytes(bytes(data))


def cut_catalog(folder: Path) -> None:
    path = folder / "chroma.sqlite3"
    path.write_bytes(path.read_bytes()[:20000])


def lose_catalog(folder: Path) -> None:
    (folder / "chroma.sqlite3").unlink()


def lose_seal(folder: Path) -> None:
    (folder / "seal.json").unlink()


def garble_seal(folder: Path) -> None:
    (folder / "seal.json").write_text('{"generation": []}')


@pytest.mark.parametrize(
    "damage", [cut_vectors, lose_segment, flip_bytes, cut_catalog, lose_catalog, lose_seal, garble_seal]
)
def test_damage_is_seen_before_anything_is_opened(folder: Path, damage: object) -> None:
    assert callable(damage)
    damage(folder)
    index = VectorIndex(folder, INFO)
    assert index.generation() is None
    assert not index.sound(names(1), unit(COUNT)[:1])
    with pytest.raises(SearchFailed, match="plumbline doctor"):
        index.query(unit(1)[0], 3)
    with pytest.raises(SearchFailed):
        index.update([], unit(0), [], 8)
    index.rebuild([(names(50), unit(50))], 9)
    assert index.generation() == 9
    assert index.query(unit(50)[4], 1)[0][0] == names(50)[4]
    index.close()


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path / "vectors", INFO)
    assert index.generation() is None
    index.rebuild([], 1)
    assert index.query(unit(1)[0], 5) == []


def test_garbled_inner_catalog_is_an_error_not_an_empty_answer(folder: Path) -> None:
    path = folder / "chroma.sqlite3"
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 12] = b"\x5a" * (4096 * 11)
    path.write_bytes(bytes(data))
    index = VectorIndex(folder, INFO)
    assert not index.sound(names(2), unit(COUNT)[:2])
    with pytest.raises(SearchFailed):
        VectorIndex(folder, INFO).query(unit(1)[0], 3)
