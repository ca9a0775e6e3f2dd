"""`plumbline ask`: a cited, checked answer, or an explicit abstention."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.ask_batch import answer_batch
from agent.cli.checker_flag import Checker, checked_by, tell_spent
from agent.cli.console import emit_json, look, say, settings_of
from agent.cli.filters import Papers, Sources, YearFrom, YearTo, make_filter, only
from agent.cli.model_flags import (
    BaseUrl,
    Deadline,
    DryRun,
    MaxCost,
    MaxTokens,
    Model,
    ModelFlags,
    NoCache,
    NoFallback,
    Replay,
    SmallModel,
)
from agent.cli.written import engine_of, entailment_of, tell

if TYPE_CHECKING:
    from agent.settings import Settings
    from store.types import SearchFilter

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def ask(
        context: typer.Context,
        question: Annotated[
            str | None, typer.Argument(metavar="QUESTION", help="What to answer from the library.")
        ] = None,
        batch: Annotated[
            Path | None, typer.Option("--batch", metavar="FILE", help="JSON lines of {id, question}; needs --json.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="One JSON document an answer.")] = False,
        markdown: Annotated[bool, typer.Option("--markdown", help="The answer as markdown.")] = False,
        year_from: YearFrom = None,
        year_to: YearTo = None,
        source: Sources = None,
        paper: Papers = None,
        model: Model = None,
        base_url: BaseUrl = None,
        small_model: SmallModel = None,
        no_fallback: NoFallback = False,
        max_tokens: MaxTokens = None,
        max_cost: MaxCost = None,
        deadline: Deadline = None,
        no_cache: NoCache = False,
        replay: Replay = False,
        dry_run: DryRun = False,
        checker: Checker = None,
    ) -> None:
        """Answer a question with cited, checked sentences.

        Where the library does not hold the answer, say so, and what is missing. A model, where one is named, does the
        writing; what it writes is checked like all else.
        """
        flags = ModelFlags(
            model, base_url, small_model, no_fallback, max_tokens, max_cost, deadline, no_cache, replay, dry_run
        )
        settings = checked_by(settings_of(context), checker)
        filters = make_filter(year_from, year_to, source)
        if (question is None) == (batch is None):
            raise typer.BadParameter("give one QUESTION, or --batch FILE")
        if batch is not None:
            if not json:
                raise typer.BadParameter("--batch needs --json")
            if dry_run:
                raise typer.BadParameter("--dry-run takes one QUESTION")
            raise typer.Exit(answer_batch(settings, batch, filters, paper, flags))
        if json and markdown:
            raise typer.BadParameter("--json or --markdown: one of the two")
        if dry_run:
            _estimate(context, question or "", filters, paper, flags, json=json)
        else:
            _one(settings, question or "", filters, paper, flags, json=json, markdown=markdown)


def _one(
    settings: Settings,
    question: str,
    filters: SearchFilter,
    papers: list[str] | None,
    flags: ModelFlags,
    *,
    json: bool,
    markdown: bool,
) -> None:
    """Answer one question and print it."""
    from agent.answer import answer
    from agent.app import make_grounder, open_library
    from agent.cli.live import live_view
    from agent.events import unheard
    from agent.plan import checked_question

    text = checked_question(question)
    settings = flags.over(settings)
    entailment = entailment_of(settings, flags)
    engine = engine_of(settings, flags)
    with open_library(settings) as library:
        filters = only(papers, filters, library)
        with live_view(wanted=settings.model.name is not None and not json) as view:
            grounder = make_grounder(library, entailment)
            reply = answer(text, library, engine, grounder, filters, listen=view or unheard)
    tell(reply, settings)
    tell_spent(entailment)
    if json:
        from agent.render.documents import answer_document

        emit_json(answer_document(reply))
    elif markdown:
        from agent.render import answer_markdown

        say(answer_markdown.markdown(reply))
    else:
        from agent.render.answer import terminal

        say(terminal(reply, look()))


def _estimate(
    context: typer.Context,
    question: str,
    filters: SearchFilter,
    papers: list[str] | None,
    flags: ModelFlags,
    *,
    json: bool,
) -> None:
    """Print what asking the model would take; nothing is sent."""
    from agent.app import open_library
    from agent.engines.estimate import estimate
    from agent.engines.model import ModelEngine
    from agent.gather import gather
    from agent.plan import make_plan
    from agent.render.estimate import estimate_document, estimate_lines

    settings = flags.over(settings_of(context))
    engine = engine_of(settings, flags)
    if not isinstance(engine, ModelEngine):  # pragma: no cover - the flags want a model
        raise typer.BadParameter("--dry-run needs a model: name one with --model")
    with open_library(settings) as library:
        plan = make_plan(question, library, only(papers, filters, library))
        found = estimate(engine, plan, gather(plan, library), library)
    if json:
        emit_json(estimate_document(found))
    else:
        say("\n".join(estimate_lines(found)))
