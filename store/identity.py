"""Which paper a record tells of: ids derived from content, and the union of two records of one paper."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations

from store.text import canonical, fold, folded
from store.types import Author, Paper, Record

__all__ = ["keys", "merge", "near_duplicates", "paper_of"]

_TELLING_WORDS = 4
"""A title of fewer words ("Editorial") names a paper only together with its first author or year."""
_NEAR_TITLE, _NEAR_ABSTRACT, _BLOCK = 0.92, 0.8, 50
_ARXIV_DOI = re.compile(r"^10\.48550/arxiv\.(.+)$")
_PREPRINT_VENUES = frozenset({"arxiv", "corr", "arxiv org", "biorxiv", "medrxiv"})


def _family(author: Author) -> str:
    """Folded family name of "Given Family" or "Family, Given"."""
    family = author.name.split(",")[0] if "," in author.name else author.name
    words = fold(family).split()
    return " ".join(words) if "," in author.name else words[-1] if words else ""


def keys(paper: Paper) -> tuple[str, ...]:
    """Identity keys, strongest first: DOI, arXiv id, title. Papers that share one are the same paper.

    So a preprint (arXiv id) and its publication (DOI) are one by their title.
    """
    title = fold(paper.title)
    if len(title.split()) < _TELLING_WORDS:
        first = _family(paper.authors[0]) if paper.authors else str(paper.year or "")
        title = f"{title}|{first}"
    known = [f"doi:{paper.doi.lower()}"] if paper.doi else []
    known += [f"arxiv:{paper.arxiv_id.lower()}"] if paper.arxiv_id else []
    return (*known, f"title:{title}")


def paper_of(record: Record) -> Paper:
    """The paper of one record, its text canonical, its raw text beside; an arXiv DOI is an arXiv id."""
    doi = record.doi.lower() if record.doi else None
    preprint = _ARXIV_DOI.match(doi or "")
    paper = Paper(
        paper_id="",
        title=canonical(record.title),
        abstract=canonical(record.abstract),
        authors=record.authors,
        year=record.year,
        date=record.date,
        venue=record.venue,
        doi=None if preprint else doi,
        arxiv_id=record.arxiv_id or (re.sub(r"v\d+$", "", preprint[1]) if preprint else None),
        url=record.url,
        source=re.split(r"[\\/]", record.path)[-1],
        organisation=record.organisation,
        author_count=record.author_count,
        votes=record.votes,
        tags=record.tags,
        raw_title=record.title,
        raw_abstract=record.abstract,
    )
    return replace(paper, paper_id="p" + hashlib.sha256(keys(paper)[0].encode()).hexdigest()[:12])


def _fuller_date(known: Paper, new: Paper) -> str | None:
    """The known date; the other where it tells more of the same day ("--01-23", "2026")."""
    ours, theirs = known.date, new.date
    if ours is None or theirs is None:
        return ours or theirs
    if ours.startswith("--"):
        return theirs if theirs[4:] == ours[1:] else ours
    return theirs if len(theirs) > len(ours) and theirs.startswith(ours) else ours


def merge(known: Paper, new: Paper) -> Paper:
    """`known` with what it lacks taken from `new`. Id, title, abstract and source stay, so that spans hold."""
    venue = known.venue
    if venue is None or (fold(venue) in _PREPRINT_VENUES and new.venue):
        venue = new.venue
    date = _fuller_date(known, new)
    dated = int(date[:4]) if date and not date.startswith("--") else None
    return replace(
        known,
        authors=known.authors or new.authors,
        year=known.year or new.year or dated,
        date=date,
        venue=venue,
        doi=known.doi or new.doi,
        arxiv_id=known.arxiv_id or new.arxiv_id,
        url=known.url or new.url,
        organisation=known.organisation or new.organisation,
        author_count=known.author_count or new.author_count,
        votes=known.votes if known.votes is not None else new.votes,
        tags=tuple(dict.fromkeys([*known.tags, *new.tags])),
    )


def _shingles(words: list[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2)))


def _are_near(one: Paper, other: Paper) -> bool:
    titles = folded(one.title), folded(other.title)
    if SequenceMatcher(None, *titles, autojunk=False).ratio() >= _NEAR_TITLE:
        return re.findall(r"\d+", titles[0]) == re.findall(r"\d+", titles[1])
    left, right = _shingles(folded(one.abstract).split()), _shingles(folded(other.abstract).split())
    return len(left & right) >= _NEAR_ABSTRACT * len(left | right)


def near_duplicates(papers: Iterable[Paper]) -> tuple[tuple[str, str], ...]:
    """Pairs of ids of papers that may be one: nearly the same title or abstract. Reported, never merged.

    Only papers that share the first words of title or abstract are compared, so that the work stays linear.
    """
    blocks: dict[str, list[Paper]] = defaultdict(list)
    for paper in papers:
        title, abstract = folded(paper.title).split(), folded(paper.abstract).split()
        for name in ("t:" + " ".join(title[:3]), "a:" + " ".join(abstract[:8]), "z:" + " ".join(abstract[-8:])):
            blocks[name].append(paper)
    pairs = {
        (min(one.paper_id, other.paper_id), max(one.paper_id, other.paper_id))
        for block in blocks.values()
        if len(block) <= _BLOCK
        for one, other in combinations(block, 2)
        if one.paper_id != other.paper_id and _are_near(one, other)
    }
    return tuple(sorted(pairs))
