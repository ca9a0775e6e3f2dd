"""What models cost: a small dated table, and the user's own file over it. An unknown price is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Price", "Prices", "load_prices"]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, in and out."""

    input: float
    output: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars for so many tokens."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


class Prices:
    """Prices and context windows by model name. `dated`: the day the bundled table was true."""

    def price(self, model: str) -> Price | None:
        """The price of `model`; None when it is not known."""
        raise NotImplementedError

    def context(self, model: str) -> int | None:
        """The context window of `model` in tokens; None when it is not known."""
        raise NotImplementedError

    def cost(self, model: str, input_tokens: int, output_tokens: int) -> float | None:
        """US dollars for so many tokens; None when the price is not known."""
        raise NotImplementedError


def load_prices(own: Path | None = None, *, bundled: bool = True) -> Prices:
    """The bundled table with the user's file `own` over it; without the bundled one where another endpoint serves.

    Raises BadSettings for a file that can't be used.
    """
    raise NotImplementedError
