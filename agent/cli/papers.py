"""`plumbline papers`: list, show, remove, export."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.filters import Sources, YearFrom, YearTo, make_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.types import Paper

__all__ = ["Format", "register"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Format(StrEnum):
    """What `papers export` can write."""

    JSONL = "jsonl"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL = "csl"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    papers = typer.Typer(name="papers", help="The library's records: list, show, remove, export.", no_args_is_help=True)
    papers.command("list")(_list)
    papers.command("show")(_show)
    papers.command("remove")(_remove)
    papers.command("export")(_export)
    app.add_typer(papers)


def _list(
    context: typer.Context,
    year_from: YearFrom = None,
    year_to: YearTo = None,
    source: Sources = None,
    json: Json = False,
) -> None:
    """List papers by title; with --json one JSON line a paper, without its abstract."""
    from agent.cli.console import emit_json, look, notice, say
    from agent.render.documents import paper_document
    from agent.render.papers import list_lines

    found = _chosen(context, year_from, year_to, source)
    if json:
        for paper in found:
            emit_json(paper_document(paper, with_abstract=False))
        return
    for line in list_lines(found, look()):
        say(line)
    if not found:
        notice("no paper in the library passes")


def _show(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="ID", help="Paper id, DOI, arXiv id or title.")],
    json: Json = False,
) -> None:
    """Show one paper in full."""
    from agent.app import open_library
    from agent.cli.console import emit_json, look, say, settings_of
    from agent.render.documents import paper_document
    from agent.render.papers import paper_lines

    with open_library(settings_of(context)) as library:
        paper = library.find(reference)
    if json:
        emit_json(paper_document(paper))
        return
    for line in paper_lines(paper, look()):
        say(line)


def _remove(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids of the papers to forget.")],
) -> None:
    """Forget papers, their passages and vectors. `add` of the same file brings them back."""
    from agent.app import open_library
    from agent.cli.console import say, settings_of
    from agent.render.escape import terminal

    with open_library(settings_of(context)) as library:
        papers = [library.paper(paper_id) for paper_id in dict.fromkeys(ids)]
        library.remove(*[paper.paper_id for paper in papers])
    for paper in papers:
        say(f"removed {paper.paper_id}  {terminal(paper.title)}")


def _export(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write; default stdout.")
    ] = None,
    kind: Annotated[Format, typer.Option("--format", help="How to write them.")] = Format.JSONL,
    year_from: YearFrom = None,
    year_to: YearTo = None,
    source: Sources = None,
) -> None:
    """Write the papers as JSON lines (which `add` reads again), BibTeX, RIS or CSL-JSON."""
    from agent.cli.console import notice, say
    from agent.errors import BadInput

    found = _chosen(context, year_from, year_to, source)
    text = _exported(found, kind)
    if output is None:
        say(text.removesuffix("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{output} cannot be written ({error.strerror}); name another file with -o") from error
    notice(f"wrote {len(found)} papers to {output}")


def _exported(papers: Sequence[Paper], kind: Format) -> str:
    import json

    from agent.render.documents import paper_document

    if kind is Format.JSONL:
        return "".join(json.dumps(paper_document(paper), ensure_ascii=False) + "\n" for paper in papers)
    from agent.keys import assign
    from agent.render.references import bibtex, csl_json, ris
    from agent.types import Source

    keys = assign(papers)
    write = {Format.BIBTEX: bibtex, Format.RIS: ris, Format.CSL: csl_json}[kind]
    return write([Source(keys[paper.paper_id], paper) for paper in papers])


def _chosen(
    context: typer.Context, year_from: int | None, year_to: int | None, source: Sequence[str] | None
) -> list[Paper]:
    """The papers that pass, by title and id."""
    from agent.app import open_library
    from agent.cli.console import settings_of
    from store.text import fold

    with open_library(settings_of(context)) as library:
        found = library.papers(make_filter(year_from, year_to, source))
    return sorted(found, key=lambda paper: (fold(paper.title), paper.paper_id))
