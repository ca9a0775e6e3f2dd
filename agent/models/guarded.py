"""A chat model that keeps to its budget, asks again where that helps, and fails in one line."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, Field

from agent.errors import ContextTooLong, ModelFault, RequestRefused
from agent.models.asked import request_key, request_tokens, sent
from agent.models.cache import ReplyCache
from agent.models.faults import FORESEEN, place
from agent.models.learned import Learned
from agent.models.meter import MIN_REPLY, Meter
from agent.models.protocol import ModelChoice
from agent.models.reply import as_chunk, broken_off, ended, judged, usage
from agent.models.retry import persevere, told

__all__ = ["GuardedChatModel"]

REPLY_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, counted and hashed."""

    key: str
    input_tokens: int
    output_tokens: int


class GuardedChatModel(BaseChatModel):
    """`inner` behind a budget, bounded retries and recordings. Raises errors of the ModelFault family only.

    `GuardedChatModel(inner=..., choice=..., meter=..., cache_of_replies=...)`. `small` is the cheaper model for
    planning and judging, guarded likewise; None: this one does it. `real`: `inner` speaks to an endpoint, so it takes
    a timeout and a limit of tokens, and a stream without an end was broken off.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel = Field(repr=False)
    choice: ModelChoice
    meter: Meter
    cache_of_replies: ReplyCache
    small: GuardedChatModel | None = None
    learned: Learned = Field(default_factory=Learned)
    real: bool = False

    @property
    def cheaper(self) -> GuardedChatModel:
        """The model for planning and judging: the smaller one, or this one where none was named."""
        return self.small or self

    def with_meter(self, meter: Meter) -> GuardedChatModel:
        """This model (and its cheaper one) booked to `meter`; endpoint, cache and what was learned are shared."""
        small = None if self.small is None else self.small.model_copy(update={"meter": meter})
        return self.model_copy(update={"meter": meter, "small": small})

    def new_meter(self) -> Meter:
        """A fresh meter with the same limits, clock and prices: one for every question."""
        return Meter(self.meter.limits, self.meter.clock, self.meter.prices)

    def count(self, messages: Sequence[BaseMessage], **kwargs: Any) -> int:
        """Tokens of `messages` (and of the tools in `kwargs`), counted here; endpoints may count a few more."""
        return request_tokens(messages, kwargs)

    @property
    def reply_tokens(self) -> int:
        """Tokens a reply may have: at most REPLY_TOKENS, and a third of the context window."""
        return min(REPLY_TOKENS, self.choice.context_tokens // 3)

    @property
    def room(self) -> int:
        """Tokens a prompt may have so that the reply still fits the context window."""
        return self.choice.context_tokens - self.reply_tokens

    @property
    def _llm_type(self) -> str:
        return "plumbline-guarded"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._replied(messages, stop, kwargs))])

    def _replied(self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]) -> AIMessage:
        """The reply, recorded or asked for. Raises ModelFault."""
        asked = self._asked(messages, stop, kwargs)
        recorded = self._recorded(asked)
        if recorded is not None:
            return recorded

        def ask() -> AIMessage:
            return _whole(self.inner._generate(messages, stop, None, **self._sent(asked, kwargs)))

        reply = persevere(ask, self.choice, self.meter, self.learned)
        self._settle(asked, reply)
        return reply

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        if type(self.inner)._stream is BaseChatModel._stream:
            yield as_chunk(self._replied(messages, stop, kwargs))
            return
        asked = self._asked(messages, stop, kwargs)
        recorded = self._recorded(asked)
        if recorded is not None:
            yield as_chunk(recorded)
            return

        def begin() -> tuple[ChatGenerationChunk, Iterator[ChatGenerationChunk]]:
            return _begun(self.inner._stream(messages, stop, None, **self._sent(asked, kwargs)))

        first, rest = persevere(begin, self.choice, self.meter, self.learned)
        yield from self._rest(asked, first, rest, run_manager)

    def _rest(
        self,
        asked: _Asked,
        whole: ChatGenerationChunk,
        rest: Iterator[ChatGenerationChunk],
        run_manager: CallbackManagerForLLMRun | None,
    ) -> Iterator[ChatGenerationChunk]:
        """The chunks of a stream that has begun; what came of a stream that broke off is booked too."""
        chunk: ChatGenerationChunk | None = whole
        try:
            while chunk is not None:
                if run_manager is not None:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
                self.meter.check_time()
                chunk = next(rest, None)
                whole = whole if chunk is None else whole + chunk
            if self.real and not ended(whole).response_metadata.get("finish_reason"):
                raise broken_off(ended(whole), self.choice)
        except FORESEEN as error:
            self._book(asked, ended(whole))
            raise told(error, self.choice, self.meter).error from None
        except (ModelFault, GeneratorExit):
            self._book(asked, ended(whole))
            raise
        finally:
            if isinstance(rest, Generator):
                rest.close()
        self._settle(asked, ended(whole))

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """This model with `tools` on offer, in the form `inner` gives them."""
        bound = self.inner.bind_tools(tools, **kwargs)
        if isinstance(bound, RunnableBinding):
            return self.bind(**bound.kwargs)
        if isinstance(bound, BaseChatModel):
            return self.model_copy(update={"inner": bound})
        raise RequestRefused(f"{place(self.choice)} takes no tools; use another model")

    def _asked(self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]) -> _Asked:
        """The request, counted and hashed. Raises ContextTooLong where it can't fit."""
        tokens = self.count(messages, **kwargs)
        room = self.choice.context_tokens - tokens
        if room < MIN_REPLY:
            raise ContextTooLong(
                f"a prompt of about {tokens:,} tokens does not fit the context window of {place(self.choice)}"
                f" ({self.choice.context_tokens:,}); plumbline config set context-tokens, or narrow the question"
            )
        return _Asked(request_key(self.choice, messages, stop, kwargs), tokens, min(room, self.reply_tokens))

    def _recorded(self, asked: _Asked) -> AIMessage | None:
        """The recorded reply, booked. Raises ReplayMissing."""
        reply = self.cache_of_replies.get(asked.key)
        if reply is not None:
            self.meter.book_cached()
        return reply

    def _sent(self, asked: _Asked, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The parameters of one attempt. Raises BudgetEnded."""
        granted = self.meter.allowance(asked.input_tokens, asked.output_tokens, self.choice.name)
        if not self.real:
            return kwargs
        return sent(kwargs, self.choice, self.learned, granted, self.meter.remaining_seconds())

    def _settle(self, asked: _Asked, reply: AIMessage) -> None:
        """Book a whole reply, judge it, record it. Raises Refused, BadReply."""
        self._book(asked, reply)
        self.cache_of_replies.put(asked.key, judged(reply, self.choice))

    def _book(self, asked: _Asked, reply: AIMessage) -> None:
        spent = usage(reply, asked.input_tokens)
        self.meter.book(self.choice.name, spent.input_tokens, spent.output_tokens)


def _whole(result: ChatResult) -> AIMessage:
    """The reply of a result. Raises TypeError, LookupError for what is none."""
    generation = result.generations[0]
    if not isinstance(generation.message, AIMessage):
        raise TypeError("not a reply of a model")
    generation.message.response_metadata = {
        **generation.message.response_metadata,
        **(generation.generation_info or {}),
    }
    return generation.message


def _begun(rest: Iterator[ChatGenerationChunk]) -> tuple[ChatGenerationChunk, Iterator[ChatGenerationChunk]]:
    """A stream's chunks up to the first that says something, as one; and the rest.

    Until then the stream can be asked for again without anybody noticing. Raises ValueError where it has none.
    """
    first: ChatGenerationChunk | None = None
    for chunk in rest:
        first = chunk if first is None else first + chunk
        if chunk.text or getattr(chunk.message, "tool_call_chunks", None):
            break
    if first is None:
        raise ValueError("not a stream of replies")
    return first, rest
