"""Replies as they go over the wire: one JSON document, or a stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from agent.testing.faults import Fault
from agent.testing.replies import Reply, pieces
from agent.testing.request import ModelRequest

__all__ = ["DONE", "completion", "error_bytes", "event", "events", "models_document", "prompt_tokens"]

DONE = b"data: [DONE]\n\n"


def completion(request: ModelRequest, reply: Reply, number: int) -> bytes:
    """The whole reply, a `chat.completion`."""
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.json}}
        for call in reply.tool_calls
    ]
    message: dict[str, object] = {
        "role": "assistant",
        "content": reply.text or (None if calls or reply.refusal else ""),
        "refusal": reply.refusal or None,
    }
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason, "logprobs": None}
    document = {**_head(request, number, "chat.completion"), "choices": [choice]}
    return _bytes(document | ({"usage": _usage(request, reply)} if reply.usage else {}))


def events(request: ModelRequest, reply: Reply, number: int) -> Iterator[bytes]:
    """The reply in `chat.completion.chunk` events: its pieces, the reason to end, the usage where it was asked for."""
    head = _head(request, number, "chat.completion.chunk")
    for delta in _deltas(reply):
        yield event(_bytes({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
    yield event(_bytes({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}]}))
    if reply.usage and request.usage:
        yield event(_bytes({**head, "choices": [], "usage": _usage(request, reply)}))


def event(data: bytes) -> bytes:
    """One event."""
    return b"data: " + data + b"\n\n"


def error_bytes(fault: Fault) -> bytes:
    """The error as endpoints describe it."""
    error = {"message": fault.message, "type": fault.type, "param": fault.param, "code": fault.code}
    return _bytes({"error": error})


def models_document(models: tuple[str, ...]) -> bytes:
    """The list of models served."""
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "plumbline"} for name in models]
    return _bytes({"object": "list", "data": listed})


def prompt_tokens(request: ModelRequest) -> int:
    """Tokens of the texts of a request."""
    from store import tokens

    return sum(tokens.count(message.text) for message in request.messages)


def _deltas(reply: Reply) -> Iterator[Mapping[str, object]]:
    """The reply in pieces; a call's name comes first, then its arguments."""
    yield {"role": "assistant", "content": ""}
    yield from ({"content": piece} for piece in pieces(reply.text))
    if reply.refusal:
        yield {"refusal": reply.refusal}
    for index, call in enumerate(reply.tool_calls):
        function = {"name": call.name, "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]}
        yield from ({"tool_calls": [{"index": index, "function": {"arguments": p}}]} for p in pieces(call.json))


def _usage(request: ModelRequest, reply: Reply) -> Mapping[str, int]:
    from store import tokens

    said = reply.text + reply.refusal + "".join(call.json for call in reply.tool_calls)
    sent, got = reply.tokens or (prompt_tokens(request), tokens.count(said))
    return {"prompt_tokens": sent, "completion_tokens": got, "total_tokens": sent + got}


def _head(request: ModelRequest, number: int, kind: str) -> Mapping[str, object]:
    return {"id": f"reply-{number}", "object": kind, "created": 0, "model": request.model}


def _bytes(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
