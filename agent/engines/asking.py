"""Asks a model for whole replies of a form, or for the entries of one as they come; keeps which prompts went out."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from agent.engines.writing import Reader
from agent.errors import BadReply, ReplayMissing, RequestRefused
from agent.types import PromptUse
from prompts import Message, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import BaseMessage

    from agent.models.guarded import GuardedChatModel

__all__ = ["Asker"]

FORMAT = "response_format"
SCHEMA_TOKENS = 400
"""Kept free beside a prompt: the schema, and what an endpoint counts differently."""
LEAST_REPLY = 400
"""Tokens of a budget that a prompt leaves to its reply."""

Form = TypeVar("Form", bound=BaseModel)
Entry = Mapping[str, object]


class Asker:
    """One question's talk with a model."""

    def __init__(self, model: GuardedChatModel) -> None:
        self._model = model
        self._prompts: dict[str, PromptUse] = {}
        self._document: Entry = {}

    @property
    def prompts(self) -> tuple[PromptUse, ...]:
        """The prompts sent so far, in the order of their first use."""
        return tuple(self._prompts.values())

    def room(self, bare: Message) -> int:
        """Tokens that evidence may have beside a prompt without it, within the context window and the budget."""
        used = self._model.count(_chat(bare)) + SCHEMA_TOKENS
        left = self._model.meter.remaining_tokens()
        room = self._model.room if left is None else min(self._model.room, left - LEAST_REPLY)
        return room - used

    def size(self, message: Message) -> int:
        """Tokens of a prompt, with what stands beside it."""
        return self._model.count(_chat(message)) + SCHEMA_TOKENS

    def form(self, name: str, message: Message, schema: type[Form], *, cheaper: bool = False) -> Form:
        """The whole reply. Raises ModelFault."""
        from agent.models.structured import structured

        self._sent(name)
        return structured(self._model.cheaper if cheaper else self._model, [message], schema)

    def entries(self, name: str, message: Message, schema: type[BaseModel]) -> Generator[Entry, None, None]:
        """The entries of the reply's `claims`, each as soon as it is there. Raises ModelFault.

        A reply that is no JSON is asked for again, whole; one that breaks off after some entries raises BadReply.
        """
        self._sent(name)
        self._document = {}
        reader, got = Reader(), 0
        try:
            for text in self._pieces(message, schema):
                for entry in reader.feed(text):
                    got += 1
                    yield entry
        except BadReply:
            if got:
                raise
        whole = reader.whole()
        if whole is not None and isinstance(whole.get("claims"), list):
            self._document = whole
        elif got:
            raise BadReply(f"the reply of {self._model.choice.name} broke off after {got} sentences")
        else:
            self._document = self.form(name, message, schema).model_dump()
            claims = self._document["claims"]
            yield from claims if isinstance(claims, list) else ()

    def texts(self, field: str) -> Sequence[str]:
        """The texts of a list of the last reply."""
        found = self._document.get(field)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def _pieces(self, message: Message, schema: type[BaseModel]) -> Iterator[str]:
        """The reply's text as it comes; by a schema where the endpoint takes one, else by the prompt alone."""
        from agent.models.form import native

        if not self._model.learned.refuses(FORMAT):
            try:
                yield from self._stream(message, {FORMAT: native(schema)})
                return
            except RequestRefused:
                self._model.learned.note(FORMAT)
            except ReplayMissing:  # recorded at an endpoint without it, perhaps
                pass
        yield from self._stream(message, {})

    def _stream(self, message: Message, parameters: Mapping[str, Any]) -> Iterator[str]:
        for chunk in self._model.stream(_chat(message), **parameters):
            yield str(chunk.text)

    def _sent(self, name: str) -> None:
        prompt = load(name)
        self._prompts[name] = PromptUse(name, prompt.version, prompt.digest)


def _chat(message: Message) -> list[BaseMessage]:
    from langchain_core.messages import HumanMessage, SystemMessage

    return [SystemMessage(message.system), HumanMessage(message.user)]
