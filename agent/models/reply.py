"""What came back: whole or broken off, an answer or none, and what it cost."""

from __future__ import annotations

import json
from typing import NamedTuple, cast

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import invalid_tool_call, tool_call_chunk
from langchain_core.messages.utils import message_chunk_to_message
from langchain_core.outputs import ChatGenerationChunk

from agent.errors import BadReply, ModelFault, ModelUnreachable, Refused
from agent.models.faults import place
from agent.models.protocol import ModelChoice
from store.tokens import count

__all__ = ["Usage", "as_chunk", "broken_off", "ended", "judged", "usage"]


class Usage(NamedTuple):
    """Tokens of one call."""

    input_tokens: int
    output_tokens: int


def usage(reply: AIMessage, input_tokens: int) -> Usage:
    """What the endpoint says the call took; where it says nothing, `input_tokens` and the reply counted here."""
    said = reply.usage_metadata
    if said is not None and said["input_tokens"] >= 0 and said["output_tokens"] >= 0:
        return Usage(said["input_tokens"], said["output_tokens"])
    calls = sum(count(json.dumps(call["args"], default=repr)) + count(call["name"]) for call in reply.tool_calls)
    return Usage(input_tokens, count(str(reply.content)) + calls)


def judged(reply: AIMessage, choice: ModelChoice) -> AIMessage:
    """`reply`, where it is one. Raises Refused for a refusal, BadReply for an empty one."""
    finish = reply.response_metadata.get("finish_reason")
    if reply.additional_kwargs.get("refusal") or finish == "content_filter":
        raise Refused(f"{place(choice)} declines to answer; ask in other words, or use another model")
    if reply.text.strip() or reply.tool_calls:
        return reply
    if reply.invalid_tool_calls:
        raise BadReply(f"{place(choice)} calls a tool in an unknown form; use another model")
    if finish == "length":
        raise BadReply(f"{place(choice)} used all the tokens of its reply and said nothing; use another model")
    raise BadReply(f"{place(choice)} gave an empty reply; try again, or use another model")


def broken_off(reply: AIMessage, choice: ModelChoice) -> ModelFault:
    """The error of a stream that came to no end: broken off, or never one of replies."""
    if reply.content or reply.tool_calls:
        return ModelUnreachable(f"{place(choice)} broke off in its reply; try again")
    return BadReply(f"{place(choice)} streamed nothing that is a reply; check the base URL, or use another model")


def ended(whole: ChatGenerationChunk) -> AIMessage:
    """The message that a stream's chunks make together; a tool call that broke off is none."""
    message = cast(AIMessage, message_chunk_to_message(cast(AIMessageChunk, whole.message)))
    message.response_metadata = {**message.response_metadata, **(whole.generation_info or {})}
    pieces = getattr(whole.message, "tool_call_chunks", [])
    if len(pieces) == len(message.tool_calls):  # LangChain completes what is cut off
        sound = [_sound(piece["args"]) for piece in pieces]
        message.invalid_tool_calls += [
            invalid_tool_call(name=call["name"], id=call["id"], error="arguments that are not JSON")
            for call, good in zip(message.tool_calls, sound, strict=True)
            if not good
        ]
        message.tool_calls = [call for call, good in zip(message.tool_calls, sound, strict=True) if good]
    return message


def _sound(arguments: str | None) -> bool:
    """True for a JSON object; no arguments at all are one too."""
    try:
        return isinstance(json.loads(arguments or "{}"), dict)
    except (ValueError, RecursionError):
        return False


def as_chunk(reply: AIMessage) -> ChatGenerationChunk:
    """A whole reply as the only chunk of a stream."""
    calls = [
        tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=position)
        for position, call in enumerate(reply.tool_calls)
    ]
    message = AIMessageChunk(
        content=reply.content,
        tool_call_chunks=calls,
        additional_kwargs=reply.additional_kwargs,
        response_metadata=reply.response_metadata,
        usage_metadata=reply.usage_metadata,
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message)
