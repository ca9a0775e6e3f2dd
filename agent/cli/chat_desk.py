"""What the commands of a chat work with: the conversation, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.console import emit_json, look, notice, say

if TYPE_CHECKING:
    from agent.chat import Conversation
    from agent.events import Listener
    from agent.render.documents import JsonObject
    from agent.types import Answer

__all__ = ["Desk"]


@dataclass
class Desk:
    """One chat. `json`: stdout carries JSON documents only, all else goes to stderr. `place`: where drafts go."""

    conversation: Conversation
    json: bool = False
    place: Path = Path()

    def show(self, text: str) -> None:
        """Rendered text that is no document."""
        if self.json:
            for line in text.splitlines():
                notice(line)
        else:
            say(text)

    def document(self, document: Callable[[], JsonObject], text: Callable[[], str]) -> None:
        """Something that has a JSON document of its own."""
        if self.json:
            emit_json(document())
        else:
            say(text())

    def remark(self, text: str) -> None:
        """One line beside the answer."""
        notice(text)

    def writer(self) -> str:
        """Who writes the answers, by name."""
        return self.conversation.engine.name

    def switch(self, name: str) -> None:
        """Let another write from now on. Raises BadInput, BadSettings."""
        raise NotImplementedError(name)

    def answer(self, asked: Callable[[Listener], Answer]) -> None:
        """Ask, and show the answer."""
        from agent.events import unheard

        self.show_answer(asked(unheard))

    def show_answer(self, answer: Answer) -> None:
        """An answer as text or document."""
        from agent.render.answer import terminal
        from agent.render.documents import answer_document

        self.document(lambda: answer_document(answer), lambda: terminal(answer, look()) + "\n")
