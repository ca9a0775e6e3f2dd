"""Papers, hits and reports of `add` as lines for a terminal. Every text drawn from a paper is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.render.escape import terminal
from agent.render.terminal import Look, paint, wrap
from store.examination import Examination, State
from store.types import Hit, IngestReport, Paper

__all__ = ["byline", "doctor_lines", "hit_lines", "ingest_lines", "list_lines", "paper_lines"]

_PASSAGE = 320
"""Characters of a passage that a hit shows."""
_INDENT = " " * 4


def ingest_lines(report: IngestReport, look: Look) -> Iterator[str]:
    """What one `add` did, then each record that failed with its place and reason."""
    done = f"added {report.added}, updated {report.updated}, merged as duplicates {report.duplicates}"
    yield f"{done}, failed {len(report.failed)}"
    yield f"the library holds {_many(report.papers, 'paper')}, {_many(report.passages, 'passage')}"
    for failure in report.failed:
        yield from _wrapped(f"failed: {failure.path}, {failure.locator}: {failure.reason}", look)
    for first, second in report.near_duplicates:
        yield from _wrapped(f"perhaps the same paper, kept apart: {first} and {second}", look)


def byline(paper: Paper) -> str:
    """First author or organisation, date, venue and id: what tells papers of like titles apart."""
    parts = []
    if paper.authors:
        parts.append(paper.authors[0].name + (" and others" if len(paper.authors) > 1 else ""))
    elif paper.organisation:
        parts.append(paper.organisation)
    parts += [str(part) for part in (paper.date or paper.year, paper.venue, paper.paper_id) if part]
    return terminal(" | ".join(parts))


def hit_lines(hits: Sequence[Hit], look: Look) -> Iterator[str]:
    """Each hit as title, byline and the beginning of its best passage."""
    for hit in hits:
        title = wrap(terminal(hit.paper.title), look.width, first=f"{hit.rank:>2}. ", rest=_INDENT)
        yield from (paint(line, "bold", look) for line in title)
        for line in wrap(f"{byline(hit.paper)} | score {hit.score:.3f}", look.width, first=_INDENT, rest=_INDENT):
            yield paint(line, "dim", look)
        text = _beginning(terminal(hit.passage.text), _PASSAGE, look)
        yield from wrap(text, look.width, first=_INDENT, rest=_INDENT)
        yield ""


def list_lines(papers: Sequence[Paper], look: Look) -> Iterator[str]:
    """One paper after the other: id, title, and what is known of when and where it appeared."""
    for paper in papers:
        when = paper.date or paper.year
        known = terminal(", ".join(str(part) for part in (when, paper.venue) if part))
        title = terminal(paper.title) + (f" ({known})" if known else "")
        yield from wrap(title, look.width, first=f"{paper.paper_id}  ", rest=" " * 15)


def paper_lines(paper: Paper, look: Look) -> Iterator[str]:
    """One paper in full: title, what is known of it, abstract."""
    yield from (paint(line, "bold", look) for line in wrap(terminal(paper.title), look.width))
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
            yield from wrap(terminal(str(value)), look.width, first=f"{name:>8}  ", rest=" " * 10)
    yield ""
    yield from wrap(terminal(paper.abstract) or "(no abstract)", look.width)


def doctor_lines(found: Sequence[Examination], look: Look) -> Iterator[str]:
    """One line for each part: name, state, and what was found and done."""
    styles = {State.SOUND: "green", State.REPAIRED: "yellow", State.NOTED: "cyan", State.UNSOUND: "red"}
    for one in found:
        plain = f"{one.part:<14}{one.state.value:<10}"
        first, *rest = wrap(terminal(one.detail), look.width, first=plain, rest=" " * len(plain))
        yield first.replace(one.state.value, paint(one.state.value, styles[one.state], look), 1)
        yield from rest


def _wrapped(text: str, look: Look) -> list[str]:
    return wrap(terminal(text), look.width, rest=_INDENT)


def _beginning(text: str, most: int, look: Look) -> str:
    """Whole words of `text`, at most about `most` characters, with a mark where something is left out."""
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0] + (" …" if look.unicode else " ...")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
