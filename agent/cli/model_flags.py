"""The options that say which model writes and what it may cost, the same for every command that can use one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent.models.cache import CacheUse
    from agent.models.protocol import Limits
    from agent.settings import Settings

__all__ = [
    "BaseUrl",
    "Deadline",
    "DryRun",
    "MaxCost",
    "MaxTokens",
    "Model",
    "ModelFlags",
    "NoCache",
    "NoFallback",
    "Replay",
    "SmallModel",
]

Model = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="The model that writes; none: no model [PLUMBLINE_MODEL].")
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="An OpenAI-compatible endpoint, its /v1 [PLUMBLINE_BASE_URL]."),
]
SmallModel = Annotated[
    str | None,
    typer.Option("--small-model", metavar="NAME", help="A cheaper model, to plan and judge [PLUMBLINE_SMALL_MODEL]."),
]
NoFallback = Annotated[bool, typer.Option("--no-fallback", help="If the model fails, fail; don't answer without it.")]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", metavar="N", min=1, help="Tokens a question may take, in and out.")
]
MaxCost = Annotated[
    float | None, typer.Option("--max-cost", metavar="USD", min=0.0, help="Dollars a question may cost.")
]
Deadline = Annotated[
    float | None, typer.Option("--deadline", metavar="SECONDS", min=1.0, help="Seconds a question may take [60].")
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Ask the model again, and keep no reply.")]
Replay = Annotated[bool, typer.Option("--replay", help="Only replies recorded before; the model is not asked.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what the model would cost, and don't ask it.")]


@dataclass(frozen=True, slots=True)
class ModelFlags:
    """What the options say; None and False: nothing."""

    model: str | None = None
    base_url: str | None = None
    small_model: str | None = None
    no_fallback: bool = False
    max_tokens: int | None = None
    max_cost: float | None = None
    deadline: float | None = None
    no_cache: bool = False
    replay: bool = False
    dry_run: bool = False

    def over(self, settings: Settings) -> Settings:
        """`settings` with the model that the options name. Raises typer.BadParameter, BadSettings."""
        from agent.address import checked
        from agent.settings import NO_MODEL

        model = settings.model
        if self.model is not None:
            model = replace(model, name=None if self.model.strip() in ("", NO_MODEL) else self.model.strip())
        if self.base_url is not None:
            model = replace(model, base_url=checked(self.base_url))
        if self.small_model is not None:
            model = replace(model, small=self.small_model.strip() or None)
        if model.name is None and (self.base_url is not None or self.replay or self.dry_run):
            given = "--base-url" if self.base_url is not None else "--replay" if self.replay else "--dry-run"
            raise typer.BadParameter(f"{given} needs a model: name one with --model")
        return replace(settings, model=model)

    def limits(self, settings: Settings) -> Limits:
        """What a question may cost: the options over what `plumbline config` set."""
        from agent.models.protocol import DEFAULT_DEADLINE, Limits

        stored = settings.model.stored
        return Limits(
            self.max_tokens if self.max_tokens is not None else stored.max_tokens,
            self.max_cost if self.max_cost is not None else stored.max_cost,
            self.deadline or stored.deadline or DEFAULT_DEADLINE,
        )

    @property
    def cache(self) -> CacheUse:
        """What becomes of replies. Raises typer.BadParameter."""
        from agent.models.cache import CacheUse

        if self.no_cache and self.replay:
            raise typer.BadParameter("--no-cache or --replay: one of the two")
        if self.replay:
            return CacheUse.REPLAY
        return CacheUse.OFF if self.no_cache else CacheUse.KEEP
