"""Counts what a question costs, and says when it may cost no more."""

from __future__ import annotations

import threading
from dataclasses import replace

from agent.errors import BudgetEnded
from agent.models.prices import Prices
from agent.models.protocol import Clock, Limits, Spent

__all__ = ["MIN_REPLY", "Meter"]

MIN_REPLY = 64
"""Tokens below which a reply is not worth asking for."""


class Meter:
    """The meter of one question. Its time runs from the moment it is made. Threads may share it."""

    def __init__(self, limits: Limits, clock: Clock, prices: Prices) -> None:
        self.limits = limits
        self.clock = clock
        self.prices = prices
        self._started = clock.now()
        self._spent = Spent()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """What was spent up to now."""
        return self._spent

    def remaining_seconds(self) -> float:
        """Seconds to the deadline; negative after it."""
        return self._started + self.limits.deadline_s - self.clock.now()

    def remaining_tokens(self) -> int | None:
        """Tokens, in and out, that may still be spent; None without a limit."""
        if self.limits.max_tokens is None:
            return None
        return max(0, self.limits.max_tokens - self._spent.input_tokens - self._spent.output_tokens)

    def check_time(self) -> None:
        """Raises BudgetEnded when the deadline is over."""
        if self.remaining_seconds() <= 0:
            raise BudgetEnded(
                f"the time for this question ({self.limits.deadline_s:g} s) is over; allow more with --deadline"
            )

    def check(self, input_tokens: int, output_tokens: int, model: str = "") -> None:
        """Raises BudgetEnded when a call of that size would pass a limit, or the deadline is over."""
        self.check_time()
        left = self.remaining_tokens()
        if left is not None and input_tokens + output_tokens > left:
            raise BudgetEnded(
                f"the tokens for this question ({self.limits.max_tokens:,}) are used up: {left:,} are left and the next"
                f" call may take {input_tokens + output_tokens:,}; allow more with --max-tokens"
            )
        if self.limits.max_cost is not None:
            self._check_cost(self.limits.max_cost, input_tokens, output_tokens, model)

    def _check_cost(self, most: float, input_tokens: int, output_tokens: int, model: str) -> None:
        more = self.prices.cost(model, input_tokens, output_tokens)
        spent = self._spent.cost
        if more is None or spent is None:
            raise BudgetEnded(
                f"the price of {model!r} is not known, so --max-cost cannot be kept; give the price in a file"
                " (plumbline config set prices FILE), or limit --max-tokens"
            )
        if spent + more > most:
            raise BudgetEnded(
                f"the money for this question (${most:g}) is used up: ${spent:.4f} are spent and the next call may"
                f" cost ${more:.4f}; allow more with --max-cost"
            )

    def allowance(self, input_tokens: int, wanted: int, model: str = "") -> int:
        """How many tokens a reply may have: `wanted`, or fewer where a limit is near. Raises BudgetEnded."""
        granted = wanted
        left = self.remaining_tokens()
        if left is not None:
            granted = min(granted, left - input_tokens)
        price, most = self.prices.price(model), self.limits.max_cost
        if most is not None and price is not None and price.output > 0 and self._spent.cost is not None:
            money = most - self._spent.cost - price.of(input_tokens, 0)
            granted = min(granted, int(money * 1_000_000 / price.output))
        granted = max(granted, min(MIN_REPLY, wanted))
        self.check(input_tokens, granted, model)
        return granted

    def book(self, model: str, input_tokens: int, output_tokens: int) -> None:
        """Book an answered call."""
        more = self.prices.cost(model, input_tokens, output_tokens)
        with self._lock:
            before = self._spent
            self._spent = replace(
                before,
                calls=before.calls + 1,
                input_tokens=before.input_tokens + input_tokens,
                output_tokens=before.output_tokens + output_tokens,
                cost=None if more is None or before.cost is None else before.cost + more,
            )

    def book_cached(self) -> None:
        """Book a reply from a recording."""
        with self._lock:
            self._spent = replace(self._spent, cached=self._spent.cached + 1)
