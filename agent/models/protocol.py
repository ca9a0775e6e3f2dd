"""What a model is asked with: which one, within which limits, by which clock; and what it cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Protocol

from agent.address import redacted

__all__ = ["DEFAULT_CONTEXT", "DEFAULT_DEADLINE", "Clock", "Limits", "ModelChoice", "Spent", "SystemClock"]

DEFAULT_CONTEXT = 8192
DEFAULT_DEADLINE = 60.0


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model writes, and where it runs.

    `base_url` None is OpenAI's own endpoint. `small` names a cheaper model of the same endpoint for planning and
    judging. `context_tokens`: how many tokens a request and its reply may have together.
    """

    name: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    small: str | None = None
    context_tokens: int = DEFAULT_CONTEXT
    temperature: float = 0.0

    def __repr__(self) -> str:
        return f"ModelChoice(name={self.name!r}, base_url={redacted(self.base_url)!r}, small={self.small!r})"

    def smaller(self) -> ModelChoice:
        """The choice of the cheaper model; the same model where none is named."""
        return replace(self, name=self.small or self.name, small=None)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a question cost. `cost` is in US dollars, None when the price of any part is not known (never 0 for that).

    `calls` were answered by the endpoint, `cached` by recordings; recordings cost no tokens.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may cost: tokens in and out together, US dollars, seconds. None: no limit."""

    max_tokens: int | None = None
    max_cost: float | None = None
    deadline_s: float = DEFAULT_DEADLINE


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return `seconds` later."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return `seconds` later."""
        time.sleep(seconds)
