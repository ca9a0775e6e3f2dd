"""`plumbline doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.render.documents import JsonObject
    from agent.settings import Settings
    from store.examination import Examination

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def doctor(
        context: typer.Context,
        check_only: Annotated[bool, typer.Option("--check-only", help="Examine, repair nothing.")] = False,
        ask_model: Annotated[
            bool, typer.Option("--ask-model", help="Ask the configured model for one word; it may cost.")
        ] = False,
        json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    ) -> None:
        """Check library, indexes, embedder, model; repair.

        Says what is sound, and what was repaired.
        """
        from agent.cli.console import DONE, VERDICT_NO, emit_json, look, say, settings_of
        from agent.render.papers import doctor_lines
        from store.examination import State

        settings = settings_of(context)
        found = [*_embedding(settings), _model(settings, ask=ask_model), *_library(settings, repair=not check_only)]
        sound = all(examination.state is not State.UNSOUND for examination in found)
        if json:
            emit_json(_document(found, sound=sound))
        else:
            for line in doctor_lines(found, look()):
                say(line)
        raise typer.Exit(DONE if sound else VERDICT_NO)


def _embedding(settings: Settings) -> list[Examination]:
    """The parts that need no library."""
    from agent.app import make_embedder
    from store.doctor import examine_embedder, examine_tokens
    from store.embed.bundled import BundledEmbedder

    return [examine_embedder(make_embedder(settings) or BundledEmbedder()), examine_tokens()]


def _model(settings: Settings, *, ask: bool) -> Examination:
    """Which model writes; whether it answers only where it may be asked."""
    from agent.errors import AgentError
    from agent.models.cache import CacheUse
    from agent.models.protocol import Limits
    from store.examination import Examination, State

    if settings.model.name is None:
        return Examination("model", State.SOUND, "none configured: answers are composed without one")
    from agent.models import setup
    from agent.models.faults import place
    from agent.models.probe import probe

    try:
        model = setup.model(settings, Limits(), CacheUse.OFF, None)
        known = "with a key" if model.choice.api_key else "without a key"
        told = probe(model) if ask else f"{place(model.choice)}, {known}; not asked (--ask-model does)"
    except AgentError as error:
        return Examination("model", State.UNSOUND, str(error))
    return Examination("model", State.SOUND, told)


def _library(settings: Settings, *, repair: bool) -> list[Examination]:
    """The library's parts; that there is no library yet is a note. Raises StoreError where it cannot be opened."""
    from agent.app import open_library
    from store.doctor import examine, is_damaged
    from store.errors import LibraryDamaged, LibraryNotFound
    from store.examination import Examination, State
    from store.rescue import rescue

    try:
        with open_library(settings) as library:
            found = list(examine(library, repair=repair))
    except LibraryNotFound as error:
        return [Examination("library", State.NOTED, str(error))]
    except LibraryDamaged as error:
        found = [Examination("catalog", State.UNSOUND, str(error))]
    if not repair or not is_damaged(found):
        return found
    rescued = rescue(settings.library)
    with open_library(settings) as library:
        return [rescued, *examine(library)]


def _document(found: Sequence[Examination], *, sound: bool) -> JsonObject:
    """`plumbline.doctor/1`."""
    parts = [{"part": one.part, "state": one.state.value, "detail": one.detail} for one in found]
    return {"schema": "plumbline.doctor/1", "sound": sound, "parts": parts}
