"""`plumbline chat`: `ask` over many turns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.checker_flag import Checker, checked_by
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
    from agent.chat import Conversation
    from agent.chat.record import Record
    from agent.cli.chat_desk import Desk
    from agent.cli.chat_lines import Lines
    from store.library import Library
    from store.sessions import Sessions

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def chat(
        context: typer.Context,
        json: Annotated[bool, typer.Option("--json", help="One answer a line, as JSON.")] = False,
        resume: Annotated[
            str | None, typer.Option("--resume", metavar="ID", help="Go on with that conversation; `last`: the latest.")
        ] = None,
        no_save: Annotated[
            bool, typer.Option("--no-save", help="Keep nothing: no turns, no history, no replies.")
        ] = False,
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
        """Ask question after question, in a conversation that is kept.

        A follow-up leans on the turn before. /help lists the commands: see sources, compare, read, filter, draft,
        export, take back, go back to an earlier conversation. A model, where one is named, chooses what to look up
        and writes; what it writes is checked like all else. Input may be a pipe: one line, one answer; the exit code
        is 2 if any could not be answered.
        """
        from contextlib import closing

        from agent import app as composition
        from agent.chat import Conversation
        from agent.cli.chat_desk import Desk, agent_of
        from agent.cli.console import settings_of
        from agent.cli.written import engine_of, entailment_of
        from store.sessions import Sessions

        if resume is not None and no_save:
            raise typer.BadParameter("--resume ID or --no-save: one of the two")
        flags = ModelFlags(
            model,
            base_url,
            small_model,
            no_fallback,
            max_tokens,
            max_cost,
            deadline,
            no_cache or (no_save and not replay),
            replay,
        )
        settings = flags.over(checked_by(settings_of(context), checker))
        entailment = entailment_of(settings, flags)
        engine = engine_of(settings, flags)
        with composition.open_library(settings) as library, closing(Sessions(settings.library)) as sessions:
            record = None if no_save else _record(sessions)
            grounder = composition.make_grounder(library, entailment)
            talk = Conversation(library, engine, grounder, record, agent_of(engine, settings))
            desk = Desk(talk, json, settings=settings, flags=flags, entailment=entailment)
            if resume is not None:
                _resume(desk, resume)
            interactive = sys.stdin.isatty() and sys.stdout.isatty()
            raise typer.Exit(_talk(desk, _typed(talk) if interactive else _piped()))


def _record(sessions: Sessions) -> Record:
    from datetime import UTC, datetime

    from agent.chat.record import Record
    from agent.cli.console import notice

    return Record(sessions, lambda: datetime.now(UTC), notice)


def _resume(desk: Desk, number: str) -> None:
    from agent.cli.chat_session import resume

    resume(desk, "" if number == "last" else number)


def _piped() -> Lines:
    from agent.cli.chat_lines import from_pipe

    return from_pipe()


def _typed(talk: Conversation) -> Lines:
    from agent.cli.chat_completion import ChatCompleter
    from agent.cli.chat_lines import at_terminal
    from agent.cli.console import notice

    notice(f"{_papers(talk.library)} Ask a question, or /help. Ctrl-D leaves.")
    return at_terminal(talk.library.folder if talk.record else None, ChatCompleter(talk))


def _papers(library: Library) -> str:
    count = library.catalog.totals().papers
    return f"{count:,} {'paper' if count == 1 else 'papers'}."


def _talk(desk: Desk, lines: Lines) -> int:
    """Answer every line; the exit code."""
    from agent.cli.chat_commands import Quit, respond
    from agent.cli.console import DONE, FAILED, notice
    from store.errors import PlumblineError

    code = DONE
    for line in lines:
        if not line.strip():
            continue
        try:
            respond(desk, line.strip())
        except Quit:
            break
        except PlumblineError as error:
            code = FAILED
            notice(f"error: {error}")
        except KeyboardInterrupt:
            if not lines.interactive:
                raise
            notice("stopped; the conversation stands as it was before that question")
        sys.stdout.flush()
    return DONE if lines.interactive else code
