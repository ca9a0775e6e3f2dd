"""`plumbline draft`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.checker_flag import Checker, checked_by
from agent.cli.filters import Sources, YearFrom, YearTo, make_filter
from agent.cli.model_flags import (
    BaseUrl,
    Deadline,
    MaxCost,
    MaxTokens,
    Model,
    ModelFlags,
    NoCache,
    NoFallback,
    Replay,
    SmallModel,
)

if TYPE_CHECKING:
    from agent.settings import Settings

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def draft(
        context: typer.Context,
        topic: Annotated[str, typer.Argument(metavar="TOPIC", help="What the review is about, in a few words.")],
        out: Annotated[
            Path, typer.Option("-o", "--out", metavar="DIR", help="Folder to write; it must be new or empty.")
        ],
        limit: Annotated[int | None, typer.Option(metavar="N", min=1, max=1000, help="At most so many papers.")] = None,
        themes: Annotated[
            int | None, typer.Option(metavar="N", min=1, max=50, help="So many sections (default: by their number).")
        ] = None,
        must: Annotated[
            list[str] | None,
            typer.Option("--must", metavar="ID", help="A paper that must be in: id or title; may be repeated."),
        ] = None,
        year_from: YearFrom = None,
        year_to: YearTo = None,
        source: Sources = None,
        force: Annotated[bool, typer.Option("--force", help="Replace the draft that is in the folder.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print one JSON document about the draft.")] = False,
        model: Model = None,
        base_url: BaseUrl = None,
        small_model: SmallModel = None,
        no_fallback: NoFallback = False,
        max_tokens: MaxTokens = None,
        max_cost: MaxCost = None,
        deadline: Deadline = None,
        no_cache: NoCache = False,
        replay: Replay = False,
        checker: Checker = None,
    ) -> None:
        """Write a cited, checked review of a topic.

        It rests on what the library holds, and on nothing else. With a model, each section is a question of its own:
        limits of tokens, money and time hold for each.
        """
        from agent.app import make_entailment, make_grounder, open_library
        from agent.cli.checker_flag import tell_spent
        from agent.cli.console import VERDICT_NO, emit_json, notice, settings_of
        from agent.cli.written import engine_of
        from agent.draft import Wanted, write_draft
        from agent.draft.assemble import check_target, write_folder
        from agent.draft.scope import make_scope
        from agent.errors import NothingToDraft
        from agent.render.drafts import draft_document, draft_lines

        flags = ModelFlags(model, base_url, small_model, no_fallback, max_tokens, max_cost, deadline, no_cache, replay)
        settings = checked_by(flags.over(settings_of(context)), checker)
        entailment = make_entailment(settings, flags.limits(settings), cache=flags.cache)
        engine = engine_of(settings, flags)
        filters = make_filter(year_from, year_to, source)
        make_scope(topic, filters)
        check_target(out, force=force)
        with open_library(settings) as library:
            wanted = Wanted(limit, themes, tuple(library.find(reference).paper_id for reference in must or ()))
            try:
                grounder = make_grounder(library, entailment)
                made = write_draft(topic, library, engine, grounder, filters, wanted, progress=notice)
            except NothingToDraft as error:
                notice(str(error))
                if json:
                    emit_json(
                        {"schema": "plumbline.drafted/1", "topic": topic, "directory": None, "reason": str(error)}
                    )
                raise typer.Exit(VERDICT_NO) from error
            written = write_folder(made, library, out, filters, wanted, force=force)
        tell_spent(entailment)
        if json:
            emit_json(draft_document(made, out, written))
        else:
            for line in draft_lines(made, out, written):
                typer.echo(line)


def check_folder(settings: Settings, directory: Path, json: bool) -> None:
    """What `verify DIR` does: check the draft again, print what was found, exit 0 when it holds, else 1."""
    from agent.app import make_entailment, make_grounder, open_library
    from agent.cli.checker_flag import tell_spent
    from agent.cli.console import VERDICT_NO, emit_json
    from agent.draft.ledger import read_manifest
    from agent.draft.recheck import recheck
    from agent.render.drafts import recheck_document, recheck_lines

    read_manifest(directory)
    entailment = make_entailment(settings)
    with open_library(settings) as library:
        result = recheck(directory, library, make_grounder(library, entailment))
    tell_spent(entailment)
    if json:
        emit_json(recheck_document(result))
    else:
        for line in recheck_lines(result):
            typer.echo(line)
    if not result.passed:
        raise typer.Exit(VERDICT_NO)
