"""The loop of a model with tools, bounded: so many replies, so many lookups, the budget and deadline of the meter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.chat.toolbox import Toolbox
from agent.engines.writing import Reader
from agent.errors import BadReply, BudgetEnded
from prompts import Message

if TYPE_CHECKING:
    from agent.models.guarded import GuardedChatModel

__all__ = ["MOST_REPLIES", "Reply", "read_reply", "research"]

MOST_REPLIES = 8
"""Replies of the model in one turn; the last one gets no tools."""
_CITED = re.compile(r"\[\s*(E\d+(?:\s*[,;]\s*E\d+)*)\s*\]", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?\]])\s+(?=[A-Z“\"(])|\n+")
_POINT = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_MOST_CLAIMS = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """The final reply: entries of claims as written, and what the model found no quote for."""

    claims: tuple[Mapping[str, object], ...]
    missing: tuple[str, ...] = ()


def research(model: GuardedChatModel, message: Message, tools: Toolbox) -> Reply:
    """What the model replies when it has looked up what it wants. Raises ModelFault."""
    from langchain.agents import create_agent
    from langchain.agents.middleware import ModelCallLimitMiddleware
    from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
    from langchain_core.messages import HumanMessage
    from langgraph.errors import GraphRecursionError

    agent = create_agent(
        model,
        [tools.search, tools.read_paper, tools.list_findings, tools.compare, tools.draft_section, tools.filter_papers],
        system_prompt=message.system,
        middleware=[ModelCallLimitMiddleware(run_limit=MOST_REPLIES, exit_behavior="error"), _last_without_tools()],
    )
    try:
        ended = agent.invoke(
            {"messages": [HumanMessage(message.user)]}, {"recursion_limit": 4 * MOST_REPLIES + 8, "max_concurrency": 1}
        )
    except (ModelCallLimitExceededError, GraphRecursionError):
        raise BudgetEnded(f"the model called tools {MOST_REPLIES} times over and wrote no answer") from None
    return read_reply(str(ended["messages"][-1].text))


def _last_without_tools() -> Any:
    """Offers no tools for the last reply, so that it has to be the answer."""
    from langchain.agents.middleware import AgentMiddleware

    class LastWithoutTools(AgentMiddleware[Any, Any]):
        def __init__(self) -> None:
            super().__init__()
            self.asked = 0

        def wrap_model_call(self, request: Any, handler: Any) -> Any:
            self.asked += 1
            return handler(request.override(tools=[]) if self.asked >= MOST_REPLIES else request)

    return LastWithoutTools()


def read_reply(text: str) -> Reply:
    """The claims in a final reply: the JSON asked for, or sentences that end in [E1]. Raises BadReply for neither."""
    reader = Reader()
    claims = tuple(reader.feed(text))[:_MOST_CLAIMS]
    whole = reader.whole()
    if claims or (whole is not None and isinstance(whole.get("claims"), list)):
        parts = whole.get("missing") if whole is not None else None
        missing = tuple(part for part in parts if isinstance(part, str)) if isinstance(parts, list) else ()
        return Reply(claims, missing)
    plain = [part for part in _SENTENCE.split(_spoken(text)) if part.strip()]
    if not plain:
        raise BadReply("the model's reply is empty")
    return Reply(tuple(_plain(part) for part in plain[:_MOST_CLAIMS]))


def _spoken(text: str) -> str:
    """The text without thinking aloud."""
    return re.sub(r"\A\s*<think>.*?(?:</think>|\Z)", "", text, flags=re.DOTALL)


def _plain(part: str) -> Mapping[str, object]:
    """A sentence of prose as an entry: its text, and the ids in its brackets."""
    ids = [cited.strip().upper() for group in _CITED.findall(part) for cited in re.split(r"[,;]", group)]
    said = re.sub(r"\s+([.!?])", r"\1", " ".join(_CITED.sub(" ", _POINT.sub("", part)).split()))
    return {"text": said, "evidence_ids": ids}
