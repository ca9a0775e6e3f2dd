"""The bundled digests are our own words over facts of their papers, as far as a program can tell.

The rule for words: no run of eight or more words (casefolded, punctuation aside) stands in a digest and in its source's
abstract alike. Short of that, names, figures and set phrases may coincide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.chunk import split_sentences
from store.readers import read
from store.text import canonical, fold
from store.types import Record

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
RUN = 8
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")
MARKS = re.compile(r"\bdoi\b|\barxiv\b|https?:|www\.|\bet al\b|\b(?:19|20)\d\d\b", re.IGNORECASE)


def _digests() -> list[dict[str, str]]:
    lines = (ROOT / "evals" / "demo" / "digests.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def sources() -> dict[str, list[Record]]:
    """Records of the corpus by folded title."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout; digests cannot be compared with their sources")
    found: dict[str, list[Record]] = {}
    for record in read([CORPUS]):
        if isinstance(record, Record):
            found.setdefault(fold(record.title), []).append(record)
    return found


def _pairs(sources: dict[str, list[Record]]) -> Iterator[tuple[str, str, str]]:
    """Title, digest and source text of each digest; a paper told twice counts with both texts."""
    for row in _digests():
        records = sources.get(fold(row["title"]), [])
        assert records, f"{row['title']}: no such title in the corpus"
        yield row["title"], canonical(row["abstract"]), " \n ".join(canonical(r.abstract) for r in records)


def _runs(text: str) -> set[str]:
    words = WORD.findall(text.casefold())
    return {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def test_form() -> None:
    rows = _digests()
    assert len({fold(row["title"]) for row in rows}) == len(rows)
    for row in rows:
        assert set(row) == {"title", "abstract", "tags"}, row["title"]
        assert canonical(row["abstract"]) == row["abstract"], row["title"]
        assert 4 <= len(split_sentences(row["abstract"])) <= 7, row["title"]
        assert not MARKS.search(row["abstract"]), (row["title"], "an identifier, address, citation or year")


def test_numbers_stand_in_the_source(sources: dict[str, list[Record]]) -> None:
    for title, digest, source in _pairs(sources):
        known = set(NUMBER.findall(f"{source} {title}"))
        assert set(NUMBER.findall(digest)) <= known, (title, sorted(set(NUMBER.findall(digest)) - known))


def test_words_are_our_own(sources: dict[str, list[Record]]) -> None:
    for title, digest, source in _pairs(sources):
        shared = _runs(digest) & {run for run in _runs(source) if run not in fold(title)}
        assert not shared, (title, sorted(shared))


def test_no_author_is_named(sources: dict[str, list[Record]]) -> None:
    if not any(record.authors for records in sources.values() for record in records):
        pytest.skip("the corpus names no authors")
    for title, digest, _ in _pairs(sources):
        names = {author.name for record in sources[fold(title)] for author in record.authors}
        told = {name for name in names if fold(name) and f" {fold(name)} " in f" {fold(digest)} "}
        assert not told, (title, sorted(told))
