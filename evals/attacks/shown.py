"""What a hostile model sees: the quotes of a prompt under their ids, and what it is told of refused sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.testing import ModelCall
from prompts import load

__all__ = ["Refusal", "Shown", "outside_fences", "part_of", "quotes", "refusals"]

_QUOTE = re.compile(r"^`{3,}(?P<id>E\d+)\npaper: (?P<paper>.*)\nquote: (?P<quote>.*)$", re.MULTILINE)
_REFUSED = re.compile(r"^`{3,}refused (?P<at>\d+)\nsentence: (?P<text>.*)\ncites: (?P<cites>.*)$", re.MULTILINE)
_FENCED = re.compile(r"^(?P<row>`{3,})[^`\n]*\n.*?\n(?P=row)$", re.MULTILINE | re.DOTALL)
_YEAR = re.compile(r" \(\d{4}\)$")
_PARTS = {load(name).system[:60]: name for name in ("plan", "write_claims", "repair_claims", "chat_agent")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote as a prompt shows it: short id, title of the paper, text."""

    short: str
    title: str
    quote: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence that was refused, with its number and the ids it cites."""

    index: int
    text: str
    ids: tuple[str, ...]


def part_of(call: ModelCall) -> str:
    """The name of the prompt that a call sends, "" for another."""
    system = str(call.messages[0].text)
    return next((name for start, name in _PARTS.items() if system.startswith(start)), "")


def quotes(call: ModelCall) -> tuple[Shown, ...]:
    """The quotes of all messages, each once, in order."""
    found = (Shown(m["id"], _YEAR.sub("", m["paper"]), m["quote"]) for m in _QUOTE.finditer(call.prompt))
    return tuple(dict.fromkeys(found))


def refusals(call: ModelCall) -> tuple[Refusal, ...]:
    """The refused sentences that a call asks to mend."""
    return tuple(
        Refusal(int(m["at"]), m["text"], tuple(m["cites"].split(", "))) for m in _REFUSED.finditer(call.prompt)
    )


def outside_fences(text: str) -> str:
    """What of a prompt stands outside every fence: what a model is to take for our words."""
    return _FENCED.sub("", text)
