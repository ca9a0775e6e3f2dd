"""Filters as they are typed: "year>=2023 source=a.jsonl"."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.errors import BadInput
from store.types import SearchFilter

__all__ = ["describe_filter", "narrowed", "split_terms"]

_TERM = re.compile(r"(?P<field>[a-z]+)\s*(?P<relation>>=|<=|=|>|<)\s*(?P<value>\"[^\"]*\"|\S+)")
_TERMS_HELP = "year>=2023, year<=2024, year=2023, source=NAME, venue=NAME, tag=NAME, or clear"


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
    if filters.year_from is not None and filters.year_to is not None and filters.year_from > filters.year_to:
        years = f"year>={filters.year_from} year<={filters.year_to}"
        raise BadInput(f"no year passes {years}; begin again with: /filter clear")
    return filters


def split_terms(text: str) -> tuple[str, str]:
    """The words of a search, and the filter terms that stand among them."""
    terms = [term[0] for term in _TERM.finditer(text)]
    return " ".join(_TERM.sub(" ", text).split()), " ".join(terms)


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
