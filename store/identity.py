"""Which paper a record is of: ids derived from content, and the union of two records of one paper."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace

from store.text import canonical, fold
from store.types import Paper, Record

__all__ = ["keys", "merge", "paper_of"]


def keys(paper: Paper) -> tuple[str, ...]:
    """Identity keys, strongest first; two papers that share one are the same."""
    known = []
    if paper.doi:
        known.append(f"doi:{paper.doi.lower()}")
    if paper.arxiv_id:
        known.append(f"arxiv:{paper.arxiv_id.lower()}")
    known.append(f"title:{fold(paper.title)}")
    return tuple(known)


def paper_of(record: Record) -> Paper:
    """The paper of one record, its text canonical."""
    paper = Paper(
        paper_id="",
        title=canonical(record.title),
        abstract=canonical(record.abstract),
        authors=record.authors,
        year=record.year,
        date=record.date,
        venue=record.venue,
        doi=record.doi,
        arxiv_id=record.arxiv_id,
        url=record.url,
        source=record.path.rsplit("/", 1)[-1],
        organisation=record.organisation,
        author_count=record.author_count,
        votes=record.votes,
        tags=record.tags,
        raw_title=record.title,
        raw_abstract=record.abstract,
    )
    return replace(paper, paper_id="p" + hashlib.sha256(keys(paper)[0].encode()).hexdigest()[:12])


def merge(known: Paper, new: Paper) -> Paper:
    """`known` with what it lacks taken from `new`."""
    missing = {
        f.name: getattr(new, f.name) for f in fields(Paper) if getattr(known, f.name) in (None, (), "") and f.name != "paper_id"
    }
    return replace(known, **missing)
