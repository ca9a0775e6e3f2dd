"""A conversation with a library: its turns, its filters, and citation keys that stay the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.errors import BadInput
from agent.types import Answer, Plan, Source
from store.types import SearchFilter

if TYPE_CHECKING:
    from agent.engines.protocol import Engine
    from agent.ground import Grounder
    from store.library import Library

__all__ = ["Conversation", "Turn", "describe_filter", "narrowed"]

_TERM = re.compile(r"(?P<field>[a-z]+)\s*(?P<relation>>=|<=|=|>|<)\s*(?P<value>\"[^\"]*\"|\S+)")
_TERMS_HELP = "year>=2023, year<=2024, year=2023, source=NAME, venue=NAME, tag=NAME, or clear"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question, how it was understood, and its answer."""

    plan: Plan
    answer: Answer


class Conversation:
    """Turns over one library. A turn that fails or is stopped leaves everything as it was."""

    def __init__(self, library: Library, engine: Engine, grounder: Grounder) -> None:
        self._library = library
        self._engine = engine
        self._grounder = grounder
        self._keys: dict[str, str] = {}
        self.turns: tuple[Turn, ...] = ()
        self.filters = SearchFilter()

    @property
    def last(self) -> Turn | None:
        """The latest turn."""
        return self.turns[-1] if self.turns else None

    @property
    def keys(self) -> Mapping[str, str]:
        """Citation key by paper id, of every paper cited so far."""
        return self._keys

    def ask(self, question: str) -> Answer:
        """The answer to `question`, which may lean on the turn before. Raises PlumblineError."""
        from agent.answer import answer_plan
        from agent.plan import make_plan

        plan = make_plan(question, self._library, self.filters, self.last.plan if self.last else None)
        answer = answer_plan(plan, self._library, self._engine, self._grounder, keys=self._keys)
        self._keys |= {source.paper.paper_id: source.key for source in answer.sources}
        self.turns = (*self.turns, Turn(plan, answer))
        return answer

    def sources(self) -> tuple[Source, ...]:
        """Every paper cited so far, in the order first cited."""
        found: dict[str, Source] = {}
        for turn in self.turns:
            for source in turn.answer.sources:
                found.setdefault(source.paper.paper_id, source)
        return tuple(found.values())


def narrowed(filters: SearchFilter, text: str) -> SearchFilter:
    """`filters` with the terms in `text` added ("year>=2023 source=a.jsonl"); "clear" empties them first.

    Raises BadInput, naming what can be written.
    """
    if text.strip() == "clear":
        return SearchFilter()
    rest = _TERM.sub("", text).replace(",", " ").strip()
    if rest or not text.strip():
        raise BadInput(f"cannot read the filter {rest or text!r}: write {_TERMS_HELP}")
    for term in _TERM.finditer(text):
        filters = _with_term(filters, term["field"], term["relation"], term["value"].strip('",'))
    return filters


def _with_term(filters: SearchFilter, field: str, relation: str, value: str) -> SearchFilter:
    if field == "year":
        return _with_year(filters, relation, value)
    if relation != "=" or not value:
        raise BadInput(f"cannot read the filter {field}{relation}{value}: write {_TERMS_HELP}")
    match field:
        case "source":
            return replace(filters, sources=_also(filters.sources, value))
        case "venue":
            return replace(filters, venues=_also(filters.venues, value))
        case "tag":
            return replace(filters, tags=_also(filters.tags, value))
    raise BadInput(f"there is no filter {field!r}: write {_TERMS_HELP}")


def _also(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(sorted({*values, value}))


def _with_year(filters: SearchFilter, relation: str, value: str) -> SearchFilter:
    if not re.fullmatch(r"\d{4}", value):
        raise BadInput(f"{value!r} is no year of four digits: write {_TERMS_HELP}")
    year = int(value)
    match relation:
        case ">=":
            return replace(filters, year_from=year)
        case ">":
            return replace(filters, year_from=year + 1)
        case "<=":
            return replace(filters, year_to=year)
        case "<":
            return replace(filters, year_to=year - 1)
    return replace(filters, year_from=year, year_to=year)


def describe_filter(filters: SearchFilter) -> str:
    """The filter as it would be typed; "none" when it is empty."""
    terms = [f"year>={filters.year_from}"] if filters.year_from is not None else []
    terms += [f"year<={filters.year_to}"] if filters.year_to is not None else []
    for field, values in (("source", filters.sources), ("venue", filters.venues), ("tag", filters.tags)):
        terms += [f'{field}="{value}"' if " " in value else f"{field}={value}" for value in values]
    return " ".join(terms) or "none"
