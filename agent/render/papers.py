"""Papers, hits and reports of `add` as lines for a terminal. Every text drawn from a paper is escaped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from agent.render.escape import terminal
from store.types import Hit, IngestReport, Paper

__all__ = ["byline", "hit_lines", "ingest_lines", "paper_lines"]

_WIDTH = 80
_PASSAGE = 320


def ingest_lines(report: IngestReport) -> Iterator[str]:
    """What one `add` did, then each record that failed with its place and reason."""
    done = f"added {report.added}, updated {report.updated}, merged as duplicates {report.duplicates}"
    yield f"{done}, failed {len(report.failed)}"
    yield f"the library holds {report.papers} papers, {report.passages} passages"
    for failure in report.failed:
        yield f"failed: {terminal(failure.path)}, {terminal(failure.locator)}: {terminal(failure.reason)}"


def byline(paper: Paper) -> str:
    """First author, year and id: what tells papers of like titles apart."""
    parts = []
    if paper.authors:
        parts.append(paper.authors[0].name + (" and others" if len(paper.authors) > 1 else ""))
    elif paper.organisation:
        parts.append(paper.organisation)
    if paper.date or paper.year:
        parts.append(str(paper.date or paper.year))
    parts += [part for part in (paper.venue, paper.paper_id) if part]
    return terminal(" · ".join(parts))


def hit_lines(hits: Sequence[Hit]) -> Iterator[str]:
    """Each hit as title, byline and the beginning of its best passage, 80 columns wide."""
    for hit in hits:
        indent = " " * 4
        yield from textwrap.wrap(
            terminal(hit.paper.title), _WIDTH, initial_indent=f"{hit.rank:>2}. ", subsequent_indent=indent
        )
        yield f"{indent}{byline(hit.paper)} · score {hit.score:.3f}"
        text = textwrap.shorten(terminal(hit.passage.text), _PASSAGE, placeholder=" …")
        yield from textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
        yield ""


def paper_lines(paper: Paper) -> Iterator[str]:
    """One paper in full: title, what is known of it, abstract."""
    yield from textwrap.wrap(terminal(paper.title), _WIDTH)
    known = (
        ("id", paper.paper_id),
        ("authors", ", ".join(author.name for author in paper.authors)),
        ("by", paper.organisation),
        ("date", paper.date or paper.year),
        ("venue", paper.venue),
        ("doi", paper.doi),
        ("arxiv", paper.arxiv_id),
        ("url", paper.url),
        ("source", paper.source),
        ("tags", ", ".join(paper.tags)),
    )
    for name, value in known:
        if value:
            yield from textwrap.wrap(f"{name:>8}  {terminal(str(value))}", _WIDTH, subsequent_indent=" " * 10)
    yield ""
    yield from textwrap.wrap(terminal(paper.abstract), _WIDTH)
