"""A paper as a row of the catalog, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, fields

from store.types import Author, Paper

__all__ = ["PAPER_COLUMNS", "paper_of_row", "row_of_paper"]

PAPER_COLUMNS = tuple(field.name for field in fields(Paper))
_AUTHORS = PAPER_COLUMNS.index("authors")
_TAGS = PAPER_COLUMNS.index("tags")


def row_of_paper(paper: Paper) -> list[object]:
    """The values of `PAPER_COLUMNS`; authors and tags as JSON arrays of names."""
    values: list[object] = list(astuple(paper))
    values[_AUTHORS] = json.dumps([author.name for author in paper.authors], ensure_ascii=False)
    values[_TAGS] = json.dumps(list(paper.tags), ensure_ascii=False)
    return values


def paper_of_row(row: Sequence[object]) -> Paper:
    """The paper that `row_of_paper` wrote."""
    values = list(row[: len(PAPER_COLUMNS)])
    values[_AUTHORS] = tuple(Author(str(name)) for name in json.loads(str(row[_AUTHORS])))
    values[_TAGS] = tuple(str(tag) for tag in json.loads(str(row[_TAGS])))
    return Paper(*values)  # type: ignore[arg-type]  # the row was written from a Paper, column by column
