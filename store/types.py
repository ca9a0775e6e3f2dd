"""What the store knows: papers, their passages and sentences, and hits.

Every offset counts Unicode code points in `Paper.abstract` (the canonical text), half-open:
``abstract[start:end]`` is the text meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = [
    "Author",
    "EmbedderInfo",
    "Hit",
    "IngestProgress",
    "IngestReport",
    "Paper",
    "Passage",
    "ReadFailure",
    "Record",
    "ScoredPassage",
    "ScoredSentence",
    "SearchFilter",
    "Sentence",
    "Span",
    "Vectors",
]

Vectors = npt.NDArray[np.float32]
"""float32, shape (n, dimensions), rows of unit length."""


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points in a paper's abstract."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Author:
    """One author as the source writes the name ("Given Family" or "Family, Given")."""

    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One paper as a reader found it: raw text, nothing normalised, nothing guessed.

    `locator` says where in `path` it stands ("line 12", "record 3"), for messages.
    """

    path: str
    locator: str
    title: str
    abstract: str
    authors: tuple[Author, ...] = ()
    year: int | None = None
    date: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    url: str | None = None
    organisation: str | None = None
    author_count: int | None = None
    votes: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A record or file that could not be loaded: where, and why."""

    path: str
    locator: str
    reason: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the library. `title` and `abstract` are canonical; the raw text stands beside.

    `date` is ISO 8601, as much of it as is known: "2025-08-20", "2025-08", or "--01-23" for a
    date without a year. `source` is the name of the file the paper first came from.
    """

    paper_id: str
    title: str
    abstract: str
    authors: tuple[Author, ...] = ()
    year: int | None = None
    date: str | None = None
    venue: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    url: str | None = None
    source: str | None = None
    organisation: str | None = None
    author_count: int | None = None
    votes: int | None = None
    tags: tuple[str, ...] = ()
    raw_title: str = ""
    raw_abstract: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an abstract: the unit of evidence. `index` counts from 0 within the paper."""

    paper_id: str
    index: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences packed under the embedder's token budget: the unit of search."""

    passage_id: str
    paper_id: str
    start: int
    end: int
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage and its score (higher is better; comparable within one query only)."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence and its similarity to a query."""

    sentence: Sentence
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One paper found, with its best passage. `rank` counts from 1."""

    rank: int
    paper: Paper
    score: float
    passage: Passage


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which papers may be found. Empty fields filter nothing; all given ones must hold.

    `year_from` and `year_to` are inclusive; a paper of unknown year fails a year filter.
    """

    year_from: int | None = None
    year_to: int | None = None
    sources: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    paper_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def is_empty(self) -> bool:
        """True when nothing is filtered."""
        return self == SearchFilter()


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """What a library remembers of its embedder. Vectors of unlike infos never mix."""

    name: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far `add` is: records read, papers embedded so far, papers to embed when known."""

    read: int
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one `add` did. `papers` and `passages` are the library's totals afterwards."""

    added: int
    updated: int
    duplicates: int
    failed: Sequence[ReadFailure]
    papers: int
    passages: int
    near_duplicates: Sequence[tuple[str, str]] = field(default=())


PathLike = str | Path
