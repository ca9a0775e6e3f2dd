"""The command line. One file a command; heavy packages are imported inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import click
import typer

__all__ = ["build", "main"]

COMMANDS = ("add", "search", "ask", "chat", "draft", "verify", "eval", "papers", "doctor")


def build() -> typer.Typer:
    """The command line with every command registered."""
    from importlib import import_module

    app = typer.Typer(
        name="plumbline",
        help="Literature review that shows, for every sentence, the exact words in the source that carry it.",
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def root(
        context: typer.Context,
        library: Annotated[
            Path | None, typer.Option("--library", metavar="DIR", help="Library folder [env: PLUMBLINE_LIBRARY].")
        ] = None,
    ) -> None:
        from agent.settings import from_environment

        context.obj = from_environment(library)

    for name in COMMANDS:
        import_module(f"agent.cli.{name}").register(app)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 verdict "no", 2 could not be done."""
    from agent.cli.console import FAILED, notice
    from store.errors import PlumblineError

    try:
        sys.exit(build()(args=arguments, standalone_mode=False) or 0)
    except click.exceptions.Abort:
        notice("interrupted")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(FAILED)
    except PlumblineError as error:
        notice(f"error: {error}")
        sys.exit(FAILED)
