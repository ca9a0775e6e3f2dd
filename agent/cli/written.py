"""What commands that let a model write share: the engine they choose, and what they say of how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.console import notice

if TYPE_CHECKING:
    from agent.cli.model_flags import ModelFlags
    from agent.engines.protocol import Engine
    from agent.ground.entail import Entailment
    from agent.settings import Settings
    from agent.types import Answer

__all__ = ["engine_of", "entailment_of", "tell"]


def engine_of(settings: Settings, flags: ModelFlags) -> Engine:
    """The engine that settings and options choose. Raises BadSettings, typer.BadParameter."""
    from agent.app import make_engine

    return make_engine(settings, flags.limits(settings), cache=flags.cache, fallback=not flags.no_fallback)


def entailment_of(settings: Settings, flags: ModelFlags) -> Entailment:
    """What judges meaning; what a question may cost is what judging its sentences may cost in all."""
    from agent.app import make_entailment

    return make_entailment(settings, flags.limits(settings), cache=flags.cache, shared=True)


def tell(reply: Answer, settings: Settings, where: str = "") -> None:
    """Say on stderr what went otherwise than asked, and keep the record of the run."""
    from datetime import datetime

    from agent.runs import keep_run

    kept = keep_run(reply, settings.library, datetime.now().astimezone())
    for note in (*reply.notes, *([kept] if kept else [])):
        notice(f"notice: {where}{note}")
