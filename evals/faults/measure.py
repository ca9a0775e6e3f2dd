"""Measures how each fault ends: for one call of a model, and for a question, by an injected clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.answer import answer
from agent.app import make_grounder, make_keyless
from agent.engines.model import ModelEngine
from agent.errors import ModelFault
from agent.models.cache import ReplyCache
from agent.models.connect import connect
from agent.models.protocol import Limits, ModelChoice
from agent.testing import FakeClock, ModelServer
from evals.faults.cases import KEY, FaultCase
from evals.faults.endpoint import LONG, Endpoint

if TYPE_CHECKING:
    from agent.ground import Grounder
    from agent.models.guarded import GuardedChatModel
    from agent.types import Answer
    from store.library import Library

__all__ = ["DEADLINE", "QUESTION", "End", "Measured", "Workplace"]

QUESTION = "How do Falcon, SpecTr and Judge Decoding compare in speed and quality?"
DEADLINE = 60.0
YEAR = 2026


@dataclass(frozen=True, slots=True)
class End:
    """How something ended. `seconds` are of the injected clock. `error`, `line`: the fault and what the reader is told.

    `own`: sentences of the model in the answer; `keyless`: those of the keyless engine.
    """

    requests: int
    seconds: float
    error: str = ""
    line: str = ""
    own: int = 0
    keyless: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """One fault: in one call; in a question, from its first request on; likewise without fallback; while writing."""

    case: FaultCase
    call: End
    at_once: End
    alone: End
    writing: End


class Workplace:
    """What measurements share: a library, and the checker."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._grounder: Grounder = make_grounder(library)

    def measure(self, case: FaultCase) -> Measured:
        """The four ends of one fault."""
        return Measured(
            case,
            call=_ended(case, _call),
            at_once=_ended(case, lambda model: self._ask(model, fallback=True)),
            alone=_ended(case, lambda model: self._ask(model, fallback=False)),
            writing=_ended(case, lambda model: self._ask(model, fallback=True), spared=True),
        )

    def _ask(self, model: GuardedChatModel, *, fallback: bool) -> Answer:
        engine = ModelEngine(model, make_keyless() if fallback else None, YEAR)
        return answer(QUESTION, self._library, engine, self._grounder)


def _call(model: GuardedChatModel) -> None:
    model.invoke(LONG)


def _ended(case: FaultCase, do: Callable[[GuardedChatModel], Answer | None], *, spared: bool = False) -> End:
    """How `do` ends where the endpoint has the fault."""
    clock = FakeClock()
    with ModelServer(Endpoint(case, spared=spared), clock=clock) as server:
        choice = ModelChoice(server.model, server.base_url, KEY, context_tokens=16_384)
        model = connect(choice, Limits(deadline_s=DEADLINE), ReplyCache(None), clock)
        try:
            reply = do(model)
        except ModelFault as fault:
            return End(
                len(server.requests), clock.now(), type(fault).__name__, str(fault).replace(server.base_url, "URL")
            )
        end = End(len(server.requests), clock.now())
        return end if reply is None else _told(reply, end, server.base_url)


def _told(reply: Answer, end: End, url: str) -> End:
    """The end of a question that has an answer."""
    run = reply.run
    own = run.written - run.refused + run.mended if run is not None else 0
    line = reply.notes[-1].replace(url, "URL") if reply.notes else ""
    return replace(end, line=line, own=own, keyless=len(reply.sentences) - own)
