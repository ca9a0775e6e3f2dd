"""The command line. One file a command; heavy packages are imported inside the commands."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["COMMANDS", "build", "main"]

COMMANDS = ("add", "search", "ask", "chat", "draft", "verify", "eval", "papers", "config", "doctor", "demo")
INTERRUPTED = 130


def build() -> typer.Typer:
    """The command line with every command registered."""
    from importlib import import_module

    app = typer.Typer(
        name="plumbline",
        help="Literature review that shows, for every sentence, the exact words in the source that carry it.",
        epilog="Start with: plumbline demo. Exit codes: 0 done, 1 the verdict is no, 2 could not be done.",
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in COMMANDS:
        import_module(f"agent.cli.{name}").register(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        from agent.settings import version

        typer.echo(f"plumbline {version()}")
        raise typer.Exit


def _root(
    context: typer.Context,
    library: Annotated[
        Path | None,
        typer.Option("--library", metavar="DIR", help="Library folder [PLUMBLINE_LIBRARY; default .plumbline]."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version.")
    ] = False,
) -> None:
    from agent.settings import from_environment

    context.obj = from_environment(library)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 verdict "no", 2 could not be done, 130 interrupted."""
    from agent.cli.console import speak_safely

    speak_safely()
    code = _run(sys.argv[1:] if arguments is None else arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = _reader_left()
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    """The exit code of one run. Every way a command can end comes through here."""
    from agent.cli.console import DONE, FAILED, notice, usage_error
    from agent.settings import debugging
    from store.errors import PlumblineError

    try:
        command = typer.main.get_command(build())
        with command.make_context("plumbline", list(arguments)) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        usage_error(error)
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        notice("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except PlumblineError as error:
        if debugging():
            raise
        notice(f"error: {error}")
        return FAILED
    # The one broad boundary: whatever we did not foresee ends in one line too, never in a traceback.
    except Exception as error:
        if debugging():
            raise
        notice(f"error: {type(error).__name__}: {error} (a fault of Plumbline; PLUMBLINE_DEBUG=1 shows where)")
        return FAILED
    return DONE


def _reader_left() -> int:
    """The reader of our output (`head`, a pager) has gone: that is no failure, and nothing more can be said."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
