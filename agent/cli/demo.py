"""`plumbline demo`: the whole way on bundled digests, from papers to a checked answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["QUESTION", "register"]

FOLDER = Path(".plumbline-demo")
QUESTION = "How do Falcon, SpecTr and Judge Decoding compare in speed and quality?"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def demo(
        context: typer.Context,
        question: Annotated[
            str, typer.Argument(metavar="QUESTION", help="What to ask of the demo library.")
        ] = QUESTION,
    ) -> None:
        """Try it all: add bundled digests, ask a question.

        The library goes to .plumbline-demo, or to --library.
        """
        from dataclasses import replace

        from agent.answer import answer
        from agent.app import make_grounder, make_keyless, open_library
        from agent.cli.console import look, notice, say, settings_of
        from agent.cli.progress import ingest_bar
        from agent.render.answer import terminal
        from agent.render.escape import terminal as escaped
        from agent.settings import DEFAULT_LIBRARY

        settings = settings_of(context)
        if settings.library == DEFAULT_LIBRARY:
            settings = replace(settings, library=FOLDER)
        with open_library(settings, create=True) as library:
            with ingest_bar() as progress:
                report = library.add([_digests()], progress)
            notice(f"{report.papers} digests of papers in {settings.library}")
            say(f"\n{escaped(question)}\n")
            found = answer(question, library, make_keyless(), make_grounder(library))
        say(terminal(found, look(), next_steps=_next_steps(settings.library)))


def _digests() -> Path:
    """The bundled digests."""
    from importlib.resources import files

    return Path(str(files("evals") / "demo" / "digests.jsonl"))


def _next_steps(library: Path) -> list[str]:
    here = f"plumbline --library {library}"
    return [
        f"{here} chat    ask on; /why 1 shows why a sentence passed",
        f'{here} ask "Which methods make diffusion sampling faster?"',
        f'{here} draft "zeroth-order fine-tuning" -o review',
        "plumbline add FILE...    a library of your own papers, then: plumbline ask QUESTION",
    ]
