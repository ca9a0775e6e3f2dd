"""A chat model that keeps to its budget, retries where that helps, and fails in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from agent.models.cache import ReplyCache
from agent.models.meter import Meter
from agent.models.protocol import ModelChoice

__all__ = ["GuardedChatModel"]


class GuardedChatModel(BaseChatModel):
    """`inner` behind a budget, bounded retries and recordings. Raises errors of the ModelFault family only.

    `GuardedChatModel(inner=..., choice=..., meter=..., cache=...)`. `small` is the cheaper model for planning and
    judging, guarded likewise; None: this one does it.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel
    choice: ModelChoice
    meter: Meter
    cache_of_replies: ReplyCache
    small: GuardedChatModel | None = None

    @property
    def cheaper(self) -> GuardedChatModel:
        """The model for planning and judging: the smaller one, or this one where none was named."""
        return self.small or self

    def with_meter(self, meter: Meter) -> GuardedChatModel:
        """This model (and its cheaper one) booked to `meter`; endpoint, cache and what was learned are shared."""
        raise NotImplementedError

    def new_meter(self) -> Meter:
        """A fresh meter with the same limits, clock and prices: one for every question."""
        raise NotImplementedError

    def count(self, messages: Sequence[BaseMessage], **kwargs: Any) -> int:
        """Tokens of `messages` (and of the tools in `kwargs`), counted here; endpoints may count a few more."""
        raise NotImplementedError

    @property
    def room(self) -> int:
        """Tokens a prompt may have so that the reply still fits the context window."""
        raise NotImplementedError

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
        raise NotImplementedError

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        raise NotImplementedError

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """This model with `tools` on offer."""
        raise NotImplementedError
