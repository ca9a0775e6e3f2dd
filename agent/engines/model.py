"""The model engine: an author for every question, who plans, writes and mends by asking a chat model.

What comes back is data: a plan is held against the question, claims cite short ids that only we resolve, and nothing
here says that a claim is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from agent.address import redacted
from agent.engines.asking import Asker
from agent.engines.extractive import WORDS
from agent.engines.packing import Pack, Shelf, visible
from agent.engines.planning import PROMPT, PlanReply, merged, plan_message
from agent.engines.protocol import Engine, Mended, Rejected
from agent.engines.writing import (
    ClaimsReply,
    MendsReply,
    aspects_of,
    claim_of,
    mended_of,
    missing_of,
    rejected_text,
)
from agent.errors import BadReply, ContextTooLong, Refused, RequestRefused, UnknownModel
from agent.prompting import message
from agent.types import Claim, Evidence, Plan, Run
from prompts import Message, fence
from store.types import Paper

if TYPE_CHECKING:
    from agent.models.guarded import GuardedChatModel
    from store.library import Library

__all__ = ["ModelAuthor", "ModelEngine", "Sizes"]

WRITE, MEND = "write_claims", "repair_claims"
MOST_CLAIMS = 40
"""Sentences taken of one reply: a model that goes on for ever is left to itself."""


class ModelEngine:
    """Writes with `model`. `fallback` writes what the model cannot, None: nobody does. `year` is the present one."""

    def __init__(self, model: GuardedChatModel, fallback: Engine | None, year: int) -> None:
        self.model = model
        self.fallback = fallback
        self.year = year
        self.name = f"model:{model.choice.name}"

    def begin(self, library: Library) -> ModelAuthor:
        """An author with a meter of its own."""
        model = self.model.with_meter(self.model.new_meter())
        return ModelAuthor(self.name, model, self.fallback, library, self.year)

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """What the model writes at the first asking. Raises ModelFault."""
        return tuple(self.begin(library).write(plan, evidence))


class Sizes(NamedTuple):
    """Tokens of the prompts that plan and write, and how many quotes the second holds."""

    plan: int
    write: int
    quotes: int


class ModelAuthor:
    """Writes for one question. See `agent.engines.protocol.Author`."""

    def __init__(
        self, name: str, model: GuardedChatModel, fallback: Engine | None, library: Library, year: int
    ) -> None:
        self.name = name
        self.fallback = fallback
        self.missing: tuple[str, ...] = ()
        self._asker = Asker(model)
        self._model = model
        self._library = library
        self._year = year
        self._shelf = Shelf()
        self._papers: dict[str, Paper] = {}
        self._notes: list[str] = []

    def plan(self, plan: Plan, previous: Plan | None) -> Plan:
        """The rules' plan with what the model rightly adds; the rules' own where its reply is of no use."""
        try:
            asked = plan_message(plan.question, previous, self._year)
            reply = self._asker.form(PROMPT, asked, PlanReply, cheaper=True)
        except (BadReply, Refused, ContextTooLong, RequestRefused) as fault:
            self._notes.append(f"the question was planned by rules: {fault}")
            return plan
        except UnknownModel as fault:
            if self._model.small is None:
                raise
            self._notes.append(f"the question was planned by rules: {fault}")
            return plan
        return merged(plan, reply, self._library, previous)

    def write(self, plan: Plan, evidence: Sequence[Evidence]) -> Iterator[Claim]:
        """Claims as they are written. Raises ModelFault."""
        pack = self._pack(self._write_message(plan, ""), evidence)
        if pack.left_out:
            self._notes.append(f"{pack.left_out} of {len(evidence)} quotes had no room in the model's context window")
        asked = self._write_message(plan, pack.text)
        with closing(self._asker.entries(WRITE, asked, ClaimsReply)) as entries:
            for entry in islice(entries, MOST_CLAIMS):
                claim = claim_of(entry, self._shelf)
                if claim is not None:
                    yield claim
        self.missing = missing_of(self._asker.texts("missing"), plan)

    def mend(self, plan: Plan, evidence: Sequence[Evidence], rejected: Sequence[Rejected]) -> Iterator[Mended]:
        """What becomes of refused claims. Raises ModelFault."""
        cited = [i for refused in rejected for i in refused.claim.evidence_ids]
        pack = self._pack(self._mend_message(plan, rejected, ""), evidence, cited)
        asked = self._mend_message(plan, rejected, pack.text)
        with closing(self._asker.entries(MEND, asked, MendsReply)) as entries:
            for entry in islice(entries, 2 * len(rejected)):
                mended = mended_of(entry, self._shelf)
                if mended is not None:
                    yield mended

    def sizes(self, plan: Plan, evidence: Sequence[Evidence]) -> Sizes:
        """How large the first prompts would be. Raises ContextTooLong."""
        pack = self._pack(self._write_message(plan, ""), evidence)
        asked = plan_message(plan.question, None, self._year)
        written = self._write_message(plan, pack.text)
        return Sizes(self._asker.size(asked), self._asker.size(written), len(evidence) - pack.left_out)

    def notes(self) -> tuple[str, ...]:
        """What the reader should know of how it went."""
        return tuple(self._notes)

    def run(self) -> Run:
        """What was asked, and what it cost so far."""
        choice, spent = self._model.choice, self._model.meter.spent
        return Run(
            model=choice.name,
            small=choice.small or choice.name,
            endpoint=redacted(choice.base_url),
            temperature=choice.temperature,
            context_tokens=choice.context_tokens,
            prompts=self._asker.prompts,
            calls=spent.calls,
            cached=spent.cached,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            cost=spent.cost,
        )

    def _pack(self, bare: Message, evidence: Sequence[Evidence], first: Sequence[str] = ()) -> Pack:
        return self._shelf.pack(evidence, self._known(evidence), self._asker.room(bare), first)

    def _known(self, evidence: Sequence[Evidence]) -> Mapping[str, Paper]:
        for item in evidence:
            if item.paper_id not in self._papers:
                self._papers[item.paper_id] = self._library.paper(item.paper_id)
        return self._papers

    def _write_message(self, plan: Plan, evidence: str) -> Message:
        question = fence("question", visible(plan.question))
        return message(WRITE, question=question, aspects=aspects_of(plan), words=str(WORDS), evidence=evidence)

    def _mend_message(self, plan: Plan, rejected: Sequence[Rejected], evidence: str) -> Message:
        question = fence("question", visible(plan.question))
        return message(MEND, question=question, rejected=rejected_text(rejected, self._shelf), evidence=evidence)
