"""Looking things up for a reader: the paper meant, a quote in its context, the figures a paper reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import BadInput
from agent.findings import findings
from agent.types import Citation, Finding
from store.errors import UnknownPaper
from store.types import Paper, Sentence

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Reported", "Surroundings", "meant", "reported", "surroundings"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The sentences before and after a quote. `fault` says why the quote no longer stands there, else it is empty."""

    before: str
    after: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """A sentence with the figures it gives."""

    sentence: Sentence
    findings: tuple[Finding, ...]


def meant(text: str, library: Library, keys: Mapping[str, str]) -> Paper:
    """The paper of that citation key, id, DOI, arXiv id, title, or name. Raises BadInput, UnknownPaper."""
    wanted = text.strip().strip("\"“”'").removeprefix("@").strip()
    if not wanted:
        raise BadInput("say which paper: its citation key, id, title or name")
    for paper_id, key in keys.items():
        if key == wanted.casefold():
            return library.paper(paper_id)
    try:
        return library.find(wanted)
    except UnknownPaper:
        named = _introduced(wanted, library)
        if named is None:
            raise
        return named


def _introduced(name: str, library: Library) -> Paper | None:
    """The one paper that `name` comes from, where it is a name that one introduces."""
    from agent.plan import find_subjects

    if len(name.split()) > 4:
        return None
    subjects = find_subjects(name, library.papers())
    if len(subjects) != 1 or not subjects[0].introduced or subjects[0].name.casefold() != name.casefold():
        return None
    return library.paper(subjects[0].paper_ids[0])


def surroundings(citation: Citation, library: Library) -> Surroundings:
    """What stands around a quote in the library as it is now."""
    try:
        paper = library.paper(citation.paper_id)
    except UnknownPaper:
        return Surroundings("", "", "the paper is no longer in the library")
    if paper.abstract[citation.start : citation.end] != citation.quote:
        return Surroundings("", "", "the paper's text has changed since: the quote no longer stands at its place")
    sentences = library.sentences(citation.paper_id)
    before = [s.text for s in sentences if s.end <= citation.start]
    after = [s.text for s in sentences if s.start >= citation.end]
    return Surroundings(before[-1] if before else "", after[0] if after else "")


_FIGURE = re.compile(r"[%$€£×]|\d+(?:\.\d+)?x\b", re.IGNORECASE)


def reported(paper: Paper, library: Library) -> tuple[Reported, ...]:
    """The sentences of the paper that give figures with a unit, in order, each with those figures."""
    found = []
    for sentence in library.sentences(paper.paper_id):
        telling = tuple(f for f in findings(paper, sentence) if f.quantity.unit or _FIGURE.search(f.quantity.text))
        if telling:
            found.append(Reported(sentence, telling))
    return tuple(found)
