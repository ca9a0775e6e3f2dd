"""The draft folder: complete, cited, the same bytes each time, and safe whatever the papers say."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.draft import Wanted, write_draft
from agent.draft.assemble import files_of, write_folder
from agent.draft.recheck import recheck
from agent.engines.extractive import ExtractiveEngine
from agent.errors import DraftError, NothingToDraft
from agent.ground import Grounder
from agent.render.literal import literal as say
from agent.testing import ScriptedEngine
from agent.types import Claim, Draft, Evidence, Plan
from store.errors import StorageFull
from store.types import SearchFilter

if TYPE_CHECKING:
    from store.library import Library

TOPIC = "memory-efficient fine-tuning of language models"
GOLDEN = Path(__file__).parent / "golden" / "review.md"
FILES = {
    "ledger.jsonl",
    "manifest.json",
    "matrix.csv",
    "references.bib",
    "references.json",
    "references.ris",
    "review.md",
    "figures/screening.svg",
}
HOSTILE = [
    {
        "title": "=Fox](http://bad.example) @evil $x$ <script>: parsing \u202etext",
        "abstract": "We propose Fox, a parser of long texts with [@evil] marks. "
        "Fox parses long texts 3x faster than Hare | and needs <b>half</b> the memory.",
        "authors": ["Mallory } and {Eve"],
    },
    {
        "title": "Hare: parsing texts of any length",
        "abstract": "We present Hare, a parser of long texts. # Hare parses 1,000 texts a second on one core.",
    },
    {
        "title": "A parser for long texts without a name",
        "abstract": "This paper presents a parser for long texts that reads each token once. "
        "The parser halves the memory of earlier parsers and keeps 98% of their accuracy.",
        "year": 2021,
    },
]


@pytest.fixture(scope="module")
def draft(demo_library: Library) -> Draft:
    return _write(TOPIC, demo_library)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    from store.library import Library

    folder = tmp_path_factory.mktemp("hostile")
    source = folder / "papers.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in HOSTILE), encoding="utf-8")
    with Library.open(folder / "library", create=True) as library:
        assert not library.add([source]).failed
        yield library


def _write(topic: str, library: Library, filters: SearchFilter = SearchFilter()) -> Draft:
    return write_draft(topic, library, ExtractiveEngine(), Grounder(library.embedder), filters)


def _ledger(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_file_of_the_contract(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    written = write_folder(draft, demo_library, tmp_path / "out")
    names = {path.relative_to(tmp_path / "out").as_posix() for path in written}
    assert names >= FILES
    assert names == {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_every_sentence_is_cited_checked_and_quoted(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    write_folder(draft, demo_library, tmp_path / "out")
    lines = _ledger(tmp_path / "out")
    keys = {item["id"] for item in json.loads((tmp_path / "out" / "references.json").read_text(encoding="utf-8"))}
    assert lines
    for line in lines:
        assert set(line) == {"section", "text", "verdict", "checks", "citations"}
        assert line["verdict"] == "SUPPORTED"
        assert line["citations"]
        for citation in line["citations"]:  # type: ignore[attr-defined]
            paper = demo_library.paper(citation["paper_id"])
            assert paper.abstract[citation["start"] : citation["end"]] == citation["quote"]
            assert citation["title"] == paper.title
            assert citation["key"] in keys


def test_every_included_paper_is_cited_and_nothing_repeats(draft: Draft) -> None:
    sentences = [sentence for section in draft.sections for sentence in section.sentences]
    cited = {citation.paper_id for sentence in sentences for citation in sentence.citations}
    assert cited == {paper.paper_id for paper in draft.screening.included}
    assert len({sentence.text for sentence in sentences}) == len(sentences)


def test_the_prose_is_the_ledger(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    write_folder(draft, demo_library, tmp_path / "out")
    review = (tmp_path / "out" / "review.md").read_text(encoding="utf-8")
    cited = set(re.findall(r"(?<!\\)@(\w+)", review))
    known = {source.key for source in draft.sources}
    assert cited == known
    for line in _ledger(tmp_path / "out"):
        assert say(str(line["text"])).rstrip(".?!")[:60] in review
        assert f"## {say(str(line['section']))}\n" in review


def test_the_same_bytes_each_time(draft: Draft, demo_library: Library) -> None:
    again = _write(TOPIC, demo_library)
    first, second = (files_of(d, demo_library, SearchFilter(), Wanted()) for d in (draft, again))
    assert first == second


def test_the_manifest_accounts_for_the_run(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    write_folder(draft, demo_library, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "plumbline.draft/1"
    assert manifest["library"]["hash"] == demo_library.content_hash()
    assert manifest["prompts"] == []
    assert manifest["engine"] == "extractive"
    counts = manifest["counts"]
    assert counts["identified"] == counts["included"] + counts["excluded"] == len(manifest["retrieved"])
    assert set(manifest["files"]) == {name for name in manifest["files"] if (tmp_path / "out" / name).is_file()}


def test_matrix_cells_are_quotes(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    write_folder(draft, demo_library, tmp_path / "out")
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "matrix.csv").read_text(encoding="utf-8"))))
    assert rows[0][:5] == ["key", "paper_id", "title", "year", "theme"]
    assert len(rows) == len(draft.sources) + 1
    for row in rows[1:]:
        for cell in row[5:]:
            assert cell == "not reported" or cell in demo_library.paper(row[1]).abstract


def test_papers_cannot_break_the_files(hostile: Library, tmp_path: Path) -> None:
    draft = _write("parsing long texts", hostile)
    write_folder(draft, hostile, tmp_path / "out")
    review = (tmp_path / "out" / "review.md").read_text(encoding="utf-8")
    assert "<script>" not in review
    assert not re.search(r"(?<!\\)\]\(http", review)
    assert "http://" not in review
    assert "\u202e" not in review
    assert set(re.findall(r"(?<!\\)@(\w+)", review)) == {source.key for source in draft.sources}
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "matrix.csv").read_text(encoding="utf-8"))))
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert recheck(tmp_path / "out", hostile, Grounder(hostile.embedder)).passed


def test_a_false_engine_is_caught_and_its_papers_still_told(demo_library: Library) -> None:
    def lie(_: Plan, evidence: Sequence[Evidence]) -> list[Claim]:
        return [Claim("The method makes everything 987 times faster.", (evidence[0].evidence_id,))]

    draft = write_draft(TOPIC, demo_library, ScriptedEngine(lie), Grounder(demo_library.embedder))
    texts = [sentence.text for section in draft.sections for sentence in section.sentences]
    assert not any("987" in text for text in texts)
    cited = {c.paper_id for section in draft.sections for s in section.sentences for c in s.citations}
    assert cited == {paper.paper_id for paper in draft.screening.included}


def test_nothing_to_draft(demo_library: Library) -> None:
    with pytest.raises(NothingToDraft, match="medieval poetry"):
        _write("medieval poetry", demo_library)
    with pytest.raises(NothingToDraft, match="filters"):
        _write(TOPIC, demo_library, SearchFilter(year_from=2999))


def test_targets_that_cannot_be_written(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for target, force, words in [
        ("file", False, "is a file"),
        ("full", False, "not empty"),
        ("full", True, "no draft"),
        ("file/under", False, "cannot write"),
    ]:
        with pytest.raises(DraftError, match=words):
            write_folder(draft, demo_library, tmp_path / target, force=force)
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_force_replaces_a_draft(draft: Draft, demo_library: Library, tmp_path: Path) -> None:
    write_folder(draft, demo_library, tmp_path / "out")
    (tmp_path / "out" / "stray.txt").write_text("old")
    with pytest.raises(DraftError, match="--force"):
        write_folder(draft, demo_library, tmp_path / "out")
    write_folder(draft, demo_library, tmp_path / "out", force=True)
    assert not (tmp_path / "out" / "stray.txt").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_interrupted_write_leaves_no_draft(
    draft: Draft, demo_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "review.md":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageFull, match="disk is full"):
        write_folder(draft, demo_library, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_golden_review(demo_library: Library) -> None:
    """The whole text of one review; after a wanted change, delete the file and run the test twice."""
    review = files_of(_write("speculative decoding", demo_library), demo_library, SearchFilter(), Wanted())["review.md"]
    if not GOLDEN.exists():
        GOLDEN.write_text(review, encoding="utf-8")
        pytest.fail(f"{GOLDEN.name} was not there and has been written; read it, then run again")
    assert review == GOLDEN.read_text(encoding="utf-8")
