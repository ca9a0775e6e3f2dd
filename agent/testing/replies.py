"""What a scripted model says: text, tool calls, a filled-in form, a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from agent.testing.faults import Fault

__all__ = ["Offer", "Reply", "ToolCall", "pieces", "settled"]

_PIECE = re.compile(r"\s*\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants used. Arguments given as text are sent as they stand, sound JSON or not."""

    name: str
    arguments: Mapping[str, object] | str = field(default_factory=dict)
    id: str = ""

    @property
    def json(self) -> str:
        """The arguments as they are sent."""
        return self.arguments if isinstance(self.arguments, str) else json.dumps(dict(self.arguments))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a scripted model says.

    `form`: an object, sent as JSON in the text, or as a call of the tool that stands for its schema where the request
    asks by tool. `finish`: the reason to end, told from the rest when empty. `tokens`: input and output as reported,
    counted when None; `usage` False reports nothing. `delay`: seconds between the pieces of the reply. `cut_after`: the
    connection drops after so many pieces (0: before the first); `last_words`: an error sent in the stream just before.
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    form: BaseModel | Mapping[str, object] | None = None
    refusal: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None
    usage: bool = True
    delay: float = 0.0
    cut_after: int | None = None
    last_words: Fault | None = None

    @property
    def finish_reason(self) -> str:
        """`finish`, or what the content says: tool_calls or stop."""
        return self.finish or ("tool_calls" if self.tool_calls else "stop")


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools that a request has on offer. `choice`: auto, none, required, or the name of one.

    `native`: the request asks for JSON by `response_format`.
    """

    tools: tuple[str, ...] = ()
    choice: str = "auto"
    native: bool = False


def pieces(text: str) -> tuple[str, ...]:
    """The text in words with the blanks around them, as it is streamed; joined they are the text."""
    return tuple(_PIECE.findall(text))


def settled(reply: Reply, offer: Offer) -> Reply:
    """The reply with its form put where the request wants it, and every tool call with an id."""
    if reply.form is not None:
        reply = _filled_in(reply, reply.form, offer)
    calls = tuple(replace(call, id=call.id or f"call_{number}") for number, call in enumerate(reply.tool_calls, 1))
    return replace(reply, tool_calls=calls)


def _filled_in(reply: Reply, form: BaseModel | Mapping[str, object], offer: Offer) -> Reply:
    values = form.model_dump(mode="json") if isinstance(form, BaseModel) else dict(form)
    tool = None if offer.native else _tool_for(type(form).__name__, offer.tools, offer.choice)
    if tool is None:
        return replace(reply, text=json.dumps(values, ensure_ascii=False), form=None)
    return replace(reply, tool_calls=(*reply.tool_calls, ToolCall(tool, values)), form=None)


def _tool_for(kind: str, tools: Collection[str], choice: str) -> str | None:
    """The tool that stands for a form: the one named, the one called like its class, or the first one required."""
    if choice in tools:
        return choice
    if kind in tools:
        return kind
    return next(iter(tools), None) if choice == "required" else None
