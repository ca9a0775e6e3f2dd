"""Ids, merging, near-duplicates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.identity import keys, merge, near_duplicates, paper_of
from store.types import Author, Record

BASE = Record("dir/a.jsonl", "line 1", "A Long Enough Title of 6.7times", "We read it.")


def test_ids_follow_doi_then_arxiv_then_title() -> None:
    assert keys(paper_of(replace(BASE, doi="10.1/X", arxiv_id="2401.00001")))[0] == "doi:10.1/x"
    assert keys(paper_of(replace(BASE, doi="10.48550/arXiv.2401.00001v2")))[0] == "arxiv:2401.00001"
    same = paper_of(replace(BASE, title="a long enough title of 6.7×", year=2020))
    assert same.paper_id == paper_of(BASE).paper_id
    assert len(same.paper_id) == 13


def test_short_titles_need_an_author_or_year() -> None:
    one, two = (paper_of(replace(BASE, title="Editorial", authors=(Author(n),))) for n in ("Jane Doe", "Roe, Al"))
    assert not set(keys(one)) & set(keys(two))
    assert keys(one) == keys(paper_of(replace(BASE, title="Editorial", authors=(Author("Doe, Jane"),))))


def test_preprint_and_publication_share_a_key() -> None:
    preprint, published = paper_of(replace(BASE, arxiv_id="2401.00001")), paper_of(replace(BASE, doi="10.1/x"))
    assert set(keys(preprint)) & set(keys(published))
    both = merge(replace(preprint, venue="arXiv"), replace(published, venue="Conf", tags=("t",)))
    assert (both.doi, both.arxiv_id, both.venue, both.tags) == ("10.1/x", "2401.00001", "Conf", ("t",))
    assert both.paper_id == preprint.paper_id


@pytest.mark.parametrize(
    ("known", "new", "date"),
    [("--01-23", "2026-01-23", "2026-01-23"), ("--01-23", "2026-02-01", "--01-23"),
     ("2024", "2024-05-01", "2024-05-01"), ("2024-05", "2023", "2024-05"), (None, "2023", "2023")],
)  # fmt: skip
def test_merge_keeps_the_fuller_date(known: str | None, new: str | None, date: str) -> None:
    merged = merge(paper_of(replace(BASE, date=known)), paper_of(replace(BASE, date=new)))
    assert merged.date == date


def test_near_duplicates_are_reported() -> None:
    one = paper_of(replace(BASE, title="A Study of Reading Saved Pages with Care"))
    two = paper_of(replace(BASE, title="A Study of Reading Saved Page with Care", abstract="Other words."))
    far = paper_of(replace(BASE, title="A Study of Something Else Entirely", abstract="Unlike."))
    assert near_duplicates([one, two, far]) == (tuple(sorted((one.paper_id, two.paper_id))),)
