"""Replies of a known form: native structured output where the endpoint has it, else JSON in text, repaired once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from agent.models.guarded import GuardedChatModel
    from prompts import Message

__all__ = ["structured"]

Form = TypeVar("Form", bound=BaseModel)


def structured(model: GuardedChatModel, messages: Sequence[Message], schema: type[Form]) -> Form:
    """The reply to `messages` as `schema`. Raises BadReply when it isn't, also after one repair; other ModelFaults.

    The system texts are joined, the user texts likewise: one system and one user message are sent.
    """
    raise NotImplementedError
