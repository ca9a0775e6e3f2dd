"""A theme to a section: sentences chosen, retold, checked, and passed by the gate.

The keyless engine's sections are composed here, paper by paper; any other engine is given the same
evidence and asked to write, and one that can be talked to is asked again for what was refused. What it
leaves uncited is then told from the source, so that every paper of a section is cited, whoever writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agent.checking import Checker
from agent.dialogue import Dialogue
from agent.draft.outline import Theme
from agent.draft.phrase import retold
from agent.draft.scope import Scope
from agent.draft.select import Chosen, choose, same
from agent.engines.protocol import Conversable, Engine
from agent.errors import ModelFault
from agent.events import unheard
from agent.ground import Grounder
from agent.mood import states
from agent.names import name_of_paper
from agent.types import CheckedSentence, Claim, Evidence, Plan, QuestionKind, Run, Section
from store.types import Paper

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["KEYLESS", "Desk", "Written", "gather_theme", "write_section"]

KEYLESS = "extractive"
"""Name of the engine that needs no model."""
FULL_SECTION = 6
"""Papers from which a section tells each paper in one sentence more rarely than two."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a section is written with. `vector` is the topic's, `keys` name the papers."""

    scope: Scope
    library: Library
    engine: Engine
    grounder: Grounder
    keys: Mapping[str, str]
    vector: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Written:
    """A section, and how many sentences the gate refused. `retold`: sentences put in without the engine.

    `run`, `notes`, `fault`: of a model that was talked to, and what kept it from writing all.
    """

    section: Section
    dropped: int
    retold: int = 0
    run: Run | None = None
    notes: tuple[str, ...] = ()
    fault: ModelFault | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """What an engine wrote, after the gate."""

    sentences: Sequence[CheckedSentence]
    dropped: int
    talk: Dialogue | None = None
    run: Run | None = None


def gather_theme(theme: Theme, desk: Desk) -> tuple[Evidence, ...]:
    """The sentences a section is written from, paper by paper."""
    found: list[Evidence] = []
    for paper in theme.papers:
        sentences = desk.library.sentences(paper.paper_id)
        if not sentences:
            continue
        likeness = [round(float(value), 5) for value in desk.library.sentence_vectors(paper.paper_id) @ desk.vector]
        for chosen in choose(paper, sentences, likeness, name_of_paper(paper)):
            if states(chosen.sentence.text):
                found.append(_evidence(paper, chosen, likeness[chosen.sentence.index], desk.library))
    return tuple(found)


def write_section(theme: Theme, desk: Desk, said: Sequence[CheckedSentence] = ()) -> Written:
    """The section of a theme. Sentences that `said` (earlier sections) has already are left out."""
    evidence = gather_theme(theme, desk)
    papers = {paper.paper_id: paper for paper in theme.papers}
    if isinstance(desk.engine, Conversable):
        told = _talked(theme, evidence, desk, desk.engine)
    else:
        keyless = desk.engine.name == KEYLESS
        plan = _plan(theme, desk.scope)
        claims = compose(evidence, papers) if keyless else desk.engine.write(plan, evidence, desk.library)
        told = _Told(*_checked(claims, evidence, desk))
    cited = {citation.paper_id for sentence in told.sentences for citation in sentence.citations}
    missed = [item for item in evidence if item.paper_id not in cited]
    more, dropped = _checked(compose(missed, papers), missed, desk)
    fresh = _without_repeats([*told.sentences, *more], said)
    section = Section(theme.heading, fresh, tuple(papers))
    talk = told.talk
    return Written(
        section,
        told.dropped + dropped,
        len(more) + (talk.keyless if talk else 0),
        told.run,
        tuple(talk.notes) if talk else (),
        talk.fault if talk else None,
    )


class _Retold:
    """The keyless engine of drafts: tells each quote in the third person."""

    name = KEYLESS

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """One claim a quote."""
        return compose(evidence, {item.paper_id: library.paper(item.paper_id) for item in evidence})


def _talked(theme: Theme, evidence: Sequence[Evidence], desk: Desk, engine: Conversable) -> _Told:
    """What an author writes of a theme. Raises ModelFault where it fails and nobody else may write."""
    author = engine.begin(desk.library)
    fallback = _Retold() if author.fallback is not None else None
    plan, checker = _plan(theme, desk.scope), _checker(evidence, desk)
    talk = Dialogue(plan, desk.library, checker, unheard, tuple(evidence), fallback)
    talk.run(author, lambda parts: ())
    run = replace(author.run(), written=talk.written, refused=talk.refused, mended=talk.mended)
    return _Told(talk.in_order(), talk.dropped, talk, run)


def compose(evidence: Sequence[Evidence], papers: Mapping[str, Paper]) -> tuple[Claim, ...]:
    """One claim a quote, in the third person, the work named at its first sentence."""
    claims: list[Claim] = []
    seen: set[str] = set()
    for item in evidence:
        text = retold(item.quote, name_of_paper(papers[item.paper_id]), first=item.paper_id not in seen)
        seen.add(item.paper_id)
        claims.append(Claim(text, (item.evidence_id,)))
    return tuple(claims)


def _evidence(paper: Paper, chosen: Chosen, likeness: float, library: Library) -> Evidence:
    sentence = chosen.sentence
    passage = library.passage_at(paper.paper_id, sentence.start, sentence.end)
    return Evidence(
        evidence_id=f"{paper.paper_id}:{sentence.start}-{sentence.end}",
        paper_id=paper.paper_id,
        passage_id=passage.passage_id,
        start=sentence.start,
        end=sentence.end,
        quote=paper.abstract[sentence.start : sentence.end],
        score=likeness,
        subject=name_of_paper(paper),
        why=chosen.why,
    )


def _plan(theme: Theme, scope: Scope) -> Plan:
    """The section as a question, for an engine that answers questions."""
    asked = f"{theme.heading}, in work on {scope.topic}"
    return Plan(asked, QuestionKind.SURVEY, (), (), (asked,), scope.filters)


def _checked(claims: Sequence[Claim], evidence: Sequence[Evidence], desk: Desk) -> tuple[list[CheckedSentence], int]:
    """The claims the gate lets through; one it refuses is tried again as its bare quote."""
    checker = _checker(evidence, desk)
    settled = [checker.settle(judged) for judged in checker.judge(claims)]
    kept = [sentence for sentence in settled if sentence is not None and sentence.citations]
    return kept, len(settled) - len(kept)


def _checker(evidence: Sequence[Evidence], desk: Desk) -> Checker:
    checker = Checker(desk.library, desk.grounder, desk.keys)
    checker.lay(evidence)
    return checker


def _without_repeats(
    sentences: Sequence[CheckedSentence], said: Sequence[CheckedSentence]
) -> tuple[CheckedSentence, ...]:
    """Without sentences that say what an earlier one says, unless a paper would go uncited."""
    kept: list[CheckedSentence] = []
    cited: set[str] = set()
    for sentence in sentences:
        papers = {citation.paper_id for citation in sentence.citations}
        repeats = any(same(sentence.text, other.text) for other in [*said, *kept])
        if not repeats or not papers <= cited:
            kept.append(sentence)
            cited |= papers
    return tuple(kept)
