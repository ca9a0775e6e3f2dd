"""Lines answered by a model with tools: it looks things up, writes, and what it writes goes through the same gate.

The rules judge first whether the library can answer at all; a model is not asked for what it cannot know. Its reply is
claims that cite quotes by id: those found before it was asked, and those its tools returned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answer import composed
from agent.chat.filters import describe_filter
from agent.chat.researching import research
from agent.chat.state import State, Turn
from agent.chat.telling import told_so_far
from agent.chat.toolbox import Toolbox
from agent.checking import Checker
from agent.dialogue import Dialogue
from agent.engines.extractive import WORDS
from agent.engines.model import ModelAuthor, ModelEngine
from agent.engines.packing import Shelf, visible
from agent.engines.protocol import Engine, Mended, Rejected
from agent.engines.writing import claim_of, missing_of
from agent.errors import BadReply, ModelFault
from agent.events import Found, Listener, Planned
from agent.gather import gather
from agent.ground import Grounder
from agent.plan import make_plan
from agent.prompting import message
from agent.sufficiency import judge
from agent.types import Answer, Claim, Evidence, Plan, PromptUse, Run, Usage
from prompts import Message, fence, load
from store import tokens

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["PROMPT", "ChatAgent", "ChatAuthor"]

PROMPT = "chat_agent"
FIRST_SHARE = 0.5
"""Share of the room beside the prompt that quotes found beforehand may take; the rest is for what tools return."""
OVERHEAD = 1000
"""Tokens of the tools' descriptions, of calls of tools, and of what an endpoint counts differently."""


class ChatAuthor:
    """Answers one line. See `agent.engines.protocol.Author`; `run` tells what it cost, whatever became of it."""

    def __init__(self, engine: ModelEngine, library: Library) -> None:
        self._model = engine.model.with_meter(engine.model.new_meter())
        self._pen = ModelAuthor(engine.name, self._model, engine.fallback, library, engine.year)
        self._library = library
        self._claims: tuple[Claim, ...] = ()
        self._notes: list[str] = []
        self._asked = False
        self.missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What an answer calls it."""
        return self._pen.name

    @property
    def fallback(self) -> Engine | None:
        """Who writes what the model cannot."""
        return self._pen.fallback

    def research(
        self, plan: Plan, evidence: Sequence[Evidence], state: State, listen: Listener
    ) -> tuple[Evidence, ...]:
        """Let the model look things up and write; all evidence it was shown. Raises ModelFault."""
        shelf = Shelf()
        bare = self._message(plan, state, "")
        room = self._model.room - tokens.count(bare.system + bare.user) - OVERHEAD
        papers = {item.paper_id: self._library.paper(item.paper_id) for item in evidence}
        pack = shelf.pack(evidence, papers, int(room * FIRST_SHARE))
        tools = Toolbox(
            self._library, state.keys, state.filters, shelf, room - tokens.count(pack.text), list(evidence), listen
        )
        self._asked = True
        try:
            reply = research(self._model, self._message(plan, state, pack.text), tools)
        finally:
            self._notes += dict.fromkeys(tools.notes)
        found = [claim_of(entry, shelf) for entry in reply.claims]
        self._claims = tuple(claim for claim in found if claim is not None)
        self.missing = missing_of(reply.missing, plan)
        return tuple(tools.evidence)

    def plan(self, plan: Plan, previous: Plan | None) -> Plan:
        """The rules' plan; the model plans by its choice of tools."""
        return plan

    def write(self, plan: Plan, evidence: Sequence[Evidence]) -> Iterator[Claim]:
        """What the model replied."""
        yield from self._claims

    def mend(self, plan: Plan, evidence: Sequence[Evidence], rejected: Sequence[Rejected]) -> Iterator[Mended]:
        """What becomes of refused claims. Raises ModelFault."""
        yield from self._pen.mend(plan, evidence, rejected)

    def notes(self) -> tuple[str, ...]:
        """What the reader should know of how it went."""
        return (*self._notes, *self._pen.notes())

    def run(self) -> Run:
        """What was asked, and what it cost so far."""
        run = self._pen.run()
        prompt = load(PROMPT)
        own = (PromptUse(PROMPT, prompt.version, prompt.digest),) if self._asked else ()
        return replace(run, prompts=(*own, *run.prompts))

    def _message(self, plan: Plan, state: State, evidence: str) -> Message:
        return message(
            PROMPT,
            question=fence("question", visible(plan.question)),
            history=told_so_far(state.turns),
            filters=fence("filter", visible(describe_filter(state.filters))),
            words=str(WORDS),
            evidence=evidence,
        )


class ChatAgent:
    """Answers the lines of conversations with the model of `engine`."""

    def __init__(self, engine: ModelEngine) -> None:
        self.engine = engine

    def begin(self, library: Library) -> ChatAuthor:
        """An author for one line, with budgets of its own."""
        return ChatAuthor(self.engine, library)

    def answer(
        self,
        question: str,
        author: ChatAuthor,
        state: State,
        library: Library,
        grounder: Grounder,
        listen: Listener,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Turn:
        """The turn that answers `question`. Raises PlumblineError; ModelFault only where nobody else may write."""
        started = clock()
        previous = state.last.plan if state.last else None
        plan = make_plan(question, library, state.filters, previous)
        listen(Planned(plan))
        made = _answered(plan, author, state, Checker(library, grounder, state.keys), library, listen)
        run = made.run
        usage = Usage(run.calls, run.input_tokens, run.output_tokens, clock() - started) if run else Usage()
        return Turn(plan, replace(made, usage=usage))


def _answered(
    plan: Plan, author: ChatAuthor, state: State, checker: Checker, library: Library, listen: Listener
) -> Answer:
    evidence = gather(plan, library)
    verdict = judge(plan, evidence, library)
    checker.lay(evidence)
    listen(Found(len(checker.papers), len(evidence)))
    if verdict.abstention is not None:
        return Answer(plan.question, author.name, (), None, (), verdict.abstention)
    talk = _talked(plan, author, state, checker, library, evidence, listen)
    missing = tuple(dict.fromkeys((*verdict.missing, *author.missing)))
    made = composed(plan, talk.wrote(author), talk.in_order(), talk.dropped, talk.evidence, missing, checker, library)
    run = replace(author.run(), written=talk.written, refused=talk.refused, mended=talk.mended)
    return replace(made, notes=(*author.notes(), *talk.notes), run=run, partial=talk.cut_short)


def _talked(
    plan: Plan,
    author: ChatAuthor,
    state: State,
    checker: Checker,
    library: Library,
    first: tuple[Evidence, ...],
    listen: Listener,
) -> Dialogue:
    """The reply, checked and asked for again; keyless sentences from the `first` evidence where it comes to nothing."""
    try:
        evidence = author.research(plan, first, state, listen)
    except ModelFault as fault:
        talk = Dialogue(plan, library, checker, listen, first, author.fallback, fault=fault)
        talk.run(author, _nothing_more)
        return talk
    checker.lay(evidence)
    talk = Dialogue(plan, library, checker, listen, evidence, author.fallback)
    talk.run(author, _nothing_more)
    if talk.sentences or not talk.written or author.fallback is None:
        return talk
    refused = BadReply("nothing that it wrote passed the check")
    again = Dialogue(plan, library, checker, listen, first, author.fallback, dropped=talk.dropped, fault=refused)
    again.written, again.refused = talk.written, talk.refused
    again.run(author, _nothing_more)
    return again


def _nothing_more(parts: Sequence[str]) -> tuple[Evidence, ...]:
    """The model has looked things up itself."""
    return ()
