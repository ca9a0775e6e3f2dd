"""An author and the check, in turns: written, checked, asked again with the reasons, and keyless where that fails.

The author sees reasons, never the checker; the checker sees claims, never the author.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.checking import Checker, Judged
from agent.engines.protocol import Author, Engine, Rejected
from agent.errors import BudgetEnded, ModelFault
from agent.events import Failed, Listener, Noted, Passed, Wrote
from agent.types import CheckedSentence, Evidence, Label, Outcome, Plan, QuestionKind, Verdict

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["ROUNDS", "WORDS", "Dialogue", "Seeker"]

ROUNDS = 2
"""Refused claims are asked for again so many times at most."""
WORDS = 215
"""Keyless sentences are added while the answer stays within so many words; the first always stands."""

Seeker = Callable[[Sequence[str]], tuple[Evidence, ...]]
"""More evidence for the parts of a question that lack it; empty when there is none."""


@dataclass
class Dialogue:
    """One answer in the making. `sentences` by place; `keyless` of them `fallback` wrote (None: nobody may)."""

    plan: Plan
    library: Library
    checker: Checker
    listen: Listener
    evidence: tuple[Evidence, ...]
    fallback: Engine | None
    sentences: dict[int, CheckedSentence] = field(default_factory=dict)
    dropped: int = 0
    written: int = 0
    refused: int = 0
    mended: int = 0
    keyless: int = 0
    asked: bool = False
    fault: ModelFault | None = None
    notes: list[str] = field(default_factory=list)
    _open: dict[int, Judged] = field(default_factory=dict)
    _given_up: set[int] = field(default_factory=set)

    def run(self, author: Author, seek: Seeker) -> None:
        """Write, mend, seek what is missing, and fall back. Raises ModelFault where nobody could write anything."""
        try:
            if self.fault is None:
                self._write(author, self.evidence)
                self._mend(author)
                self._seek(author, seek)
        except ModelFault as fault:
            self.fault = fault
        if self.fault is not None and not self.sentences and self.fallback is None:
            raise self.fault
        self._fall_back()
        self.tell(author)

    def tell(self, author: Author) -> None:
        """Note what kept the author from writing, in a line."""
        if self.fault is not None:
            self._note(_told(self.fault, self, author.name))
        elif self.evidence and not self.written and self.asked:
            self._note(f"{author.name} found no answer in the {len(self.evidence)} quotes it was given")

    def _fall_back(self) -> None:
        """Keyless sentences for papers that nobody cites yet: those that refused claims cite, those of what is
        compared, and after a fault all."""
        due = {item.paper_id for judged in self._open.values() for item in judged.found}
        cited = {citation.paper_id for sentence in self.sentences.values() for citation in sentence.citations}
        if cited and self.plan.kind is QuestionKind.COMPARISON:
            due |= {s.paper_ids[0] for s in self.plan.subjects if s.introduced and not cited & set(s.paper_ids)}
        wanted = [e for e in self.evidence if e.paper_id not in cited and (self.fault or e.paper_id in due)]
        self.dropped += len(self._open)
        self._open.clear()
        if self.fallback is not None and wanted:
            self._keyless(self.fallback, wanted)

    def _write(self, author: Author, evidence: Sequence[Evidence]) -> None:
        self.asked = True
        for claim in author.write(self.plan, evidence):
            self.written += 1
            self.listen(Wrote(claim.text))
            self._take(self.written, self.checker.judge([claim])[0], again=True)

    def _take(self, place: int, judged: Judged, *, again: bool) -> bool:
        """Show a sentence that stands; keep another open, to be asked for again or given up."""
        if judged.stands and not self._said(judged.claim.text):
            self._open.pop(place, None)
            self.sentences[place] = self.checker.sentence(judged)
            self.listen(Passed(self.sentences[place], place))
            return True
        if judged.stands:  # the same words twice: nothing to mend
            self._open.pop(place, None)
            return False
        self.refused += again and place not in self._open
        self._open[place] = judged
        self.listen(Failed(judged.claim.text, judged.verdict, again))
        return False

    def _said(self, text: str) -> bool:
        folded = " ".join(text.split()).casefold()
        return any(" ".join(s.text.split()).casefold() == folded for s in self.sentences.values())

    def _mend(self, author: Author) -> None:
        """Ask again for what was refused, with the reasons. What the author gives up is not asked for again."""
        for left in reversed(range(ROUNDS)):
            asked = sorted(self._open.keys() - self._given_up)
            if not asked:
                return
            rejected = [Rejected(self._open[at].claim, reasons(self._open[at].verdict)) for at in asked]
            self._given_up |= set(asked)
            for mended in author.mend(self.plan, self.evidence, rejected):
                if (
                    mended.claim is not None
                    and 0 <= mended.index < len(asked)
                    and asked[mended.index] in self._given_up
                ):
                    self._given_up.discard(asked[mended.index])
                    self.listen(Wrote(mended.claim.text))
                    judged = self.checker.judge([mended.claim])[0]
                    self.mended += self._take(asked[mended.index], judged, again=left > 0)

    def _seek(self, author: Author, seek: Seeker) -> None:
        """Once more with evidence for what the author misses, where there is any that is new."""
        more = seek(author.missing) if author.missing else ()
        if more:
            self.evidence = (*self.evidence, *more)
            self.checker.lay(more)
            self._write(author, more)
            self._mend(author)

    def _keyless(self, engine: Engine, evidence: Sequence[Evidence]) -> None:
        """What the fallback writes from `evidence`, checked like all else, as long as there is room for it."""
        place = self.written
        words = sum(len(sentence.text.split()) for sentence in self.sentences.values())
        for judged in self.checker.judge(engine.write(self.plan, evidence, self.library)):
            words += len(judged.claim.text.split())
            if words > WORDS and self.sentences:
                return
            sentence = self.checker.settle(judged)
            if sentence is None:
                self.dropped += 1
                continue
            place += 1
            self.keyless += 1
            self.sentences[place] = sentence
            self.listen(Passed(sentence, place))

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.listen(Noted(text))

    @property
    def cut_short(self) -> bool:
        """True when the author failed before all was written, and what it wrote until then stands."""
        return self.fault is not None and len(self.sentences) > self.keyless

    def wrote(self, author: Author) -> str:
        """Who wrote: "model:x", "extractive", or "model:x, then extractive"."""
        names = [author.name] if len(self.sentences) > self.keyless or not self.keyless else []
        names += [self.fallback.name] if self.fallback is not None and self.keyless else []
        return ", then ".join(names)

    def in_order(self) -> tuple[CheckedSentence, ...]:
        """The sentences by their places."""
        return tuple(self.sentences[place] for place in sorted(self.sentences))


def reasons(verdict: Verdict) -> tuple[str, ...]:
    """Why a sentence was refused: the checks that failed, in words."""
    failed = tuple(f"{check.name}: {check.detail}" for check in verdict.checks if check.outcome is Outcome.FAIL)
    if failed:
        return failed
    contradicted = verdict.label is Label.CONTRADICTED
    return ("the quotes say otherwise",) if contradicted else ("the quotes do not say this",)


def _told(fault: ModelFault, talk: Dialogue, name: str) -> str:
    """One line: what ended, and who went on."""
    other = talk.fallback.name if talk.fallback is not None else ""
    if not talk.keyless:
        rest = "what was checked until then is shown" if talk.sentences else "nothing was written"
    elif talk.keyless < len(talk.sentences):
        rest = f"what was checked until then is shown; {other} wrote the rest"
    else:
        rest = f"{other} answers instead"
    return f"{name} {'stopped' if isinstance(fault, BudgetEnded) else 'failed'}, {rest}: {fault}"
