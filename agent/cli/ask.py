"""`plumbline ask`: a cited, checked answer, or an explicit abstention."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from agent.cli.console import DONE, VERDICT_NO, emit_json, look, notice, say, settings_of
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

if TYPE_CHECKING:
    from agent.engines.protocol import Engine
    from agent.settings import Settings
    from agent.types import Answer
    from store.types import SearchFilter

__all__ = ["register"]


class _Asked(NamedTuple):
    """One question of a batch, under the id its line gives."""

    name: str
    question: str


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
    ) -> None:
        """Answer a question with cited, checked sentences.

        Where the library does not hold the answer, say so, and what is missing. A model, where one is named, does the
        writing; what it writes is checked like all else.
        """
        flags = ModelFlags(
            model, base_url, small_model, no_fallback, max_tokens, max_cost, deadline, no_cache, replay, dry_run
        )
        filters = make_filter(year_from, year_to, source)
        if (question is None) == (batch is None):
            raise typer.BadParameter("give one QUESTION, or --batch FILE")
        if batch is not None:
            if not json:
                raise typer.BadParameter("--batch needs --json")
            if dry_run:
                raise typer.BadParameter("--dry-run takes one QUESTION")
            raise typer.Exit(_batch(context, batch, filters, paper, flags))
        if json and markdown:
            raise typer.BadParameter("--json or --markdown: one of the two")
        if dry_run:
            _estimate(context, question or "", filters, paper, flags, json=json)
        else:
            _one(context, question or "", filters, paper, flags, json=json, markdown=markdown)


def _one(
    context: typer.Context,
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
    settings = flags.over(settings_of(context))
    engine = _engine(settings, flags)
    with open_library(settings) as library:
        filters = only(papers, filters, library)
        with live_view(wanted=settings.model.name is not None and not json) as view:
            reply = answer(text, library, engine, make_grounder(library), filters, listen=view or unheard)
    _told(reply, settings)
    if json:
        from agent.render.documents import answer_document

        emit_json(answer_document(reply))
    elif markdown:
        from agent.render import answer_markdown

        say(answer_markdown.markdown(reply))
    else:
        from agent.render.answer import terminal

        say(terminal(reply, look()))


def _engine(settings: Settings, flags: ModelFlags) -> Engine:
    from agent.app import make_engine

    return make_engine(settings, flags.limits(settings), cache=flags.cache, fallback=not flags.no_fallback)


def _told(reply: Answer, settings: Settings, where: str = "") -> None:
    """Say on stderr what went otherwise than asked, and keep the record of the run."""
    from datetime import datetime

    from agent.runs import keep_run

    kept = keep_run(reply, settings.library, datetime.now().astimezone())
    for note in (*reply.notes, *([kept] if kept else [])):
        notice(f"notice: {where}{note}")


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
    engine = _engine(settings, flags)
    if not isinstance(engine, ModelEngine):  # pragma: no cover - the flags want a model
        raise typer.BadParameter("--dry-run needs a model: name one with --model")
    with open_library(settings) as library:
        plan = make_plan(question, library, only(papers, filters, library))
        found = estimate(engine, plan, gather(plan, library), library)
    if json:
        emit_json(estimate_document(found))
    else:
        say("\n".join(estimate_lines(found)))


def _batch(
    context: typer.Context, path: Path, filters: SearchFilter, papers: list[str] | None, flags: ModelFlags
) -> int:
    """Answer every line of `path` in order; a line that can't be used is told on stderr and the rest is done."""
    from agent.answer import answer
    from agent.app import make_grounder, open_library
    from agent.errors import BadInput
    from agent.render.documents import answer_document

    settings = flags.over(settings_of(context))
    engine = _engine(settings, flags)
    lines = _lines(path)
    bad = 0
    with open_library(settings) as library:
        grounder = make_grounder(library)
        filters = only(papers, filters, library)
        for number, line in lines:
            try:
                asked = _parse(line)
                reply = answer(asked.question, library, engine, grounder, filters)
            except BadInput as error:
                bad += 1
                notice(f"{path}, line {number}: {error}")
                continue
            _told(reply, settings, f"{path}, line {number}: ")
            emit_json({"id": asked.name, **answer_document(reply)})
    return VERDICT_NO if bad else DONE


def _lines(path: Path) -> list[tuple[int, str]]:
    """The non-empty lines of the file with their numbers. Raises BadInput when it can't be read or is empty."""
    from agent.errors import BadInput

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            "is not UTF-8 text"
            if isinstance(error, UnicodeDecodeError)
            else (error.strerror or "cannot be read").lower()
        )
        raise BadInput(
            f'batch file {path}: {reason}; give a file of JSON lines like {{"id": "q1", "question": "..."}}'
        ) from error
    found = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not found:
        raise BadInput(f'batch file {path} has no line; give JSON lines like {{"id": "q1", "question": "..."}}')
    return found


def _parse(line: str) -> _Asked:
    """The id and question of one line. Raises BadInput."""
    import json

    from agent.errors import BadInput

    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput("not a JSON object") from error
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("question"), str)
        or not isinstance(data.get("id"), str | int)
    ):
        raise BadInput('needs "id" and "question", both text')
    return _Asked(str(data["id"]), data["question"])
