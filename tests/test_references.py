"""References: BibTeX, RIS, CSL-JSON, the reference list."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.render.references import bibtex, csl_json, reference_list, ris
from agent.types import Source
from store.types import Author, Paper

FULL = Source(
    "lovelace2025",
    Paper(
        "p0123456789ab",
        "Cost & Benefit: 50% of {Tokens} for $5 in C#_^~",
        "An abstract.",
        authors=(
            Author("Ada Lovelace"),
            Author("van der Waals, Johannes"),
            Author("Ludwig van Beethoven"),
            Author("ACME"),
        ),
        year=2025,
        date="2025-08-20",
        venue="Journal of Tests & Trials",
        doi="10.1000/xyz_123",
        arxiv_id="2508.01234",
        url="https://example.org/a_b?c=d",
    ),
)
BARE = Source("plainwork", Paper("pffffffffffff", "A plain work without anything known", "Text."))


def test_bibtex_full() -> None:
    assert bibtex([FULL]) == (
        "@article{lovelace2025,\n"
        "  author = {Lovelace, Ada and van der Waals, Johannes and van Beethoven, Ludwig and {ACME}},\n"
        "  title = {{Cost \\& Benefit: 50\\% of \\textbraceleft{}Tokens\\textbraceright{} for \\$5 in "
        "C\\#\\_\\textasciicircum{}\\textasciitilde{}}},\n"
        "  journal = {Journal of Tests \\& Trials},\n"
        "  year = {2025},\n"
        "  month = {aug},\n"
        "  doi = {10.1000/xyz_123},\n"
        "  eprint = {2508.01234},\n"
        "  archiveprefix = {arXiv},\n"
        "  url = {https://example.org/a_b?c=d}\n"
        "}\n"
    )


def test_unknown_values_are_left_out() -> None:
    assert bibtex([BARE]) == "@misc{plainwork,\n  title = {{A plain work without anything known}}\n}\n"
    assert json.loads(csl_json([BARE])) == [
        {"id": "plainwork", "type": "article", "title": "A plain work without anything known"}
    ]
    assert ris([BARE]) == "TY  - GEN\r\nID  - plainwork\r\nTI  - A plain work without anything known\r\nER  - \r\n"
    assert reference_list([BARE]) == "- `plainwork`: *A plain work without anything known*. Undated."


def test_ris_full() -> None:
    lines = ris([FULL]).split("\r\n")
    assert lines[0] == "TY  - JOUR"
    assert lines[-2] == "ER  - "
    assert "AU  - Lovelace, Ada" in lines
    assert "AU  - ACME" in lines
    assert "PY  - 2025" in lines
    assert "DA  - 2025/08/20/" in lines


def test_csl_full() -> None:
    item = json.loads(csl_json([FULL]))[0]
    assert item["author"] == [
        {"family": "Lovelace", "given": "Ada"},
        {"family": "van der Waals", "given": "Johannes"},
        {"family": "van Beethoven", "given": "Ludwig"},
        {"literal": "ACME"},
    ]
    assert item["issued"] == {"date-parts": [[2025, 8, 20]]}
    assert item["type"] == "article-journal"


@pytest.mark.parametrize(
    ("year", "date", "parts"),
    [
        (2025, "2025-08-20", [2025, 8, 20]),
        (2025, "2025-08", [2025, 8]),
        (2025, "2025", [2025]),
        (2025, None, [2025]),
        (2025, "2024-01-01", [2025]),
        (2025, "2025-13-40", [2025]),
        (None, "--01-23", None),
        (None, None, None),
    ],
)
def test_dates_are_never_guessed(year: int | None, date: str | None, parts: list[int] | None) -> None:
    item = json.loads(csl_json([Source("k", Paper("p1", "T", "A", year=year, date=date))]))[0]
    assert item.get("issued") == (None if parts is None else {"date-parts": [parts]})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/x", True),
        ("javascript:alert(1)", False),
        ("https://example.org/x> [evil](https://bad)", False),
        ("https://example.org/a b", False),
    ],
)
def test_only_plain_web_addresses_become_links(url: str, shown: bool) -> None:
    listed = reference_list([Source("k", Paper("p1", "T", "A", url=url))])
    assert (f"<{url}>" in listed) is shown
    assert "](" not in listed


@given(st.text(min_size=1, max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_any_text_keeps_the_formats_whole(title: str, name: str, venue: str) -> None:
    paper = Paper("p1", title, "A", authors=(Author(name),) if name.strip() else (), venue=venue or None, year=2024)
    source = Source("key2024", paper)
    entry = bibtex([source])
    body = re.sub(r"\\[&%$#_]", "", entry)
    assert body.count("{") == body.count("}")
    assert entry.count("\n@") == 0
    assert len(json.loads(csl_json([source]))) == 1
    records = ris([source])
    assert records.count("ER  - ") == records.split("\r\n").count("ER  - ") + sum(
        line.count("ER  - ") for line in records.split("\r\n") if not line.startswith("ER  - ")
    )
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in records.split("\r\n")[:-1])
    assert "\n" not in reference_list([source])
