"""A request: its hash in one canonical form, how many tokens it has, and the parameters it is sent with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from agent.address import is_openai, redacted
from agent.models.learned import Learned
from agent.models.protocol import ModelChoice
from store.tokens import count

__all__ = ["request_key", "request_tokens", "sent"]

CONNECT_SECONDS = 10.0
TOKENS_A_MESSAGE = 4  # what chat formats put around each message, and before the reply
_COUNTED = ("tools", "response_format")


def request_key(
    choice: ModelChoice, messages: Sequence[BaseMessage], stop: Sequence[str] | None, parameters: Mapping[str, Any]
) -> str:
    """The SHA-256, in hex, of all that decides a reply: model, address without credentials, messages, parameters."""
    request = {
        "model": choice.name,
        "base_url": redacted(choice.base_url),
        "temperature": choice.temperature,
        "messages": [_plain(message) for message in messages],
        "stop": list(stop or ()),
        "parameters": parameters,
    }
    text = json.dumps(request, sort_keys=True, ensure_ascii=True, default=_named)
    return sha256(text.encode()).hexdigest()


def request_tokens(messages: Sequence[BaseMessage], parameters: Mapping[str, Any]) -> int:
    """About how many tokens the endpoint will count: texts, tool calls, tools and schema by store.tokens."""
    around = TOKENS_A_MESSAGE * (len(messages) + 1)
    said = sum(count(json.dumps(_plain(message), ensure_ascii=False)) for message in messages if not _bare(message))
    texts = sum(count(str(message.content)) for message in messages if _bare(message))
    offered = [parameters[name] for name in _COUNTED if parameters.get(name)]
    return around + said + texts + sum(count(json.dumps(part, default=_named)) for part in offered)


def sent(
    parameters: Mapping[str, Any], choice: ModelChoice, learned: Learned, reply_tokens: int, seconds: float
) -> dict[str, Any]:
    """`parameters` as they are sent: without what the endpoint refuses, with time, temperature and a limit of tokens.

    OpenAI's own models know `max_completion_tokens` only, many other servers `max_tokens` only.
    """
    import httpx2

    known = {name: value for name, value in parameters.items() if not learned.refuses(name)}
    known["timeout"] = httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    if not learned.refuses("temperature"):
        known["temperature"] = choice.temperature
    if learned.refuses("stream_options"):
        known["stream_usage"] = False
    limit = {"max_tokens": reply_tokens}
    return known | (limit if is_openai(choice.base_url) else {"extra_body": limit})


def _bare(message: BaseMessage) -> bool:
    """True for a message that is nothing but text."""
    return isinstance(message.content, str) and not getattr(message, "tool_calls", None)


def _plain(message: BaseMessage) -> dict[str, Any]:
    """What of a message is sent; ids that runs make up are not."""
    plain: dict[str, Any] = {"role": message.type, "content": message.content}
    if isinstance(message, AIMessage) and message.tool_calls:
        plain["tool_calls"] = [
            {"id": call["id"], "name": call["name"], "args": call["args"]} for call in message.tool_calls
        ]
    if isinstance(message, ToolMessage):
        plain["tool_call_id"] = message.tool_call_id
    return plain


def _named(part: object) -> object:
    """A stand-in for what JSON can't hold: a model's schema, else its name."""
    schema = getattr(part, "model_json_schema", None)
    return schema() if callable(schema) else repr(part)
