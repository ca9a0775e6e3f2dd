"""`plumbline add`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def add(
        context: typer.Context,
        paths: Annotated[list[Path], typer.Argument(metavar="PATH", exists=True, help="Files and folders of papers.")],
        json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    ) -> None:
        """Read files and folders into the library."""
        from agent.app import open_library
        from agent.cli.console import DONE, VERDICT_NO, emit_json, look, say, settings_of
        from agent.cli.progress import ingest_bar
        from agent.render.documents import add_document
        from agent.render.papers import ingest_lines

        with open_library(settings_of(context), create=True) as library, ingest_bar() as progress:
            report = library.add(paths, progress)
        if json:
            emit_json(add_document(report))
        else:
            for line in ingest_lines(report, look()):
                say(line)
        raise typer.Exit(VERDICT_NO if report.failed else DONE)
