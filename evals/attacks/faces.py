"""Every face an answer has, and what in it would act rather than be read.

Terminal: any control or unseen character. Markdown: what a GitHub-flavoured viewer makes a link, an image or HTML of.
JSON: a control or unseen character, which a terminal would still act on. HTML: any tag but the report's own, any
address that leaves the page.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.types import Answer
    from store.library import Library

__all__ = ["active_in_html", "active_in_markdown", "active_in_text", "active_on_faces"]

_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_OURS = re.compile(r"<!-- -->")
_ACTIVE_MARKDOWN = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://\S)|(?P<www>\bwww\.\S)|(?P<mail>[\w.+-]+(?:\\@|@)[\w-]+(?:\.[\w-]+)*\.[a-z])"
    r"|(?P<link>\][(\[:])|(?P<html><[a-z/!?])|(?P<entity>&(?:#\w+|\w+);)|(?P<fence>`{3,})",
    re.IGNORECASE,
)
_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "h3",
        "nav",
        "ul",
        "li",
        "main",
        "section",
        "p",
        "div",
        "span",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "mark",
        "strong",
    ]
)
_ADDRESSES = frozenset(("href", "src", "action", "data", "formaction", "srcset", "poster", "background", "xlink:href"))
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def active_on_faces(answer: Answer, library: Library) -> tuple[str, ...]:
    """What is active on any face of the answer, one a line: face, then what."""
    from agent.chat.show import source_lines
    from agent.render.answer import terminal, why
    from agent.render.answer_markdown import markdown
    from agent.render.documents import answer_document
    from agent.render.numbering import numbered
    from agent.render.terminal import Look

    look = Look(width=100)
    texts = [terminal(answer, look), *(why(quote, look) for quote in numbered(answer))]
    texts += source_lines(answer.sources, look)
    document = json.dumps(answer_document(answer), ensure_ascii=False)
    found = [f"terminal: {what}" for text in texts for what in active_in_text(text)]
    found += [f"markdown: {what}" for what in active_in_markdown(markdown(answer))]
    found += [f"json: {what}" for what in active_in_text(document)]
    found += [f"html: {what}" for what in active_in_html(_report(answer, library))]
    return tuple(dict.fromkeys(found))


def active_in_text(text: str) -> Iterator[str]:
    """Characters that a terminal acts on, or that nobody sees."""
    for character in sorted(set(text) - {"\n"}):
        if unicodedata.category(character) in _UNSEEN:
            yield f"U+{ord(character):04X}"


def active_in_markdown(text: str) -> Iterator[str]:
    """What a GitHub-flavoured viewer would not show as the text it is; headings, lists and tables are the document's.

    An escaped sign is none, but for the @ of an address: viewers undo the escape before they look for addresses.
    """
    yield from active_in_text(text)
    kept = _ESCAPED.sub(
        lambda sign: sign[0] if sign[0] == "\\@" else "\N{REPLACEMENT CHARACTER}", _OURS.sub("\0", text)
    )
    for found in _ACTIVE_MARKDOWN.finditer(kept):
        yield f"{found.lastgroup} {found[0]!r}"


def active_in_html(page: str) -> Iterator[str]:
    """Tags that the report does not write itself, handlers, and addresses that leave the page."""
    reader = _Tags()
    reader.feed(page)
    reader.close()
    yield from reader.found
    yield from active_in_text(page)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            leaves = name in _ADDRESSES and not (value or "").startswith("#")
            if leaves or name.startswith("on") or name == "style":
                self.found.append(f"<{tag} {name}={value!r}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")


def _report(answer: Answer, library: Library) -> str:
    """The answer as a case of the evaluation's page."""
    from evals.report.html import html
    from evals.result import CaseResult, CaseView, Marked, Run, SuiteResult
    from store.types import Span

    spans: dict[str, list[Span]] = {}
    for sentence in answer.sentences:
        for citation in sentence.citations:
            spans.setdefault(citation.paper_id, []).append(Span(citation.start, citation.end))
    papers = tuple(Marked(library.paper(paper_id), tuple(found), "cited") for paper_id, found in spans.items())
    lines = (*answer.notes, *answer.missing, *(answer.abstention.missing if answer.abstention else ()))
    view = CaseView(answer.question, answer.sentences, lines, papers, answer.notes)
    case = CaseResult("case", "case", None, {}, view, seconds=0.0)
    return html(Run((SuiteResult("attacks", "ask", (), (), (case,)),)))
