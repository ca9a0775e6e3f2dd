"""A conversation with a library: asked, compared, narrowed, taken back, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.chat.state import Spending, State, Turn
from agent.errors import BadInput, PlumblineError
from agent.events import Listener, unheard
from agent.types import Answer, Plan, Run, Source
from store.types import SearchFilter

if TYPE_CHECKING:
    from agent.chat.agent import ChatAgent
    from agent.chat.record import Record
    from agent.engines.protocol import Engine
    from agent.ground import Grounder
    from store.library import Library

__all__ = ["Conversation"]


class Conversation:
    """Turns over one library. A turn that fails or is stopped leaves everything as it was.

    `record` keeps every change as soon as it is made; without one the conversation lives in memory only. `agent`
    answers questions with tools of its own choice; without one, `engine` answers them as `ask` does.
    """

    def __init__(
        self,
        library: Library,
        engine: Engine,
        grounder: Grounder,
        record: Record | None = None,
        agent: ChatAgent | None = None,
    ) -> None:
        self.agent = agent
        self.library = library
        self.engine = engine
        self.grounder = grounder
        self.record = record
        self._state = State()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns that stand, in order."""
        return self._state.turns

    @property
    def last(self) -> Turn | None:
        """The latest turn."""
        return self._state.last

    @property
    def keys(self) -> Mapping[str, str]:
        """Citation key by paper id, of every paper cited so far."""
        return self._state.keys

    @property
    def spent(self) -> Spending:
        """What models cost in this conversation."""
        return self._state.spent

    @property
    def filters(self) -> SearchFilter:
        """Which papers may be found."""
        return self._state.filters

    @filters.setter
    def filters(self, filters: SearchFilter) -> None:
        self._change(replace(self._state, filters=filters))

    def ask(self, question: str, listen: Listener = unheard) -> Answer:
        """The answer to `question`, which may lean on the turn before. Raises PlumblineError."""
        from agent.plan import make_plan

        if self.agent is not None:
            return self._by_agent(self.agent, question, listen)
        previous = self.last.plan if self.last else None
        return self._answer(make_plan(question, self.library, self.filters, previous), listen, previous)

    def compare(self, text: str, listen: Listener = unheard) -> Answer:
        """The comparison that `text` names: "A B on ASPECT". Raises BadInput, UnknownPaper; else as `ask`."""
        from agent.chat.comparing import comparison_of

        return self._answer(comparison_of(text, self.library, self.keys), listen, None)

    def undo(self) -> Turn:
        """Take the last turn back; that turn. Raises BadInput where there is none."""
        taken = self.last
        if taken is None:
            raise BadInput("there is no turn to take back")
        self._change(self._state.without_last())
        return taken

    def sources(self) -> tuple[Source, ...]:
        """Every paper cited so far, in the order first cited."""
        return self._state.sources()

    def resume(self, session_id: int) -> None:
        """Go on with a kept session. Raises BadInput where nothing is kept, UnknownSession, SessionDamaged."""
        if self.record is None:
            raise BadInput("this conversation is not kept, so there is none to go back to; leave out --no-save")
        self._state = self.record.resume(session_id, self.library)

    def _by_agent(self, agent: ChatAgent, question: str, listen: Listener) -> Answer:
        """The agent's answer; what an answer cost that failed or was stopped is booked too."""
        author = agent.begin(self.library)
        with self._booked(author.run):
            turn = agent.answer(question, author, self._state, self.library, self.grounder, listen)
        self._change(self._state.with_turn(turn))
        return turn.answer

    @contextmanager
    def _booked(self, run: Callable[[], Run | None]) -> Iterator[None]:
        """Within it, what was spent on an answer that fails or is stopped is booked."""
        try:
            yield
        except (KeyboardInterrupt, PlumblineError):
            self.spend(run())
            raise

    def spend(self, *runs: Run | None) -> None:
        """Book what models cost outside an answer."""
        asked = [run for run in runs if run is not None and (run.calls or run.cached)]
        if asked:
            spent = self._state.spent
            for run in asked:
                spent = spent.plus(run)
            self._change(replace(self._state, spent=spent))

    def _answer(self, plan: Plan, listen: Listener, previous: Plan | None) -> Answer:
        from agent.answer import answer_plan
        from agent.chat.watching import Watched
        from agent.engines.protocol import Conversable

        engine = self.engine
        watched = Watched(engine, engine.begin) if isinstance(engine, Conversable) else None
        with self._booked(lambda: watched.run() if watched else None):
            answer = answer_plan(
                plan, self.library, watched or engine, self.grounder, self.keys, listen=listen, previous=previous
            )
        self._change(self._state.with_turn(Turn(plan, answer)))
        return answer

    def _change(self, state: State) -> None:
        self._state = state
        if self.record is not None:
            self.record.keep(state)
