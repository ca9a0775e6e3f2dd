"""What the commands of a chat work with: the conversation, who writes in it, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.console import emit_json, look, notice, say
from agent.cli.model_flags import ModelFlags
from agent.cli.written import engine_of, entailment_of, tell
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.chat import Conversation
    from agent.chat.agent import ChatAgent
    from agent.engines.protocol import Engine
    from agent.events import Listener
    from agent.ground.entail import Entailment
    from agent.render.documents import JsonObject
    from agent.types import Answer

__all__ = ["Desk", "agent_of"]


def agent_of(engine: Engine, settings: Settings) -> ChatAgent | None:
    """The agent that answers with the engine's model; None without a model."""
    if settings.model.name is None:
        return None
    from agent.chat.agent import ChatAgent
    from agent.engines.model import ModelEngine

    return ChatAgent(engine) if isinstance(engine, ModelEngine) else None


@dataclass
class Desk:
    """One chat. `json`: stdout carries JSON documents only, all else goes to stderr. `place`: where files go.

    `entailment` judges meaning; None: the bundled model.
    """

    conversation: Conversation
    json: bool = False
    place: Path = Path()
    settings: Settings = field(default_factory=Settings)
    flags: ModelFlags = field(default_factory=ModelFlags)
    entailment: Entailment | None = None

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
        """Let the model of that name write from now on; "none": no model. Raises BadSettings, and nothing changes."""
        flags = replace(self.flags, model=name)
        settings = replace(flags, base_url=None, replay=flags.replay and name != "none").over(self.settings)
        engine = engine_of(settings, flags)
        self.conversation.engine, self.conversation.agent = engine, agent_of(engine, settings)

    def answer(self, asked: Callable[[Listener], Answer]) -> None:
        """Ask, and show the answer; sentence by sentence where a model writes it at a terminal."""
        from agent.cli.live import live_view
        from agent.events import unheard

        self._renew_judge()
        with live_view(wanted=self.conversation.agent is not None and not self.json) as view:
            answer = asked(view or unheard)
        self._tell(answer)
        self.show_answer(answer)

    def show_answer(self, answer: Answer) -> None:
        """An answer as text or document."""
        from agent.render.answer import terminal
        from agent.render.documents import answer_document

        self.document(lambda: answer_document(answer), lambda: terminal(answer, look()) + "\n")

    def _tell(self, answer: Answer) -> None:
        """Say on stderr what went otherwise than asked; keep the record of the run where the talk is kept."""
        from agent.cli.checker_flag import tell_spent

        if self.conversation.record is not None:
            tell(answer, replace(self.settings, library=self.conversation.library.folder))
        else:
            for note in answer.notes:
                self.remark(f"notice: {note}")
        if self.entailment is not None:
            tell_spent(self.entailment)

    def _renew_judge(self) -> None:
        """A model that judges has limits for each line."""
        from agent.app import make_grounder
        from agent.cli.checker_flag import judging

        if self.entailment is not None and judging(self.entailment):
            self.entailment = entailment_of(self.settings, self.flags)
            self.conversation.grounder = make_grounder(self.conversation.library, self.entailment)
