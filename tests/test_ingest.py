"""Adding records: counts, re-runs, edits, merges, interruptions and kills."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from store.embed.fake import HashEmbedder
from store.errors import EmbedderUnavailable
from store.library import Library
from store.types import EmbedderInfo, IngestProgress, IngestReport, Vectors

ROOT = Path(__file__).parents[1]
TOPICS = ("pruning", "caching", "routing", "tiling", "quantising", "distilling", "merging")


def row(number: int, **more: object) -> dict[str, object]:
    topic = TOPICS[number % len(TOPICS)]
    abstract = f"We study {topic} for model family {number}. Ours is {number + 2} times faster. It needs no tuning."
    return {"title": f"On {topic} at scale, volume {number}", "abstract": abstract, **more}


def write(path: Path, *rows: dict[str, object] | str) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return path


def add(folder: Path, *paths: Path, embedder: HashEmbedder | None = None) -> IngestReport:
    with Library.open(folder, embedder=embedder or HashEmbedder(16), create=True) as library:
        return library.add(paths)


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.duplicates, len(report.failed)


def test_first_run_counts_new_papers_and_duplicates(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", row(1), row(2), row(1), "{broken")
    second = write(tmp_path / "b.jsonl", row(2), row(3))
    report = add(tmp_path / "library", first, second)
    assert counts(report) == (3, 0, 2, 1)
    assert report.papers == 3
    assert (Path(report.failed[0].path).name, report.failed[0].locator) == ("a.jsonl", "line 4")


def test_second_run_does_nothing_and_embeds_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", *(row(n) for n in range(5)), row(1))
    add(tmp_path / "library", file)
    with Library.open(tmp_path / "library") as library:
        before = library.content_hash()
    embedder = HashEmbedder(16)
    assert counts(add(tmp_path / "library", file, embedder=embedder)) == (0, 0, 0, 0)
    assert embedder.embedded == 0
    with Library.open(tmp_path / "library") as library:
        assert library.content_hash() == before


def test_a_moved_file_is_known(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    add(tmp_path / "library", write(tmp_path / "a.jsonl", row(1), row(2)))
    moved = write(tmp_path / "elsewhere" / "a.jsonl", row(2), row(1))
    assert counts(add(tmp_path / "library", moved)) == (0, 0, 0, 0)


def test_more_metadata_updates_and_plain_repeats_are_duplicates(tmp_path: Path) -> None:
    add(tmp_path / "library", write(tmp_path / "a.jsonl", row(1), row(2)))
    more = write(tmp_path / "b.jsonl", row(1, doi="10.5555/one", year=2024), row(2))
    assert counts(add(tmp_path / "library", more)) == (0, 1, 1, 0)
    with Library.open(tmp_path / "library") as library:
        paper = library.find("10.5555/one")
        assert (paper.year, paper.source) == (2024, "a.jsonl")


def test_an_edited_file_replaces_its_papers_text(tmp_path: Path) -> None:
    add(tmp_path / "library", write(tmp_path / "a.jsonl", row(1), row(2)))
    edited = {**row(1), "abstract": "Corrected: our method is 4 times faster."}
    embedder = HashEmbedder(16)
    report = add(tmp_path / "library", write(tmp_path / "a.jsonl", edited, row(2)), embedder=embedder)
    assert counts(report) == (0, 1, 0, 0)
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        paper = library.find(str(edited["title"]))
        assert paper.abstract == edited["abstract"]
        assert [s.text for s in library.sentences(paper.paper_id)] == [paper.abstract]


def test_two_papers_that_turn_out_to_be_one(tmp_path: Path) -> None:
    one = row(1, doi="10.5555/a")
    other = {**row(1), "title": "Quite another title of the same work", "arxiv_id": "2401.00001"}
    add(tmp_path / "library", write(tmp_path / "a.jsonl", one, other))
    both = {**row(1), "title": "Quite another title of the same work", "doi": "10.5555/a", "arxiv_id": "2401.00001"}
    report = add(tmp_path / "library", write(tmp_path / "b.jsonl", both))
    assert (report.added, report.papers) == (0, 1)
    assert counts(add(tmp_path / "library", tmp_path / "a.jsonl", tmp_path / "b.jsonl")) == (0, 0, 0, 0)


def test_removed_paper_comes_back_with_its_file(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", row(1), row(2))
    add(tmp_path / "library", file)
    with Library.open(tmp_path / "library", embedder=HashEmbedder(16)) as library:
        library.remove(library.find(str(row(1)["title"])).paper_id)
        assert len(library.papers()) == 1
    assert counts(add(tmp_path / "library", file)) == (1, 0, 0, 0)


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[IngestProgress] = []
    file = write(tmp_path / "a.jsonl", *(row(n) for n in range(70)))
    with Library.open(tmp_path / "library", embedder=HashEmbedder(16), create=True) as library:
        library.add([file], seen.append)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert seen[-1] == IngestProgress(read=70, done=70, total=70)


class Failing:
    """A hash embedder that gives up after so many calls, as an endpoint or Ctrl-C would."""

    def __init__(self, calls: int, error: type[BaseException]) -> None:
        self.inner = HashEmbedder(16)
        self.calls = calls
        self.error = error

    @property
    def info(self) -> EmbedderInfo:
        return self.inner.info

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.calls -= 1
        if self.calls < 0:
            raise self.error("gone")
        return self.inner.embed(texts)


@pytest.mark.parametrize("error", [KeyboardInterrupt, EmbedderUnavailable])
@pytest.mark.parametrize("calls", [0, 1, 2])
def test_interrupted_work_resumes(tmp_path: Path, calls: int, error: type[BaseException]) -> None:
    file = write(tmp_path / "a.jsonl", *(row(n) for n in range(80)), row(3))
    whole = HashEmbedder(16)
    add(tmp_path / "whole", file, embedder=whole)
    failing = Failing(calls, error)
    with (
        Library.open(tmp_path / "library", embedder=failing, create=True) as library,
        pytest.raises(error),
    ):
        library.add([file])
    rest = HashEmbedder(16)
    report = add(tmp_path / "library", file, embedder=rest)
    assert report.papers == 80
    assert report.added < 80 or calls == 0
    assert failing.inner.embedded + rest.embedded == whole.embedded
    with Library.open(tmp_path / "library") as resumed, Library.open(tmp_path / "whole") as once:
        assert resumed.content_hash() == once.content_hash()


SLOW = """
import sys, time
from pathlib import Path
from store.embed.fake import HashEmbedder
from store.library import Library

