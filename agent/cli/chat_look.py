"""Commands of a chat that look: at sources, quotes, papers, figures, and what passes a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.console import look
from agent.errors import BadInput

if TYPE_CHECKING:
    from agent.cli.chat_desk import Desk
    from store.types import Paper

__all__ = ["compare", "findings", "narrow", "read", "search", "sources", "why"]

_FOUND = 10
"""Papers that a search shows,"""
_LISTED = 50
"""and that a list without words shows."""


def sources(desk: Desk, _: str) -> None:
    """`/sources`."""
    from agent.chat.show import source_lines

    lines = list(source_lines(desk.conversation.sources(), look()))
    desk.show("\n".join(lines) or "No paper has been cited yet.")


def why(desk: Desk, number: str) -> None:
    """`/why N`."""
    from agent.chat.looking import surroundings
    from agent.render.answer import why
    from agent.render.numbering import numbered

    last = desk.conversation.last
    quotes = numbered(last.answer) if last else ()
    if not quotes:
        raise BadInput("there is no quote to explain yet: ask a question first")
    chosen = [quote for quote in quotes if str(quote.number) == number.strip("[] ")]
    if not chosen:
        raise BadInput(f"the last answer has quotes 1 to {len(quotes)}: write /why 1")
    around = surroundings(chosen[0].citation, desk.conversation.library)
    desk.show(why(chosen[0], look(), around.before, around.after, around.fault))


def compare(desk: Desk, text: str) -> None:
    """`/compare A B [on ASPECT]`."""
    desk.answer(lambda listen: desk.conversation.compare(text, listen))


def findings(desk: Desk, reference: str) -> None:
    """`/findings PAPER|KEY`."""
    from agent.chat.looking import meant, reported
    from agent.chat.show import finding_lines

    talk = desk.conversation
    paper = meant(reference, talk.library, talk.keys)
    found = reported(paper, talk.library)
    lines = list(finding_lines(paper, talk.keys.get(paper.paper_id), found, look()))
    desk.show("\n".join(lines if found else [*lines, "  its abstract gives no figure with a unit"]))


def read(desk: Desk, reference: str) -> None:
    """`/read KEY|ID|TITLE`."""
    from agent.chat.looking import meant
    from agent.render.documents import paper_document
    from agent.render.papers import paper_lines

    talk = desk.conversation
    paper = meant(reference, talk.library, talk.keys)
    desk.document(lambda: paper_document(paper), lambda: "\n".join(paper_lines(paper, look())))


def search(desk: Desk, text: str) -> None:
    """`/search [WORDS] [TERMS]`, within the filters that hold."""
    from agent.chat.filters import narrowed, split_terms
    from agent.render.documents import search_document
    from agent.render.papers import hit_lines

    words, terms = split_terms(text)
    filters = narrowed(desk.conversation.filters, terms) if terms else desk.conversation.filters
    if not words:
        _list(desk, [*desk.conversation.library.papers(filters)])
        return
    hits = desk.conversation.library.search(words, _FOUND, filters)
    desk.document(lambda: search_document(words, hits), lambda: "\n".join(hit_lines(hits, look())).rstrip())
    if not hits:
        desk.remark("no paper found")


def _list(desk: Desk, papers: list[Paper]) -> None:
    from agent.render.papers import list_lines
    from store.text import fold

    shown = sorted(papers, key=lambda paper: (fold(paper.title), paper.paper_id))[:_LISTED]
    desk.show("\n".join(list_lines(shown, look())) or "no paper in the library passes")
    if len(papers) > len(shown):
        desk.remark(
            f"the first {len(shown)} of {len(papers)} papers; narrow with words or terms: /search WORDS year>=2023"
        )


def narrow(desk: Desk, terms: str) -> None:
    """`/filter [TERMS|clear]`."""
    from agent.chat.filters import describe_filter, narrowed
    from agent.render.escape import terminal

    talk = desk.conversation
    if terms:
        talk.filters = narrowed(talk.filters, terms)
    passing = "" if talk.filters.is_empty() else f" ({len(talk.library.papers(talk.filters))} papers pass)"
    desk.show(f"filter: {terminal(describe_filter(talk.filters))}{passing}")
