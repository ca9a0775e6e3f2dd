"""A chat model that says what it is told to, without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, PrivateAttr

from agent.models.protocol import Clock
from agent.testing.replies import Offer, Reply, pieces, settled

__all__ = ["ModelCall", "ScriptEnded", "ScriptedChatModel", "Words"]


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A call that a scripted chat model got: messages, names of the tools on offer, the choice among them, and the JSON
    schema where JSON was asked for by `response_format`."""

    messages: tuple[BaseMessage, ...]
    tools: tuple[str, ...] = ()
    tool_choice: str = "auto"
    schema: Mapping[str, object] | None = None

    @property
    def prompt(self) -> str:
        """All texts of the messages, in order."""
        return "\n".join(str(message.text) for message in self.messages)


class ScriptEnded(Exception):
    """A scripted chat model was called once more than its script foresees: the script, or the code, is wrong."""


Words = str | Reply | BaseModel | Exception


class ScriptedChatModel(BaseChatModel):
    """`ScriptedChatModel(["Yes.", Reply(tool_calls=(ToolCall("search", {"query": "x"}),))])`.

    `script`: replies in order, or a function from the call to a reply. A text is a reply; a pydantic object is sent as
    JSON, or as a tool call where the call asks by tool; an exception is raised. `calls` keeps what was asked, also of
    models made from this one by `bind_tools`. Pieces of a slow reply come after `clock.sleep`. Raises ScriptEnded
    when the script has no reply left.
    """

    _next: Callable[[ModelCall], Words] = PrivateAttr()
    _clock: Clock | None = PrivateAttr()
    _calls: list[ModelCall] = PrivateAttr(default_factory=list)

    def __init__(self, script: Iterable[Words] | Callable[[ModelCall], Words], *, clock: Clock | None = None) -> None:
        super().__init__()
        self._next = script if callable(script) else _in_order(script)
        self._clock = clock

    @property
    def calls(self) -> list[ModelCall]:
        """What was asked, oldest first."""
        return self._calls

    @property
    def _llm_type(self) -> str:
        return "plumbline-scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """This model with `tools` on offer."""
        shown = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=shown, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = self._answer(messages, kwargs)
        for _ in _parts(reply):
            self._wait(reply)
        _cut(reply, len(_parts(reply)))
        return ChatResult(generations=[ChatGeneration(message=_message(reply, _usage(messages, reply)))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._answer(messages, kwargs)
        for number, part in enumerate(_parts(reply)):
            if number == reply.cut_after:
                _cut(reply, number)
            self._wait(reply)
            chunk = ChatGenerationChunk(message=part)
            if run_manager:
                run_manager.on_llm_new_token(str(part.text), chunk=chunk)
            yield chunk
        _cut(reply, len(_parts(reply)))
        end = AIMessageChunk(
            content="",
            usage_metadata=_usage(messages, reply),
            response_metadata={"finish_reason": reply.finish_reason},
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=end)

    def _answer(self, messages: Sequence[BaseMessage], kwargs: Mapping[str, Any]) -> Reply:
        call = _call(messages, kwargs)
        self._calls.append(call)
        words = self._next(call)
        if isinstance(words, Exception):
            raise words
        reply = words if isinstance(words, Reply) else Reply(words) if isinstance(words, str) else Reply(form=words)
        return settled(reply, Offer(call.tools, call.tool_choice, call.schema is not None))

    def _wait(self, reply: Reply) -> None:
        if reply.delay and self._clock is not None:
            self._clock.sleep(reply.delay)


def _in_order(script: Iterable[Words]) -> Callable[[ModelCall], Words]:
    """The next reply at every call."""
    rest, numbers = iter(script), count(1)

    def words(call: ModelCall) -> Words:
        number = next(numbers)
        for said in rest:
            return said
        raise ScriptEnded(f"the script has no reply for call {number}")

    return words


def _call(messages: Sequence[BaseMessage], kwargs: Mapping[str, Any]) -> ModelCall:
    names = tuple(str(tool.get("function", {}).get("name", "")) for tool in kwargs.get("tools") or ())
    asked = kwargs.get("response_format")
    schema = asked.get("json_schema", {}).get("schema", {}) if isinstance(asked, Mapping) else None
    return ModelCall(tuple(messages), names, _choice(kwargs.get("tool_choice")), schema)


def _choice(asked: object) -> str:
    """The choice among tools in one word: auto, none, required, or a tool's name."""
    if isinstance(asked, Mapping):
        function = asked.get("function")
        return str(function.get("name", "required")) if isinstance(function, Mapping) else "required"
    if asked is True or asked == "any":
        return "required"
    return asked if isinstance(asked, str) else "auto"


def _cut(reply: Reply, sent: int) -> None:
    """Raises what the client raises when a reply is cut off."""
    import httpx2

    if reply.cut_after is not None and reply.cut_after <= sent:
        raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")


def _parts(reply: Reply) -> list[AIMessageChunk]:
    """The reply as it is streamed."""
    parts = [AIMessageChunk(content=piece) for piece in pieces(reply.text)]
    if reply.refusal:
        parts.append(AIMessageChunk(content="", additional_kwargs={"refusal": reply.refusal}))
    for index, call in enumerate(reply.tool_calls):
        chunk = ToolCallChunk(name=call.name, args=call.json, id=call.id, index=index, type="tool_call_chunk")
        parts.append(AIMessageChunk(content="", tool_call_chunks=[chunk]))
    return parts


def _message(reply: Reply, usage: UsageMetadata | None) -> AIMessage:
    """The reply in one piece."""
    whole = AIMessageChunk(content=reply.text, additional_kwargs={"refusal": reply.refusal} if reply.refusal else {})
    for part in _parts(Reply(tool_calls=reply.tool_calls)):
        whole = whole + part
    return AIMessage(
        content=reply.text,
        tool_calls=whole.tool_calls,
        invalid_tool_calls=whole.invalid_tool_calls,
        additional_kwargs=whole.additional_kwargs,
        usage_metadata=usage,
        response_metadata={"finish_reason": reply.finish_reason},
    )


def _usage(messages: Sequence[BaseMessage], reply: Reply) -> UsageMetadata | None:
    from store import tokens

    if not reply.usage:
        return None
    asked = sum(tokens.count(str(message.text)) for message in messages)
    sent, got = reply.tokens or (asked, tokens.count(reply.text + "".join(call.json for call in reply.tool_calls)))
    return UsageMetadata(input_tokens=sent, output_tokens=got, total_tokens=sent + got)
