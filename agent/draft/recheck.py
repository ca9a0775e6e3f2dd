"""A draft folder checked again: every ledger line against the library, and `review.md` against the ledger.

Nothing written in the folder is believed: quotes are looked up, verdicts are made anew, and prose
that no ledger line carries is named with its line.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.compare import NOT_REPORTED
from agent.draft.ledger import Manifest, Read, read_ledger, read_manifest, read_text
from agent.draft.write import KEYLESS
from agent.errors import DraftError
from agent.ground import Grounder, Item
from agent.render.literal import literal as say
from agent.render.review import sentence_line
from agent.types import CheckedSentence, Citation, Label, Problem, Quote, Recheck, Verdict
from agent.words import content_stems
from store.errors import UnknownPaper
from store.types import Paper

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["recheck"]

_CLOSE = 0.6
"""Likeness from which a line of prose is taken for an edited sentence rather than a new one."""
_FIXED_COLUMNS = 5
"""Columns of matrix.csv before the aspects: key, paper_id, title, year, theme."""


def recheck(directory: Path, library: Library, grounder: Grounder) -> Recheck:
    """Check the draft in `directory` against the library as it is now. Raises DraftError, StoreError."""
    manifest = read_manifest(directory)
    lines, faults = read_ledger(directory)
    review = read_text(directory, "review.md")
    if not lines and not faults:
        raise DraftError(f"{directory / 'ledger.jsonl'} is empty: there is no sentence to check; write the draft again")
    problems = [Problem("ledger.jsonl", f.number, None, f.text[:200], f"can't be read: {f.reason}") for f in faults]
    shelf = _Shelf(library)
    verdicts: Counter[str] = Counter()
    for line, verdict in zip(lines, _verdicts(lines, shelf, grounder), strict=True):
        verdicts[verdict.label.value] += 1
        problems += [_of(line, what) for what in _citation_faults(line.sentence, shelf)]
        problems += [_of(line, what) for what in _verdict_faults(line.sentence, verdict)]
        if manifest.engine == KEYLESS:
            problems += [_of(line, what) for what in _foreign_words(line.sentence)]
    prose = _prose_faults(review, lines)
    problems += prose
    problems += _matrix_faults(directory, shelf)
    named = {problem.file for problem in problems} | ({"review.md"} if prose else set())
    problems += _file_faults(directory, manifest, named)
    unchanged = manifest.library.hash == library.content_hash()
    return Recheck(str(directory), len(lines), tuple(sorted(verdicts.items())), unchanged, tuple(problems))


class _Shelf:
    """Papers by id, looked up once; None where the library does not hold one."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._papers: dict[str, Paper | None] = {}

    def get(self, paper_id: str) -> Paper | None:
        """The paper, or None."""
        if paper_id not in self._papers:
            try:
                self._papers[paper_id] = self._library.paper(paper_id)
            except UnknownPaper:
                self._papers[paper_id] = None
        return self._papers[paper_id]


def _verdicts(lines: Sequence[Read], shelf: _Shelf, grounder: Grounder) -> Sequence[Verdict]:
    items = []
    for line in lines:
        ids = dict.fromkeys(citation.paper_id for citation in line.sentence.citations)
        papers = tuple(paper for paper_id in ids if (paper := shelf.get(paper_id)) is not None)
        cited = [citation for citation in line.sentence.citations if _holds(citation, shelf)]
        quotes = tuple(Quote(c.paper_id, c.start, c.end, c.quote) for c in cited)
        items.append(Item(line.sentence.text, papers, quotes))
    return grounder.check_many(items)


def _holds(citation: Citation, shelf: _Shelf) -> bool:
    paper = shelf.get(citation.paper_id)
    return paper is not None and paper.abstract[citation.start : citation.end] == citation.quote


def _citation_faults(sentence: CheckedSentence, shelf: _Shelf) -> list[str]:
    if not sentence.citations:
        return ["cites nothing"]
    faults = []
    for citation in sentence.citations:
        paper = shelf.get(citation.paper_id)
        if paper is None:
            faults.append(f"cites {citation.paper_id}, which the library does not hold")
        elif not _holds(citation, shelf):
            faults.append(f"the quote is not what stands at {citation.start}-{citation.end} of {citation.paper_id}")
        elif paper.title != citation.title:
            faults.append(f"the title given for {citation.paper_id} is not the library's")
    return faults


