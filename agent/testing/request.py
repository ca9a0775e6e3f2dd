"""What the model server was asked: the body of a request, read and named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.testing.replies import Offer, ToolCall

__all__ = ["ModelRequest", "NotARequest", "SentMessage", "read"]


class NotARequest(ValueError):
    """A body that is no chat request; the text says why."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message of a request. `tool_call_id`: the call that a message of role `tool` answers."""

    role: str
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A request for a chat completion. `key`: what was sent as bearer token. `schema`: of `response_format`, if any.

    `usage`: token counts are wanted at the end of a stream. `body`: all of it, for fields that have no name here.
    """

    model: str
    messages: tuple[SentMessage, ...]
    tools: tuple[str, ...] = ()
    tool_choice: str = "auto"
    schema: Mapping[str, object] | None = None
    stream: bool = False
    usage: bool = False
    key: str | None = field(default=None, repr=False)
    body: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def prompt(self) -> str:
        """All texts of the messages, in order."""
        return "\n".join(message.text for message in self.messages)

    @property
    def offer(self) -> Offer:
        """The tools on offer, as a reply needs to know them."""
        return Offer(self.tools, self.tool_choice, self.body.get("response_format") is not None)


def read(data: bytes, key: str | None) -> ModelRequest:
    """The request in a body. Raises NotARequest."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotARequest("We could not parse the JSON body of your request.") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
        raise NotARequest("Missing required parameter: 'messages'.")
    return ModelRequest(
        model=str(body.get("model", "")),
        messages=tuple(_message(message) for message in body["messages"]),
        tools=tuple(str(_part(_map(tool), "function").get("name", "")) for tool in _list(body.get("tools"))),
        tool_choice=_choice(body.get("tool_choice")),
        schema=_schema(body.get("response_format")),
        stream=body.get("stream") is True,
        usage=_part(body, "stream_options").get("include_usage") is True,
        key=key,
        body=body,
    )


def _message(message: object) -> SentMessage:
    sent = _map(message)
    calls = (_call(_map(call)) for call in _list(sent.get("tool_calls")))
    return SentMessage(
        str(sent.get("role", "")), _text(sent.get("content")), tuple(calls), str(sent.get("tool_call_id", ""))
    )


def _call(call: Mapping[str, object]) -> ToolCall:
    function = _part(call, "function")
    return ToolCall(str(function.get("name", "")), str(function.get("arguments", "")), str(call.get("id", "")))


def _text(content: object) -> str:
    """The text of a message; content may be a text or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(str(_map(part).get("text", "")) for part in _list(content))


def _choice(asked: object) -> str:
    if isinstance(asked, dict):
        return str(_part(asked, "function").get("name", "required"))
    return asked if isinstance(asked, str) else "auto"


def _schema(asked: object) -> Mapping[str, object] | None:
    """The JSON schema of `response_format`; empty where it asks for any JSON object, None where it asks for text."""
    if not isinstance(asked, dict) or asked.get("type") == "text":
        return None
    return _part(_part(asked, "json_schema"), "schema")


def _part(of: Mapping[str, object], name: str) -> Mapping[str, object]:
    return _map(of.get(name))


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
