"""Replies of a known form: native structured output where the endpoint has it, else JSON in text, repaired once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel

from agent.errors import BadReply, ReplayMissing, RequestRefused
from agent.models.faults import place
from agent.models.form import FormFault, native, read, schema_text
from agent.prompting import message

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agent.models.guarded import GuardedChatModel
    from prompts import Message

__all__ = ["structured"]

NATIVE = "response_format"

Form = TypeVar("Form", bound=BaseModel)


class _Talk(NamedTuple):
    """What is sent: one system text, then user and assistant in turn, as every chat template takes it."""

    system: str
    turns: tuple[str, ...]


def structured(model: GuardedChatModel, messages: Sequence[Message], schema: type[Form]) -> Form:
    """The reply to `messages` as `schema`. Raises BadReply when it isn't, also after one repair; other ModelFaults.

    The system texts are joined, the user texts likewise: one system and one user message are sent.
    """
    talk = _talk(messages)
    if not model.learned.refuses(NATIVE):
        try:
            return _repaired(model, talk, schema, {NATIVE: native(schema)})
        except RequestRefused:
            model.learned.note(NATIVE)
        except ReplayMissing:  # recorded at an endpoint without it, perhaps
            pass
    form = message("json_reply", request=talk.turns[0], schema=schema_text(schema))
    return _repaired(model, _Talk(f"{talk.system}\n\n{form.system}", (form.user,)), schema, {})


def _repaired(model: GuardedChatModel, talk: _Talk, schema: type[Form], parameters: dict[str, Any]) -> Form:
    """The reply as `schema`, asked for once more where the first isn't."""
    reply = ""
    try:
        reply = model.invoke(_chat(talk), **parameters).text
        return read(reply, schema)
    except (BadReply, FormFault) as error:
        fault = "It was empty." if isinstance(error, BadReply) else str(error)
    mend = message("json_repair", fault=fault, schema=schema_text(schema))
    turns = (*talk.turns, reply, mend.user) if reply.strip() else (f"{talk.turns[0]}\n\n{mend.user}",)
    second = model.invoke(_chat(_Talk(f"{talk.system}\n\n{mend.system}", turns)), **parameters).text
    try:
        return read(second, schema)
    except FormFault as error:
        raise BadReply(
            f"{place(model.choice)} does not reply in the form asked for, nor when told so ({error}); use another model"
        ) from None


def _talk(messages: Sequence[Message]) -> _Talk:
    systems = dict.fromkeys(part.system for part in messages)
    return _Talk("\n\n".join(systems), ("\n\n".join(part.user for part in messages),))


def _chat(talk: _Talk) -> list[BaseMessage]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    kinds = (HumanMessage, AIMessage)
    return [SystemMessage(talk.system), *(kinds[place % 2](text) for place, text in enumerate(talk.turns))]
