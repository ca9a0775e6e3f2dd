"""What `/compare A B on ASPECT` asks for, as a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agent.aspects import asked_aspects
from agent.chat.looking import meant
from agent.errors import BadInput
from agent.names import label_of
from agent.types import Aspect, Plan, QuestionKind, Subject
from store.errors import PlumblineError
from store.types import Paper, SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["MOST", "comparison_among", "comparison_of"]

MOST = 6
"""Papers compared at once, at most."""
_USAGE = "write /compare A B on ASPECT, with keys, ids, names, or titles in quotes"
_ON = re.compile(r"\s+(?:on|in terms of|with respect to|regarding|by|in)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[,;&]\s*|\s+(?:and|versus|vs\.?|with|to|against|or)\s+", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“](?P<quoted>[^\"”]+)[\"”]|(?P<word>[^\s,;]+)")
_JOINING = frozenset(["and", "versus", "vs", "vs.", "with", "to", "against", "or"])
_LONGEST = 8
"""Words that are tried as names without anything between them,"""
_NAME = 4
"""and words that one such name may have; longer ones need quotes."""


def comparison_of(text: str, library: Library, keys: Mapping[str, str]) -> Plan:
    """The plan that compares the papers named in `text`. Raises BadInput, UnknownPaper: in both, what to write."""
    if not text.strip():
        raise BadInput(f"say what to compare: {_USAGE}")
    fault: PlumblineError | None = None
    for names, aspect in _readings(text.strip()):
        try:
            return comparison_among(_papers(names, library, keys), aspect)
        except PlumblineError as error:
            fault = fault or error
    raise BadInput(f"cannot compare {_short(text)!r}: {fault or 'no paper is named'}; {_USAGE}")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "..."


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """The ways to part the names from the aspect, the shortest aspect first; the last has none."""
    for match in reversed(list(_ON.finditer(text))):
        if text[: match.start()].count('"') % 2 == 0:
            yield text[: match.start()], text[match.end() :].strip(" ?.")
    yield text, ""


def _papers(text: str, library: Library, keys: Mapping[str, str]) -> list[Paper]:
    """The papers named. Raises BadInput, UnknownPaper."""
    if _marked(text):
        return [meant(name, library, keys) for name in _parts(text)]
    return _spelled(text.split(), library, keys)


def _marked(text: str) -> bool:
    return '"' in text or "“" in text or len(_BETWEEN.split(text)) > 1


def _parts(text: str) -> list[str]:
    if '"' in text or "“" in text:
        words = [match["quoted"] or match["word"] for match in _QUOTED.finditer(text)]
        return [word for word in words if word.casefold() not in _JOINING]
    return [part for part in _BETWEEN.split(text) if part.strip()]


def _spelled(words: Sequence[str], library: Library, keys: Mapping[str, str]) -> list[Paper]:
    """The papers whose names stand side by side with nothing between them, the longest name first."""
    if len(words) > _LONGEST:
        raise BadInput(f"{len(words)} words and no comma between the names")
    found: list[Paper] = []
    at = 0
    while at < len(words):
        end, paper = _longest(words, at, library, keys)
        found.append(paper)
        at = end
    return found


def _longest(words: Sequence[str], at: int, library: Library, keys: Mapping[str, str]) -> tuple[int, Paper]:
    """Where the longest name that begins at word `at` ends, and its paper. Raises UnknownPaper, of the single word."""
    for end in range(min(len(words), at + _NAME), at + 1, -1):
        try:
            return end, meant(" ".join(words[at:end]), library, keys)
        except PlumblineError:
            continue
    return at + 1, meant(words[at], library, keys)


def comparison_among(found: Sequence[Paper], aspect: str = "") -> Plan:
    """The plan that compares these papers in one respect, or in all. Raises BadInput for too few or too many."""
    papers = list({paper.paper_id: paper for paper in found}.values())
    if len(papers) < 2:
        raise BadInput("two papers are needed, and one is named")
    if len(papers) > MOST:
        raise BadInput(f"{len(papers)} papers are named, and at most {MOST} can be compared")
    names = [_name(paper) for paper in papers]
    names = [name if names.count(name) == 1 else paper.title for name, paper in zip(names, papers, strict=True)]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    question = f"How do {listed} compare{f' in {aspect}' if aspect else ''}?"
    subjects = tuple(
        Subject(name, (paper.paper_id,), introduced=True) for name, paper in zip(names, papers, strict=True)
    )
    return Plan(question, QuestionKind.COMPARISON, subjects, _aspects(aspect), (question,), SearchFilter())


def _aspects(words: str) -> tuple[Aspect, ...]:
    """The aspects meant; words that name none that is known are one of their own."""
    return asked_aspects(words) or ((Aspect(words, (words.lower(), *words.lower().split())),) if words else ())


def _name(paper: Paper) -> str:
    """What a sentence may call the paper."""
    head = paper.title.partition(":")[0].strip()
    return label_of(paper) or (head if len(head.split()) <= 8 else paper.title)
