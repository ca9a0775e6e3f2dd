"""Conversations with a library: turns, filters and keys that stay, tools by name or by rule, sessions that are kept."""

from __future__ import annotations

from agent.chat.conversation import Conversation
from agent.chat.filters import describe_filter, narrowed
from agent.chat.state import Spending, State, Turn

__all__ = ["Conversation", "Spending", "State", "Turn", "describe_filter", "narrowed"]
