"""`plumbline chat`: `ask` over many turns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent.chat import Conversation
    from agent.cli.chat_lines import Lines

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def chat(
        context: typer.Context,
        json: Annotated[bool, typer.Option("--json", help="One answer a line, as JSON.")] = False,
    ) -> None:
        """Ask question after question, in a conversation.

        A follow-up leans on the turn before. Input may be a pipe: one question a line, one answer each; the exit
        code is 2 if any could not be answered.
        """
        from agent import app as composition
        from agent.chat import Conversation
        from agent.cli.chat_lines import at_terminal, from_pipe
        from agent.cli.console import settings_of

        settings = settings_of(context)
        with composition.open_library(settings) as library:
            conversation = Conversation(library, composition.make_engine(settings), composition.make_grounder(library))
            interactive = sys.stdin.isatty() and sys.stdout.isatty()
            lines = at_terminal(settings.library, len(library.papers())) if interactive else from_pipe()
            raise typer.Exit(_talk(conversation, lines, json))


def _talk(conversation: Conversation, lines: Lines, json: bool) -> int:
    """Answer every line; the exit code."""
    from agent.cli.chat_commands import Quit, respond
    from agent.cli.console import DONE, FAILED, notice
    from store.errors import PlumblineError

    code = DONE
    for line in lines:
        if not line.strip():
            continue
        try:
            respond(conversation, line.strip(), json)
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
