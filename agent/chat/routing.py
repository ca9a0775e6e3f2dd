"""Which tool a plain line asks for, by rules; a line that asks for none is a question.

A rule needs an order ("compare", "list papers", "read"), and where it names a paper, one that the library has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.errors import PlumblineError

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Routed", "route"]


@dataclass(frozen=True, slots=True)
class Routed:
    """A command, as it would be typed: "/compare ZO2 and MeZO on memory"."""

    command: str
    rest: str = ""

    def __str__(self) -> str:
        return f"/{self.command} {self.rest}".rstrip()


def _order(pattern: str) -> re.Pattern[str]:
    """A whole line that is an order: may begin with "please" or "can you", may end with a full stop."""
    lead = r"(?:(?:please|now|ok(?:ay)?|and|can you|could you|would you)[, ]+)*"
    return re.compile(rf"{lead}(?:{pattern})(?:,? please)?\s*[.!?]?", re.IGNORECASE)


_SHOW = r"(?:list|show|find|get|give)(?: me| us)?"
_ALL = r"(?: all)?(?: of)?(?: the)?"
_YEARS = (
    r"(?P<when>from|since|after|before|until|in|of|published in)(?: the year)? (?P<year>\d{4})"
    r"(?P<on> (?:on|onwards|and later))?"
)
_DRAFT = r"(?:review|survey|overview|related[- ]work section|section|draft)"
_LONGEST = 400
"""Characters; a longer line is no order."""
_OF_TALK: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Routed]], ...] = (
    (_order(r"quit|exit|bye|goodbye"), lambda _: Routed("quit")),
    (_order(r"help|what can (?:you|i) do(?: here)?"), lambda _: Routed("help")),
    (
        _order(r"undo(?: (?:that|it|the last (?:turn|question|answer)))?|take (?:that|it) back"),
        lambda _: Routed("undo"),
    ),
    (
        _order(
            rf"{_SHOW}{_ALL} sources(?: (?:so far|used|cited))?"
            r"|(?:what|which papers) (?:have|did) you cite(?:d)?(?: so far)?"
        ),
        lambda _: Routed("sources"),
    ),
    (_order(r"why(?: quote)? \[?(?P<n>\d{1,3})\]?"), lambda m: Routed("why", m["n"])),
    (
        _order(
            r"(?:export|save|write)(?: (?:this|it|the (?:conversation|chat|talk)))?(?: (?:in|to|as))? (?P<file>\S+\.md)"
        ),
        lambda m: Routed("export", m["file"]),
    ),
    (_order(rf"(?:clear|drop|remove|forget|reset){_ALL} filters?"), lambda _: Routed("filter", "clear")),
    (
        _order(rf"only(?: (?:use|consider|look at|count|read|take))? (?:papers|work|works|those) {_YEARS}"),
        lambda m: Routed("filter", _terms(m)),
    ),
    (
        _order(
            rf"(?:draft|write)(?: me| us)? (?:an? |the )?(?:short |brief |literature )*{_DRAFT}"
            r" (?:of|on|about) (?P<topic>.+?)"
        ),
        lambda m: Routed("draft", m["topic"]),
    ),
)
_BY_RULE: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Routed]], ...] = (
    (_order(rf"{_SHOW}{_ALL} papers {_YEARS}"), lambda m: Routed("search", _terms(m))),
    (
        _order(rf"{_SHOW}{_ALL} papers {_YEARS} (?:on|about) (?P<words>.+?)"),
        lambda m: Routed("search", f"{m['words']} {_terms(m)}"),
    ),
    (
        _order(rf"{_SHOW}{_ALL} papers (?:on|about) (?P<words>.+?) {_YEARS}"),
        lambda m: Routed("search", f"{m['words']} {_terms(m)}"),
    ),
    (
        _order(rf"(?:{_SHOW}{_ALL} papers (?:on|about)|search(?: the library)? for|look for) (?P<words>.+?)"),
        lambda m: Routed("search", m["words"]),
    ),
    (_order(rf"{_SHOW}{_ALL} papers(?: here| in the library| you have)?"), lambda _: Routed("search")),
)
_OF_PAPER: tuple[tuple[re.Pattern[str], str], ...] = (
    (_order(rf"(?:{_SHOW}{_ALL} (?:findings|figures|numbers|results) (?:of|in|from)) (?P<paper>.+?)"), "findings"),
    (_order(r"what (?:figures|numbers) does (?P<paper>.+?) report"), "findings"),
    (
        _order(
            rf"(?:read|open|{_SHOW}(?: the)? (?:abstract|text|paper)(?: of)?)(?: me)?"
            r"(?: the (?:paper|abstract of))? (?P<paper>.+?)"
        ),
        "read",
    ),
)
_COMPARE = _order(r"compare (?P<what>.+?)")


def _terms(found: re.Match[str]) -> str:
    """Years in words as a filter."""
    year = found["year"]
    match found["when"].casefold():
        case "since":
            return f"year>={year}"
        case "after":
            return f"year>{year}"
        case "before":
            return f"year<{year}"
        case "until":
            return f"year<={year}"
    return f"year>={year}" if found["on"] else f"year={year}"


def route(line: str, library: Library, keys: Mapping[str, str], *, tools: bool = True) -> Routed | None:
    """The command that a plain line asks for; None: it is a question.

    `tools` False: only orders about the conversation itself; what else a line asks for is for a model to choose.
    """
    if len(line) > _LONGEST:
        return None
    for pattern, made in (*_OF_TALK, *(_BY_RULE if tools else ())):
        found = pattern.fullmatch(line.strip())
        if found is not None:
            return made(found)
    return _named(line.strip(), library, keys) if tools else None


def _named(line: str, library: Library, keys: Mapping[str, str]) -> Routed | None:
    """An order about papers by name, where the library has them."""
    from agent.chat.comparing import comparison_of
    from agent.chat.looking import meant

    try:
        for pattern, command in _OF_PAPER:
            found = pattern.fullmatch(line)
            if found is not None:
                meant(found["paper"], library, keys)
                return Routed(command, found["paper"])
        found = _COMPARE.fullmatch(line)
        if found is not None:
            comparison_of(found["what"], library, keys)
            return Routed("compare", found["what"])
    except PlumblineError:
        return None
    return None
