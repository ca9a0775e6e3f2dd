"""A model's plan, merged with the rules': it may add what the question itself says, and nothing else.

Subjects resolve in the library, or are left to the rules; years count only where the question speaks of time. The
rules' subjects, exclusions and first query always stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from agent.aspects import asked_aspects
from agent.engines.packing import visible
from agent.names import name_pattern
from agent.plan import subjects_named
from agent.prompting import message
from agent.types import Aspect, Plan, QuestionKind, Subject
from agent.words import content_stems
from prompts import Message, fence
from store.types import SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["PROMPT", "PlanReply", "merged", "plan_message"]

PROMPT = "plan"
ASPECTS = 6
QUERIES = 8
NAMES = 12
LONG_QUERY = 30
"""Words from which a query is no query."""
_TIME = re.compile(
    r"\b(?:this|last|past|recent|previous|coming) (?:\w+ )?(?:years?|decade|months?)\b|\brecent(?:ly)?\b|\blatest\b",
    re.I,
)


class PlanReply(BaseModel):
    """What a model says of a question; checked against the question before any of it counts."""

    kind: str = Field(description='"comparison", "yes/no", "fact" or "survey"')
    subjects: list[str]
    excluded: list[str]
    aspects: list[str]
    queries: list[str]
    year_from: int | None
    year_to: int | None


def plan_message(question: str, previous: Plan | None, year: int) -> Message:
    """The prompt that asks for a plan."""
    before = previous.question if previous is not None else ""
    return message(
        PROMPT,
        question=fence("question", visible(question)),
        previous=fence("before", visible(before)),
        year=str(year),
    )


def merged(plan: Plan, reply: PlanReply, library: Library, previous: Plan | None = None) -> Plan:
    """`plan` with what `reply` rightly adds."""
    said = f"{plan.question} {previous.question if previous else ''}"
    excluded = _excluded(plan, reply, said)
    subjects = _subjects(plan, reply, said, excluded, library)
    return replace(
        plan,
        kind=_kind(plan, reply, subjects),
        subjects=subjects,
        aspects=_aspects(plan, reply),
        queries=_queries(plan, reply),
        filters=_filters(plan, reply),
        excluded=excluded,
    )


def _excluded(plan: Plan, reply: PlanReply, said: str) -> tuple[str, ...]:
    named = [name for name in _lines(reply.excluded, NAMES) if name_pattern(name).search(said)]
    asked = {subject.name.casefold() for subject in plan.subjects}
    return tuple(dict.fromkeys((*plan.excluded, *(name for name in named if name.casefold() not in asked))))


def _subjects(
    plan: Plan, reply: PlanReply, said: str, excluded: Sequence[str], library: Library
) -> tuple[Subject, ...]:
    """The rules' subjects, and those of the model that the question names and the library knows."""
    have = {subject.name.casefold() for subject in plan.subjects} | {name.casefold() for name in excluded}
    names = [name for name in _lines(reply.subjects, NAMES) if name_pattern(name).search(said)]
    new = subjects_named([name for name in names if name.casefold() not in have], library.papers(plan.filters))
    covered = {paper_id for subject in plan.subjects for paper_id in subject.paper_ids}
    return (*plan.subjects, *(s for s in new if s.introduced and not covered.issuperset(s.paper_ids)))


def _kind(plan: Plan, reply: PlanReply, subjects: Sequence[Subject]) -> QuestionKind:
    """The model's kind, where it fits what the question names."""
    try:
        kind = QuestionKind(reply.kind.strip().lower())
    except ValueError:
        return plan.kind
    known = sum(bool(subject.paper_ids) for subject in subjects)
    introduced = sum(subject.introduced for subject in subjects)
    if (kind is QuestionKind.COMPARISON and known == 1) or (plan.kind is QuestionKind.COMPARISON and introduced >= 2):
        return plan.kind
    return kind


def _aspects(plan: Plan, reply: PlanReply) -> tuple[Aspect, ...]:
    found = {aspect.name: aspect for aspect in plan.aspects}
    for phrase in _lines(reply.aspects, ASPECTS):
        known = asked_aspects(phrase)
        stems = content_stems(phrase)
        for aspect in known or ((Aspect(_name(phrase), stems),) if stems and len(phrase.split()) <= 5 else ()):
            found.setdefault(aspect.name, aspect)
    return tuple(found.values())[:ASPECTS]


def _name(phrase: str) -> str:
    return " ".join(re.findall(r"[\w-]+", phrase.lower()))[:40]


def _queries(plan: Plan, reply: PlanReply) -> tuple[str, ...]:
    new = [query for query in _lines(reply.queries, 4) if len(query.split()) <= LONG_QUERY]
    return tuple(dict.fromkeys((plan.queries[0], *new, *plan.queries[1:])))[:QUERIES]


def _filters(plan: Plan, reply: PlanReply) -> SearchFilter:
    filters = plan.filters
    if _dated(reply.year_from, plan.question):
        filters = replace(filters, year_from=max(reply.year_from or 0, filters.year_from or 0))
    if _dated(reply.year_to, plan.question):
        filters = replace(filters, year_to=min(reply.year_to or 9999, filters.year_to or 9999))
    return filters


def _dated(year: int | None, question: str) -> bool:
    """True when the question speaks of that year, or of time that the year may be the start or end of."""
    near = any(str(y) in question for y in (year - 1, year, year + 1)) if year is not None else False
    return year is not None and 1000 <= year <= 9999 and (near or _TIME.search(question) is not None)


def _lines(texts: Iterable[str], most: int) -> list[str]:
    """The first texts, each visible and with something in it."""
    lines = (" ".join(visible(text).split()) for text in texts)
    return [line for line in lines if any(c.isalnum() for c in line)][:most]
