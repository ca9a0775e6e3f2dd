"""The options that narrow which papers a command looks at, the same for every command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from store.library import Library
    from store.types import SearchFilter

__all__ = ["Papers", "Sources", "YearFrom", "YearTo", "make_filter", "only"]

YearFrom = Annotated[int | None, typer.Option("--year-from", metavar="YEAR", help="Only papers of this year or later.")]
YearTo = Annotated[int | None, typer.Option("--year-to", metavar="YEAR", help="Only papers of this year or earlier.")]
Sources = Annotated[
    list[str] | None, typer.Option("--source", metavar="NAME", help="Only papers from this file; may be repeated.")
]
Papers = Annotated[
    list[str] | None,
    typer.Option("--paper", "--id", metavar="ID", help="Only this paper, by id or title; may be repeated."),
]


def make_filter(year_from: int | None, year_to: int | None, sources: Sequence[str] | None) -> SearchFilter:
    """What the options ask for. Raises typer.BadParameter for years that no paper can satisfy."""
    from store.types import SearchFilter

    if year_from is not None and year_to is not None and year_from > year_to:
        raise typer.BadParameter(f"--year-from {year_from} is later than --year-to {year_to}")
    return SearchFilter(year_from, year_to, tuple(sources or ()))


def only(papers: Sequence[str] | None, filters: SearchFilter, library: Library) -> SearchFilter:
    """`filters`, and only `papers`, each an id or title. Raises UnknownPaper for one that is not in the library."""
    return replace(filters, paper_ids=tuple(library.find(reference).paper_id for reference in papers or ()))
