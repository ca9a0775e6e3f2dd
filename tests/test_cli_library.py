"""`add`, `search`, `papers` and `doctor` at the command line: the contract's JSON and exit codes."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main
from agent.render.papers import hit_lines, list_lines, paper_lines
from agent.render.terminal import Look, columns
from store.catalog import CATALOG_NAME
from store.library import Library
from store.lock import writer_lock
from store.types import Author, Hit, Paper, Passage

ROWS = [
    {
        "title": "Tiles for Attention",
        "abstract": "We compute attention in tiles. Tiling makes it 3 times faster on long texts.",
        "authors": ["Ada Example", "Bo Sample"],
        "year": 2022,
        "doi": "10.5555/tiles",
    },
    {"title": "Pruned Caches", "abstract": "A cache of keys grows with the text. Pruning halves the memory."},
    {"title": "Gardens in Winter", "abstract": "We count birds in gardens. Robins stay all winter.", "year": 2020},
]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs the command line on one library."""

    def __init__(self, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.library = library
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Done:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["--library", str(self.library), *map(str, arguments)])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        return Done(int(end.value.code or 0), out, err)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    with Library.open(folder / "library", create=True) as library:
        library.add([file])
    return folder


@pytest.fixture
def shell(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(Path(shutil.copytree(built / "library", tmp_path / "library")), capsys)


def test_add_json(shell: Shell, built: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.jsonl"
    file.write_text(json.dumps({**ROWS[0]}) + "\n" + json.dumps({"title": "New", "abstract": "It is new."}) + "\n")
    done = shell("add", file, built / "rows.jsonl", "--json")
    assert done.code == 0
    assert done.document == {
        "schema": "plumbline.add/1",
        "added": 1,
        "updated": 0,
        "duplicates": 1,
        "failed": [],
        "papers": 4,
        "passages": 4,
    }
    assert done.err == ""
    assert shell("add", file, "--json").document["added"] == 0


def test_failed_records_are_listed_and_exit_1(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "half.jsonl"
    file.write_text(json.dumps({"title": "Good", "abstract": "It is good."}) + '\n{"title": "Bad", "abst\n')
    done = shell("add", file, "--json")
    assert (done.code, done.document["added"]) == (1, 1)
    (failed,) = done.document["failed"]
    assert set(failed) == {"path", "locator", "reason"}
    assert (failed["path"], failed["locator"]) == (str(file), "line 2")
    text = shell("add", file)
    assert text.code == 1
    assert "failed 1" in text.out
    assert "line 2" in text.out


@pytest.mark.parametrize("name", ["missing.jsonl", "missing"])
def test_missing_input_makes_no_library(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    done = Shell(tmp_path / "library", capsys)("add", tmp_path / name)
    assert (done.code, done.out) == (2, "")
    assert name in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "library").exists()


def test_search_json(shell: Shell) -> None:
    done = shell("search", "faster attention", "-k", "2", "--json")
    assert done.code == 0
    assert done.document["schema"] == "plumbline.search/1"
    assert done.document["query"] == "faster attention"
    hits = done.document["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert list(hits[0]) == ["rank", "paper_id", "title", "score", "passage_id", "start", "end", "text"]
    assert hits[0]["title"] == ROWS[0]["title"]
    assert str(ROWS[0]["abstract"])[hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]


def test_search_filters(shell: Shell) -> None:
    def titles(*flags: str) -> list[str]:
        return sorted(hit["title"] for hit in shell("search", "attention", "--json", *flags).document["hits"])

    assert titles("--year-from", "2021") == ["Tiles for Attention"]
    assert titles("--year-to", "2021") == ["Gardens in Winter"]
    assert titles("--source", "rows.jsonl") == sorted(str(row["title"]) for row in ROWS)
    assert titles("--source", "other.jsonl") == []
    paper_id = shell("papers", "show", "Pruned Caches", "--json").document["paper_id"]
    assert titles("--id", paper_id) == ["Pruned Caches"]
    assert titles("--paper", "Pruned Caches") == ["Pruned Caches"]


def test_search_in_words(shell: Shell) -> None:
    done = shell("search", "attention in tiles")
    assert done.out.startswith(" 1. Tiles for Attention\n    Ada Example and others | 2022")
    assert all(len(line) <= 80 for line in done.out.splitlines())
    nothing = shell("search", "attention", "--year-from", "2090")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "no paper found\n")


@pytest.mark.parametrize("query", ["", "  ", "\n"])
def test_empty_query(shell: Shell, query: str) -> None:
    for flags in ((), ("--json",)):
        done = shell("search", query, *flags)
        assert (done.code, done.out) == (2, "")
        assert "empty" in done.err


def test_papers_show_and_list(shell: Shell) -> None:
    shown = shell("papers", "show", "10.5555/tiles", "--json").document
    assert list(shown) == (
        [
            "schema",
            "paper_id",
            "title",
            "abstract",
            "authors",
            "year",
            "date",
            "venue",
            "doi",
            "arxiv_id",
            "url",
            "source",
        ]
    )
    assert shown["authors"] == ROWS[0]["authors"]
    assert (shown["schema"], shown["venue"], shown["source"]) == ("plumbline.paper/1", None, "rows.jsonl")
    listed = shell("papers", "list", "--json").lines
    assert [paper["title"] for paper in listed] == sorted(str(row["title"]) for row in ROWS)
    assert {key: value for key, value in shown.items() if key != "abstract"} in listed
    assert shell("papers", "list").out.count("\n") == 3
    assert "Tiling makes it 3 times faster" in " ".join(shell("papers", "show", "Tiles for Attention").out.split())


def test_unknown_paper_is_one_line(shell: Shell) -> None:
    for command in ("show", "remove"):
        done = shell("papers", command, "p000000000000")
        assert (done.code, done.out) == (2, "")
        assert len(done.err.splitlines()) == 1
    assert "did you mean" in shell("papers", "show", "tiles attention").err


def test_remove(shell: Shell) -> None:
    paper_id = shell("papers", "show", "Gardens in Winter", "--json").document["paper_id"]
    done = shell("papers", "remove", paper_id, paper_id)
    assert done.out == f"removed {paper_id}  Gardens in Winter\n"
    assert len(shell("papers", "list", "--json").lines) == 2
    assert all(hit["paper_id"] != paper_id for hit in shell("search", "robins", "--json").document["hits"])


def test_export_can_be_added_again(shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = shell("papers", "export", "-o", tmp_path / "out.jsonl")
    assert (done.code, done.out) == (0, "")
    other = Shell(tmp_path / "other", capsys)
    assert other("add", tmp_path / "out.jsonl", "--json").document["added"] == 3
    again = other("papers", "export").lines
    for paper in again:
        assert paper.pop("source") == "out.jsonl"
    assert again == [{k: v for k, v in paper.items() if k != "source"} for paper in shell("papers", "export").lines]


@pytest.mark.parametrize(("kind", "mark"), [("bibtex", "@"), ("ris", "TY  - "), ("csl", '"type"')])
def test_export_formats(shell: Shell, kind: str, mark: str) -> None:
    done = shell("papers", "export", "--format", kind)
    assert done.code == 0
    assert done.out.count(mark) == 3


def test_export_to_nowhere(shell: Shell, tmp_path: Path) -> None:
    done = shell("papers", "export", "-o", tmp_path / "no" / "out.jsonl")
    assert done.code == 2
    assert "cannot be written" in done.err


@pytest.mark.parametrize("arguments", [("search", "x"), ("papers", "list"), ("papers", "show", "x")])
def test_commands_that_read_need_a_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    done = Shell(tmp_path / "none", capsys)(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "no library" in done.err
    assert not (tmp_path / "none").exists()


def test_locked_library(shell: Shell, built: Path) -> None:
    with writer_lock(shell.library):
        done = shell("add", built / "rows.jsonl")
    assert done.code == 2
    assert "is writing to the library" in done.err


def test_doctor(shell: Shell) -> None:
    done = shell("doctor", "--json")
    assert done.code == 0
    assert done.document["schema"] == "plumbline.doctor/1"
    assert done.document["sound"] is True
    assert {part["state"] for part in done.document["parts"]} == {"sound"}
    shutil.rmtree(shell.library / "lexical")
    assert shell("doctor", "--check-only").code == 1
    repaired = shell("doctor")
    assert repaired.code == 0
    assert "repaired" in repaired.out
    assert "repaired" not in shell("doctor").out


def test_doctor_on_a_catalog_that_cannot_be_read(shell: Shell) -> None:
    (shell.library / CATALOG_NAME).write_bytes(b"garbage" * 1000)
    assert shell("doctor", "--check-only").code == 1
    done = shell("doctor")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "restore" in done.err
    assert shell("search", "x").code == 2


def test_doctor_rescues_what_can_be_read(shell: Shell) -> None:
    before = shell("search", "attention", "--json").out
    file = shell.library / CATALOG_NAME
    with sqlite3.connect(file) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sentences'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    data = bytearray(file.read_bytes())
    data[(page - 1) * size : page * size] = b"\xaa" * size
    file.write_bytes(data)
    done = shell("doctor", "--json")
    assert done.code == 0
    states = {part["part"]: part["state"] for part in done.document["parts"]}
    assert states["lexical index"] == "repaired"
    assert "3 papers rescued" in done.out
    assert shell("search", "attention", "--json").out == before
    assert shell("doctor", "--json").document["sound"] is True


HOSTILE = "Evil \x1b[31mred\x1b[0m \u202etitle\x07\u009b2J"


def test_nothing_untrusted_reaches_the_terminal() -> None:
    paper = Paper("p1", HOSTILE, HOSTILE, (Author(HOSTILE),), venue=HOSTILE, source=HOSTILE, tags=(HOSTILE,))
    hit = Hit(1, paper, 0.5, Passage("p1:0-5", "p1", 0, 5, HOSTILE * 40, 3))
    look = Look(80)
    lines = [*hit_lines([hit], look), *paper_lines(paper, look), *list_lines([paper], look)]
    assert lines
    for line in lines:
        assert not set(line) & set("\x1b\u202e\x07\u009b\n")
        assert columns(line) <= 80
