"""Connects to an endpoint: the only module that knows which client speaks to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.models.cache import ReplyCache
from agent.models.protocol import Clock, Limits, ModelChoice

if TYPE_CHECKING:
    from agent.models.guarded import GuardedChatModel
    from agent.models.prices import Prices

__all__ = ["allow_real_requests", "connect", "forbid_real_requests"]


def connect(
    choice: ModelChoice,
    limits: Limits,
    cache: ReplyCache,
    clock: Clock,
    prices: Prices | None = None,
) -> GuardedChatModel:
    """The guarded model at the endpoint. Nothing is sent before it is asked."""
    raise NotImplementedError


def forbid_real_requests(*, except_loopback: bool = False) -> None:
    """From now on any request to an endpoint raises RealRequestForbidden (but to this machine, where so told)."""
    raise NotImplementedError


def allow_real_requests() -> None:
    """Lift `forbid_real_requests`."""
    raise NotImplementedError
