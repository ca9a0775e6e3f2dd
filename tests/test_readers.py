"""Files to records: every format, every kind of damage, each with its outcome."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store.errors import InputUnreadable, UnknownFormat
from store.identity import paper_of
from store.readers import read
from store.readers.fields import iso_date
from store.types import ReadFailure, Record

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"
LONG = "We measure the reading of saved pages with care and report what was lost on the way to the library. " * 3
PAGE = f"""new

Get trending papers in your email inbox!

Subscribe

Daily Papers

byAK and the research community

Feb 19

First Made-Up Title

{LONG}

  • 5 authors
·
Aug 20, 2025 3

A Title That Lost Its Abstract

  • 2 authors
·
Aug 21, 2025

Second Made-Up Title

{LONG}

Acme Acme Labs
·
Jan 23

Third Made-Up Title

{LONG}"""


def _read(path: Path) -> tuple[list[Record], list[ReadFailure]]:
    items = list(read([path]))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, ReadFailure)]


def _write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize("page", [PAGE, PAGE.replace("\n", "\r\n"), "\ufeff" + PAGE])
def test_saved_page(tmp_path: Path, page: str) -> None:
    records, failures = _read(_write(tmp_path, "page.txt", page))
    assert [r.title for r in records] == ["First Made-Up Title", "Second Made-Up Title", "Third Made-Up Title"]
    first, second, third = records
    assert (first.date, first.year, first.author_count, first.votes) == ("2025-08-20", 2025, 5, 3)
    assert (second.date, second.year, second.organisation) == ("--01-23", None, "Acme Acme Labs")
    assert (third.date, third.author_count) == (None, None)
    assert [f.reason for f in failures] == ["no abstract (A Title That Lost Its Abstract)"]


ROWS = [
    {"id": "2401.00001", "title": "A", "abstract": "One two.", "authors_parsed": [["Doe", "Jane", ""]],
     "categories": "cs.LG stat.ML", "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]},
    {"paperId": "x", "title": "B", "abstract": "Three.", "externalIds": {"DOI": "10.1000/ABC", "ArXiv": "2402.00002"},
     "authors": [{"name": "Jo Roe"}], "publicationDate": "2024-02-03", "year": 2024, "venue": "Conf"},
    {"id": "https://openalex.org/W1", "display_name": "C", "doi": "https://doi.org/10.1000/xyz",
     "abstract_inverted_index": {"Hello": [0], "again": [2], "world": [1]}, "publication_year": 2020,
     "authorships": [{"author": {"display_name": "Al Poe"}}]},
    {"title": "D", "abstract": "Plain."},
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(r) for r in ROWS),
        "\r\n".join(json.dumps(r) for r in ROWS) + "\r\n",
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        json.dumps({"meta": {"count": 4}, "results": ROWS}),
        "\ufeff" + json.dumps({"results": ROWS}, indent=1),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_of_every_source(tmp_path: Path, text: str, encoding: str) -> None:
    records, failures = _read(_write(tmp_path, "rows", text.lstrip("\ufeff").encode(encoding)))
    assert not failures
    a, b, c, d = records
    assert (a.arxiv_id, a.date, a.year, a.tags, a.authors[0].name) == (
        "2401.00001", "2007-04-02", 2007, ("cs.LG", "stat.ML"), "Jane Doe")  # fmt: skip
    assert (b.doi, b.arxiv_id, b.venue, b.date) == ("10.1000/abc", "2402.00002", "Conf", "2024-02-03")
    assert (c.abstract, c.doi, c.year, c.authors[0].name) == ("Hello world again", "10.1000/xyz", 2020, "Al Poe")
    assert (d.title, d.year, d.doi) == ("D", None, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["Title", "Year", "Abstract"]) + "\n"
    text += delimiter.join(["One", "2021", '"Quoted, with\na line; and\ttab."']) + "\n"
    text += delimiter.join(["Two", "2022"]) + "\n" + delimiter.join(["Three", "", "Plain."]) + "\n"
    records, failures = _read(_write(tmp_path, "t.csv", text))
    assert [(r.title, r.year) for r in records] == [("One", 2021), ("Three", None)]
    assert [(f.locator, f.reason) for f in failures] == [("line 4", "2 columns where the header has 3")]


def test_damaged_records_are_listed_and_the_rest_loads(tmp_path: Path) -> None:
    good = json.dumps({"title": "Good", "abstract": "Fine."}).encode()
    lines = [good, b'{"title": "Cut', b"[1]", b'{"title": "None here"}', b'{"abstract": "x."}',
             b'{"title": "Latin", "abstract": "caf\xe9."}', b'{"title": "Nul", "abstract": "a\x00b"}',
             b"", good]  # fmt: skip
    records, failures = _read(_write(tmp_path, "a.jsonl", b"\n".join(lines)))
    assert len(records) == 2
    assert [f.locator for f in failures] == [f"line {n}" for n in range(2, 8)]
    words = ["not valid JSON", "object is expected", "no abstract", "no title", "not UTF-8", "NUL"]
    assert all(word in failure.reason for word, failure in zip(words, failures, strict=True))


def test_damaged_json_array(tmp_path: Path) -> None:
    text = '[{"title": "A", "abstract": "x."}, {"title": oops}, {"title": "B", "abstract": "y {."}, {"title": "C", "abs'
    records, failures = _read(_write(tmp_path, "a.json", text))
    assert [r.title for r in records] == ["A", "B"]
    assert [f.locator for f in failures] == ["index 1", "index 3"]


def test_unusable_paths(tmp_path: Path) -> None:
    binary = _write(tmp_path, "x.bin", bytes(range(256)) * 9)
    prose = _write(tmp_path, "x.md", "# Notes\n\nNothing to load.\n")
    empty = _write(tmp_path, "empty.jsonl", b"\n \n")
    unknown, unusable = (binary, prose), (empty, tmp_path, tmp_path / "none")
    for path, kind in [*((p, UnknownFormat) for p in unknown), *((p, InputUnreadable) for p in unusable)]:
        with pytest.raises(kind) as error:
            list(read([path]))
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)
    with pytest.raises(UnknownFormat, match=r"JSON lines.*CSV"):
        list(read([prose]))


def test_folder_lists_what_it_cannot_read(tmp_path: Path) -> None:
    _write(tmp_path, "notes.md", "# Notes\n")
    _write(tmp_path, ".hidden.jsonl", "{")
    _write(tmp_path, "b.jsonl", json.dumps(ROWS[3]))
    records, failures = _read(tmp_path)
    assert [r.title for r in records] == ["D"]
    assert len(failures) == 1
    assert failures[0].path.endswith("notes.md")


@pytest.mark.parametrize(
    ("text", "iso"),
    [("Aug 20, 2025", "2025-08-20"), ("Jan 23", "--01-23"), ("2024-2-3T00:00:00Z", "2024-02-03"), ("2024", "2024"),
     ("Mar 2021", "2021-03"), ("Foo 3", None), ("Feb 30, 2024", None), ("", None)],
)  # fmt: skip
def test_iso_date(text: str, iso: str | None) -> None:
    assert iso_date(text) == iso


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
def test_the_corpus() -> None:
    records, failures = _read(CORPUS)
    assert (len(records), len(failures)) == (454, 0)
    assert len({paper_of(record).paper_id for record in records}) == 433
