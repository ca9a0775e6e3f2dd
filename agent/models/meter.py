"""Counts what a question costs, and says when it may cost no more."""

from __future__ import annotations

from agent.models.prices import Prices
from agent.models.protocol import Clock, Limits, Spent

__all__ = ["Meter"]


class Meter:
    """The meter of one question. Its time runs from the moment it is made."""

    def __init__(self, limits: Limits, clock: Clock, prices: Prices) -> None:
        self.limits = limits
        self.clock = clock
        self.prices = prices

    @property
    def spent(self) -> Spent:
        """What was spent up to now."""
        raise NotImplementedError

    def remaining_seconds(self) -> float:
        """Seconds to the deadline; negative after it."""
        raise NotImplementedError

    def remaining_tokens(self) -> int | None:
        """Tokens, in and out, that may still be spent; None without a limit."""
        raise NotImplementedError

    def check(self, input_tokens: int, output_tokens: int, model: str = "") -> None:
        """Raises BudgetEnded when a call of that size would pass a limit, or the deadline is over."""
        raise NotImplementedError

    def book(self, model: str, input_tokens: int, output_tokens: int) -> None:
        """Book an answered call."""
        raise NotImplementedError

    def book_cached(self) -> None:
        """Book a reply from a recording."""
        raise NotImplementedError
