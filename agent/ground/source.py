"""A cited paper read once for all checks: its sentences, words, quantities and names."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from agent.ground.words import Word, words
from agent.mood import states
from agent.quantities import quantities
from agent.types import Quantity, Quote
from store.chunk import sentences
from store.types import Paper, Sentence

__all__ = ["Line", "Source", "read"]


@dataclass(frozen=True)
class Line:
    """One source sentence (or the title, which has no place in the abstract)."""

    paper_id: str
    start: int
    end: int
    text: str
    is_title: bool = False

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of the line."""
        return words(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of the line's words."""
        return frozenset(w.stem for w in self.words)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities of the line."""
        return quantities(self.text)

    @property
    def quote(self) -> Quote:
        """The line as evidence."""
        return Quote(self.paper_id, self.start, self.end, self.text)


@dataclass(frozen=True)
class Source:
    """All cited papers together: their sentences in order, but for those that state nothing, and their titles."""

    papers: tuple[Paper, ...]
    lines: tuple[Line, ...]
    titles: tuple[Line, ...]

    @cached_property
    def text(self) -> str:
        """Titles and abstracts as one text."""
        return "\n".join([*(t.text for t in self.titles), *(p.abstract for p in self.papers)])

    @cached_property
    def lowers(self) -> frozenset[str]:
        """Every folded word of titles and abstracts."""
        return frozenset(w.lower for line in (*self.titles, *self.lines) for w in line.words)

    @cached_property
    def initials(self) -> str:
        """The first letters of all words in order, so that an abbreviation is a stretch of it."""
        return "|".join("".join(w.lower[0] for w in line.words) for line in (*self.titles, *self.lines))

    @cached_property
    def squeezed(self) -> str:
        """The text with "1152 × 1152" as "1152x1152"."""
        return re.sub(r"\s?[×x]\s?(?=\d)", "x", self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of every word of titles and abstracts."""
        return frozenset[str]().union(*(line.stems for line in (*self.titles, *self.lines)))

    @cached_property
    def weights(self) -> dict[str, float]:
        """Inverse document frequency of each stem, with the source's own sentences as documents."""
        counts = Counter(stem for line in self.lines for stem in line.stems)
        n = len(self.lines) + 1
        return {stem: math.log(1 + n / count) for stem, count in counts.items()}

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """Every quantity of titles and abstracts, with offsets into its own line."""
        return tuple(q for line in (*self.titles, *self.lines) for q in line.quantities)


def read(papers: Sequence[Paper]) -> Source:
    """The papers, read for checking; each is read once and remembered."""
    return _source(tuple(papers))


@lru_cache(maxsize=1024)
def _source(papers: tuple[Paper, ...]) -> Source:
    parts = [_read(p.paper_id, p.title, p.abstract) for p in papers]
    return Source(
        papers=papers,
        lines=tuple(line for lines, _ in parts for line in lines),
        titles=tuple(title for _, title in parts),
    )


@lru_cache(maxsize=1024)
def _read(paper_id: str, title: str, abstract: str) -> tuple[tuple[Line, ...], Line]:
    paper = Paper(paper_id, title, abstract)
    return tuple(_line(s) for s in sentences(paper) if states(s.text)), Line(paper_id, 0, 0, title, is_title=True)


def _line(sentence: Sentence) -> Line:
    return Line(sentence.paper_id, sentence.start, sentence.end, sentence.text)
