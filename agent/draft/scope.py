"""Topic to scope: what is asked for, its parts, and its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import BadInput
from agent.words import content_stems
from store.types import SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["LONGEST_TOPIC", "Scope", "make_scope"]

LONGEST_TOPIC = 400
"""Code points; a longer topic is a question or a mistake."""
_PARTS = re.compile(r"[,;]|\band\b|\bor\b|\bincluding\b|\bsuch as\b")


@dataclass(frozen=True, slots=True)
class Scope:
    """A topic on one line, its parts ("A and B" has two), its stems, and which papers may be read."""

    topic: str
    queries: tuple[str, ...]
    stems: tuple[str, ...]
    filters: SearchFilter


def make_scope(topic: str, filters: SearchFilter = SearchFilter()) -> Scope:
    """The scope of a review. Raises BadInput for a topic that says nothing or says too much."""
    line = " ".join(topic.split())
    if not line:
        raise BadInput('the topic is empty; give one, such as: plumbline draft "diffusion model acceleration" -o DIR')
    if len(line) > LONGEST_TOPIC:
        raise BadInput(f"the topic has {len(line):,} characters and may have {LONGEST_TOPIC}; name it in fewer words")
    stems = content_stems(line)
    if not stems:
        raise BadInput(f"the topic {line!r} has no word to search for; name the subject of the review")
    return Scope(line, (line, *_parts(line)), stems, filters)


def _parts(line: str) -> tuple[str, ...]:
    """The parts of an enumeration, where it has two or more of two or more words."""
    parts = [part.strip(" .?!") for part in _PARTS.split(line)]
    telling = [part for part in parts if len(content_stems(part)) >= 2 and part != line]
    return tuple(dict.fromkeys(telling)) if len(telling) > 1 else ()


def unmatched(scope: Scope, library: Library) -> tuple[str, ...]:
    """Words of the topic that no paper of the library has, as the topic writes them."""
    present = {
        stem for paper in library.papers(scope.filters) for stem in content_stems(f"{paper.title} {paper.abstract}")
    }
    return tuple(
        word for word in dict.fromkeys(re.findall(r"[^\W_]+", scope.topic)) if set(content_stems(word)) - present
    )
