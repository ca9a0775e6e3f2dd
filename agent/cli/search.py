"""`plumbline search`."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.filters import Papers, Sources, YearFrom, YearTo, make_filter, only

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def search(
        context: typer.Context,
        query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, in plain words.")],
        k: Annotated[int, typer.Option("-k", metavar="N", min=1, max=1000, help="How many papers.")] = 10,
        year_from: YearFrom = None,
        year_to: YearTo = None,
        source: Sources = None,
        paper: Papers = None,
        json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    ) -> None:
        """Find papers, each with its best passage."""
        from agent.app import open_library
        from agent.cli.console import emit_json, look, notice, say, settings_of
        from agent.render.documents import search_document
        from agent.render.papers import hit_lines

        filters = make_filter(year_from, year_to, source)
        with open_library(settings_of(context)) as library:
            hits = library.search(query, k, only(paper, filters, library))
        if json:
            emit_json(search_document(query, hits))
            return
        for line in hit_lines(hits, look()):
            say(line)
        if not hits:
            notice("no paper found")
