"""A draft checked again: what holds, and every way in which a folder may have stopped telling the truth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.draft import write_draft
from agent.draft.assemble import write_folder
from agent.draft.recheck import recheck
from agent.engines.extractive import ExtractiveEngine
from agent.errors import DraftError
from agent.ground import Grounder
from agent.types import Recheck

if TYPE_CHECKING:
    from store.library import Library


@pytest.fixture(scope="module")
def written(demo_library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("draft") / "out"
    draft = write_draft("speculative decoding", demo_library, ExtractiveEngine(), Grounder(demo_library.embedder))
    write_folder(draft, demo_library, folder)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "out"))


def _checked(folder: Path, library: Library) -> Recheck:
    return recheck(folder, library, Grounder(library.embedder))


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def _edit_line(folder: Path, number: int, change: Callable[[dict[str, object]], None]) -> None:
    def edit(text: str) -> str:
        lines = text.splitlines()
        document = json.loads(lines[number - 1])
        change(document)
        lines[number - 1] = json.dumps(document, ensure_ascii=False)
        return "\n".join(lines) + "\n"

    _edit(folder / "ledger.jsonl", edit)


def test_an_untouched_draft_holds(folder: Path, demo_library: Library) -> None:
    result = _checked(folder, demo_library)
    assert result.passed
    assert result.problems == ()
    assert result.library_unchanged
    assert dict(result.verdicts) == {"SUPPORTED": result.sentences}


def test_an_edited_sentence_of_the_review_is_named(folder: Path, demo_library: Library) -> None:
    _edit(
        folder / "review.md", lambda text: text.replace("wall clock speedup is 2.13×", "wall clock speedup is 3.13×", 1)
    )
    result = _checked(folder, demo_library)
    assert [(p.file, "ledger has it" in p.problem) for p in result.problems] == [("review.md", True)]
    problem = result.problems[0]
    assert problem.line is not None
    assert "3.13×" in (folder / "review.md").read_text(encoding="utf-8").splitlines()[problem.line - 1]


def test_a_sentence_edited_in_both_files_fails_its_check(folder: Path, demo_library: Library) -> None:
    for name in ("review.md", "ledger.jsonl"):
        _edit(folder / name, lambda text: text.replace("wall clock speedup is 2.13×", "wall clock speedup is 3.13×", 1))
    problems = _checked(folder, demo_library).problems
    assert any(p.file == "ledger.jsonl" and "ledger says SUPPORTED" in p.problem for p in problems)


def test_foreign_words_in_a_ledger_line_are_named(folder: Path, demo_library: Library) -> None:
    _edit_line(folder, 1, lambda line: line.update(text="SpecTr looks at bananas as a problem of optimal transport."))
    problems = _checked(folder, demo_library).problems
    assert any(p.line == 1 and "no cited quote has: banana" in p.problem for p in problems)


def test_an_added_sentence_is_named(folder: Path, demo_library: Library) -> None:
    _edit(
        folder / "review.md",
        lambda text: text.replace("\n## Comparison", "\nEverybody agrees on this now.\n\n## Comparison"),
    )
    problems = _checked(folder, demo_library).problems
    assert [(p.text, p.problem) for p in problems] == [
        ("Everybody agrees on this now.", "stands in no line of the ledger")
    ]


def test_a_removed_sentence_is_named(folder: Path, demo_library: Library) -> None:
    def drop(text: str) -> str:
        lines = text.splitlines()
        at = next(i for i, line in enumerate(lines) if line.endswith("[@spectr]."))
        return "\n".join(lines[:at] + lines[at + 1 :]) + "\n"

    _edit(folder / "review.md", drop)
    assert [p.problem for p in _checked(folder, demo_library).problems] == ["is not in review.md"]


def test_a_swapped_citation_is_named(folder: Path, demo_library: Library) -> None:
    _edit(folder / "review.md", lambda text: text.replace("transport [@spectr]", "transport [@s2d]"))
    assert [p.file for p in _checked(folder, demo_library).problems] == ["review.md"]


def test_a_changed_heading_or_table_is_seen(folder: Path, demo_library: Library) -> None:
    _edit(folder / "review.md", lambda text: text.replace("| Papers included | 3 |", "| Papers included | 30 |"))
    problems = _checked(folder, demo_library).problems
    assert [(p.file, "outside its sentences" in p.problem) for p in problems] == [("review.md", True)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda line: line["citations"][0].update(start=1), "not what stands at"),
        (lambda line: line["citations"][0].update(quote="Something else."), "not what stands at"),
        (lambda line: line["citations"][0].update(paper_id="pffffffffffff"), "library does not hold"),
        (lambda line: line["citations"][0].update(title="Another title"), "is not the library's"),
        (lambda line: line.update(citations=[]), "cites nothing"),
        (lambda line: line.update(text="The wall clock speedup is 99.5×."), "the ledger says SUPPORTED"),
        (lambda line: line.pop("citations"), "can't be read"),
        (lambda line: line.update(verdict="FINE"), "can't be read"),
    ],
)
def test_a_tampered_ledger_line_is_named(
    change: Callable[[dict[str, object]], None], words: str, folder: Path, demo_library: Library
) -> None:
    _edit_line(folder, 2, change)
    problems = _checked(folder, demo_library).problems
    assert any(p.file == "ledger.jsonl" and p.line == 2 and words in p.problem for p in problems), problems


def test_a_ledger_line_that_is_no_json(folder: Path, demo_library: Library) -> None:
    _edit(folder / "ledger.jsonl", lambda text: "{broken\n" + text)
    assert any(p.line == 1 and "can't be read" in p.problem for p in _checked(folder, demo_library).problems)


def test_a_false_cell_and_a_changed_or_missing_file(folder: Path, demo_library: Library) -> None:
    _edit(folder / "matrix.csv", lambda text: text.replace("2.13×", "9.13×"))
    _edit(folder / "references.bib", lambda text: text.replace("SpecTr", "SpecTrum"))
    (folder / "references.ris").unlink()
    found = {p.file: p.problem for p in _checked(folder, demo_library).problems}
    assert "no quote" in found["matrix.csv"]
    assert "was changed" in found["references.bib"]
    assert "missing" in found["references.ris"]


def test_a_paper_removed_from_the_library(folder: Path, demo_copy: Path) -> None:
    from store.library import Library

    with Library.open(demo_copy) as library:
        gone = json.loads((folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()[0])["citations"][0]
        library.remove(gone["paper_id"])
        result = _checked(folder, library)
    assert not result.library_unchanged
    assert any("library does not hold" in p.problem for p in result.problems)


@pytest.mark.parametrize("name", ["manifest.json", "ledger.jsonl", "review.md", "matrix.csv"])
def test_a_folder_without_its_files_is_no_draft(name: str, folder: Path, demo_library: Library) -> None:
    (folder / name).unlink()
    with pytest.raises(DraftError, match=name.replace(".", r"\.")):
        _checked(folder, demo_library)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("manifest.json", b"{", "damaged"),
        ("manifest.json", b'{"schema": "other/1"}', "no draft"),
        ("manifest.json", b"\xff\xfe", "cannot read"),
        ("ledger.jsonl", b"\n", "empty"),
    ],
)
def test_damaged_folders_are_refused(
    name: str, content: bytes, words: str, folder: Path, demo_library: Library
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(DraftError, match=words):
        _checked(folder, demo_library)


def test_paths_that_are_no_folder(tmp_path: Path, demo_library: Library) -> None:
    (tmp_path / "file").write_text("x")
    for name, words in (("none", "no such folder"), ("file", "is a file")):
        with pytest.raises(DraftError, match=words):
            _checked(tmp_path / name, demo_library)
