"""What models cost: a small dated table, and the user's own file over it. An unknown price is None, never 0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.errors import BadSettings

__all__ = ["Price", "Prices", "load_prices"]

_SNAPSHOT = re.compile(r"-\d{4}-?\d{2}-?\d{2}\Z")  # "gpt-4o-2024-08-06" costs what "gpt-4o" does

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, in and out."""

    input: float
    output: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars for so many tokens."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


class _Model(BaseModel):
    """One line of a price file: both prices, or neither."""

    model_config = ConfigDict(extra="forbid", strict=True)

    input: Dollars | None = None
    output: Dollars | None = None
    context: Annotated[int, Field(ge=256)] | None = None


class _Table(BaseModel):
    """A price file."""

    model_config = ConfigDict(extra="forbid")

    dated: str | None = None
    models: dict[str, _Model]


class Prices:
    """Prices and context windows by model name. `dated`: the day the bundled table was true, None without it."""

    def __init__(
        self, prices: Mapping[str, Price] = {}, contexts: Mapping[str, int] = {}, dated: str | None = None
    ) -> None:
        self._prices = dict(prices)
        self._contexts = dict(contexts)
        self.dated = dated

    def price(self, model: str) -> Price | None:
        """The price of `model`; None when it is not known."""
        return self._prices.get(model) or self._prices.get(_SNAPSHOT.sub("", model))

    def context(self, model: str) -> int | None:
        """The context window of `model` in tokens; None when it is not known."""
        return self._contexts.get(model) or self._contexts.get(_SNAPSHOT.sub("", model))

    def cost(self, model: str, input_tokens: int, output_tokens: int) -> float | None:
        """US dollars for so many tokens; None when the price is not known."""
        price = self.price(model)
        return None if price is None else price.of(input_tokens, output_tokens)


def load_prices(own: Path | None = None, *, bundled: bool = True) -> Prices:
    """The bundled table with the user's file `own` over it; without the bundled one where another endpoint serves.

    Raises BadSettings for a file that can't be used.
    """
    tables = []
    if bundled:
        tables.append(_parsed((files("agent.models") / "prices.yaml").read_text("utf-8"), "the bundled prices"))
    if own is not None:
        tables.append(_parsed(_read(own), f"prices file {own}"))
    prices: dict[str, Price] = {}
    contexts: dict[str, int] = {}
    for table in tables:
        for name, model in table.models.items():
            if model.input is not None and model.output is not None:
                prices[name] = Price(model.input, model.output)
            if model.context is not None:
                contexts[name] = model.context
    return Prices(prices, contexts, tables[0].dated if bundled else None)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"prices file {path}: cannot be read; plumbline config unset prices, or name another"
        ) from error


def _parsed(text: str, where: str) -> _Table:
    try:
        data = yaml.safe_load(text)
        if isinstance(data, dict) and data.get("dated") is not None:
            data["dated"] = str(data["dated"])
        table = _Table.model_validate(data)
    except (yaml.YAMLError, ValidationError, RecursionError, ValueError) as error:
        raise BadSettings(f"{where}: {_fault(error)}") from error
    halves = [name for name, model in table.models.items() if (model.input is None) != (model.output is None)]
    if halves:
        raise BadSettings(f"{where}: {halves[0]!r} needs both input and output, or neither")
    return table


def _fault(error: Exception) -> str:
    wanted = 'expected "models:" with lines like "my-model: {input: 0.5, output: 1.5, context: 32768}"'
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc']) or 'the file'}: {first['msg'].lower()}; {wanted}"
    return f"not YAML; {wanted}"
