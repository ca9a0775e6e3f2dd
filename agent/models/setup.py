"""From settings to a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.address import checked, is_openai, redacted
from agent.errors import BadSettings
from agent.models.cache import CacheUse, ReplyCache
from agent.models.connect import connect, forbid_real_requests
from agent.models.prices import Prices, load_prices
from agent.models.protocol import DEFAULT_CONTEXT, DEFAULT_DEADLINE, Clock, Limits, ModelChoice, SystemClock

if TYPE_CHECKING:
    from agent.models.guarded import GuardedChatModel
    from agent.settings import ModelSettings, Settings

__all__ = ["REPLIES", "choice", "limits_of", "model"]

REPLIES = "replies"
"""Folder of recorded replies, inside the library's."""


def model(settings: Settings, limits: Limits | None, cache: CacheUse | None, clock: Clock | None) -> GuardedChatModel:
    """The guarded model of settings that name one. Raises BadSettings."""
    if settings.model.forbid:
        forbid_real_requests()
    prices = _prices(settings.model)
    chosen = choice(settings.model, prices)
    allowed = limits or limits_of(settings.model)
    for name in (chosen.name, chosen.small or chosen.name):
        if allowed.max_cost is not None and prices.price(name) is None:
            raise BadSettings(
                f"--max-cost: the price of {name!r} is not known; give it in a file (plumbline config set prices FILE),"
                " or limit --max-tokens"
            )
    use = cache or CacheUse.KEEP
    folder = None if use is CacheUse.OFF else settings.library / REPLIES
    replies = ReplyCache(folder, replay=use is CacheUse.REPLAY)
    return connect(chosen, allowed, replies, clock or SystemClock(), prices)


def choice(settings: ModelSettings, prices: Prices) -> ModelChoice:
    """The model that `settings` name. Raises BadSettings."""
    if settings.name is None:
        raise BadSettings("no model is configured; plumbline config set model NAME, or --model NAME")
    base_url = None if settings.base_url is None else checked(settings.base_url)
    if is_openai(base_url) and not settings.api_key:
        raise BadSettings(
            f"the model {settings.name!r} at {redacted(base_url)} wants a key: plumbline config set api-key, or"
            " OPENAI_API_KEY; for another server name its --base-url"
        )
    stored = settings.stored
    context = stored.context_tokens or prices.context(settings.name) or DEFAULT_CONTEXT
    return ModelChoice(settings.name, base_url, settings.api_key, settings.small, context, stored.temperature or 0.0)


def limits_of(settings: ModelSettings) -> Limits:
    """The limits that the file sets, else the defaults."""
    stored = settings.stored
    return Limits(stored.max_tokens, stored.max_cost, stored.deadline or DEFAULT_DEADLINE)


def _prices(settings: ModelSettings) -> Prices:
    own = settings.stored.prices
    return load_prices(None if own is None else Path(own).expanduser(), bundled=is_openai(settings.base_url))