class Slow(HashEmbedder):
    def embed(self, texts):
        time.sleep(0.03)
        return super().embed(texts)

with Library.open(Path(sys.argv[1]), embedder=Slow(16), create=True) as library:
    library.add([Path(sys.argv[2])], lambda progress: print(progress.done, flush=True))
"""


@pytest.mark.parametrize("reached", ["0", "32", "96", "128"])
def test_kill_at_any_instant_loses_and_doubles_nothing(tmp_path: Path, reached: str) -> None:
    file = write(tmp_path / "a.jsonl", *(row(n) for n in range(128)), row(5))
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path / "library"), str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == reached:
                break
        time.sleep(int(reached) / 10_000)  # somewhere within the next batch; the outcome does not depend on where
        process.kill()
    with Library.open(tmp_path / "library", embedder=HashEmbedder(16)) as library:
        assert len(library.papers()) >= int(reached)
        for paper in library.papers():
            assert len(library.sentence_vectors(paper.paper_id)) == len(library.sentences(paper.paper_id)) == 3
    report = add(tmp_path / "library", file)
    assert report.papers == 128
    add(tmp_path / "whole", file)
    with (
        Library.open(tmp_path / "library", embedder=HashEmbedder(16)) as resumed,
        Library.open(tmp_path / "whole", embedder=HashEmbedder(16)) as once,
    ):
        assert resumed.content_hash() == once.content_hash()
        query = "caching for model family 8"
        assert resumed.search(query) == once.search(query)