def _verdict_faults(sentence: CheckedSentence, verdict: Verdict) -> list[str]:
    if verdict.label is Label.SUPPORTED:
        return []
    failed = "; ".join(f"{check.name}: {check.detail}" for check in verdict.checks if check.outcome != "pass")
    was = "" if sentence.verdict.label is verdict.label else f" (the ledger says {sentence.verdict.label.value})"
    return [f"{verdict.label.value}{was}" + (f": {failed}" if failed else "")]


def _foreign_words(sentence: CheckedSentence) -> list[str]:
    """The keyless engine says only its quotes' words (and names the work and its authors): others were put in since."""
    told = " ".join(f"{citation.quote} {citation.title}" for citation in sentence.citations)
    foreign = set(content_stems(sentence.text)) - set(content_stems(f"{told} the authors"))
    return [f"says words that no cited quote has: {', '.join(sorted(foreign))}"] if foreign else []


def _of(line: Read, what: str) -> Problem:
    return Problem("ledger.jsonl", line.number, line.section, line.sentence.text, what)


def _prose_faults(review: str, lines: Sequence[Read]) -> list[Problem]:
    """Prose that the ledger does not carry, and ledger lines that the prose lacks."""
    left: dict[tuple[str, str], list[Read]] = {}
    for line in lines:
        left.setdefault((say(line.section), sentence_line(line.sentence)), []).append(line)
    strange: list[tuple[int, str, str]] = []
    for number, section, text in _prose(review):
        if left.get((section, text)):
            left[section, text].pop(0)
        else:
            strange.append((number, section, text))
    missing = [line for waiting in left.values() for line in waiting]
    problems = [_strange(number, section, text, missing) for number, section, text in strange]
    problems += [_of(line, "is not in review.md") for line in sorted(missing, key=lambda line: line.number)]
    return problems


def _strange(number: int, section: str, text: str, missing: list[Read]) -> Problem:
    """An edited sentence, matched with the ledger line it was (which is then no longer missing), or a new one."""
    likeness = [difflib.SequenceMatcher(None, text, sentence_line(line.sentence)).ratio() for line in missing]
    best = max(range(len(missing)), key=lambda i: (likeness[i], -i), default=None)
    if best is None or likeness[best] < _CLOSE:
        return Problem("review.md", number, section, text, "stands in no line of the ledger")
    line = missing.pop(best)
    moved = sentence_line(line.sentence) == text
    what = "stands under another heading than in the ledger" if moved else "is not as the ledger has it"
    return Problem("review.md", number, section, text, f"{what} (ledger.jsonl line {line.number})")


def _prose(review: str) -> list[tuple[int, str, str]]:
    """(line number, heading above, line) of everything that is no heading, table, figure, front matter or reference."""
    found: list[tuple[int, str, str]] = []
    section, front = "", review.startswith("---\n")
    for number, line in enumerate(review.split("\n"), 1):
        if front:
            front = number == 1 or line != "---"
        elif line.startswith("#"):
            section = line.lstrip("#").strip()
        elif (
            line.strip()
            and not line.startswith(("|", "!["))
            and not (section == "References" and line.startswith("- "))
        ):
            found.append((number, section, line))
    return found


def _matrix_faults(directory: Path, shelf: _Shelf) -> list[Problem]:
    """Cells of matrix.csv that are neither "not reported" nor words of the row's paper."""
    problems = []
    rows = list(csv.reader(io.StringIO(read_text(directory, "matrix.csv"))))
    for number, row in enumerate(rows[1:], 2):
        paper = shelf.get(row[1]) if len(row) > 1 else None
        text = " ".join(paper.abstract.split()) if paper else ""
        for name, cell in zip(rows[0][_FIXED_COLUMNS:], row[_FIXED_COLUMNS:], strict=False):
            if cell != NOT_REPORTED and cell.removeprefix("'") not in text:
                problems.append(Problem("matrix.csv", number, name, cell, f"is no quote of {row[1]}"))
    return problems


def _file_faults(directory: Path, manifest: Manifest, named: set[str]) -> list[Problem]:
    """Files that are missing or changed, where nothing more exact is known."""
    problems = []
    for name, digest in sorted(manifest.files.items()):
        path = directory / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            problems.append(Problem("manifest.json", None, None, name, "names a file outside the draft"))
        elif not path.is_file():
            problems.append(Problem(name, None, None, "", "is missing"))
        elif name not in named and hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            outside = " outside its sentences (a heading, table or figure)" if name == "review.md" else ""
            problems.append(Problem(name, None, None, "", f"was changed since the draft was written{outside}"))
    return problems
