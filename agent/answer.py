"""Question to Answer: plan, gather, judge, write, check, gate.

An engine that only writes is asked once. One that can be talked to begins an author, who also plans, is given more
evidence where some is lacking, and is asked again for what was refused (`agent.dialogue`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.checking import Checker
from agent.compare import compare
from agent.contradictions import contradictions
from agent.coverage import cover, seek
from agent.dialogue import Dialogue
from agent.engines.protocol import Author, Conversable, Engine
from agent.errors import ModelFault
from agent.events import Found, Listener, Passed, Planned, unheard
from agent.gather import gather
from agent.ground import Grounder
from agent.plan import make_plan
from agent.sufficiency import judge
from agent.types import Abstention, Answer, CheckedSentence, Claim, Evidence, Plan, Run, Source, Usage
from store.types import SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["answer", "answer_plan", "composed"]


def answer(
    question: str,
    library: Library,
    engine: Engine,
    grounder: Grounder,
    filters: SearchFilter = SearchFilter(),
    keys: Mapping[str, str] | None = None,
    previous: Plan | None = None,
    clock: Callable[[], float] = time.perf_counter,
    listen: Listener = unheard,
) -> Answer:
    """A cited, checked answer, or an abstention that says what is missing.

    `keys` are citation keys already given out (paper_id to key), kept where they apply; `listen` is told what happens.
    Raises BadInput for a question that cannot be used, StoreError for a library that cannot answer, ModelFault where a
    model could not and nobody else may.
    """
    plan = make_plan(question, library, filters, previous)
    return answer_plan(plan, library, engine, grounder, keys, clock, listen, previous)


def answer_plan(
    plan: Plan,
    library: Library,
    engine: Engine,
    grounder: Grounder,
    keys: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.perf_counter,
    listen: Listener = unheard,
    previous: Plan | None = None,
) -> Answer:
    """The answer to a plan that the rules have made; an author may better it first."""
    started = clock()
    checker = Checker(library, grounder, keys)
    if isinstance(engine, Conversable):
        made = _talked(plan, library, engine.begin(library), checker, listen, previous)
    else:
        made = _written(plan, library, engine, checker, listen)
    return replace(made, usage=_usage(made.run, clock() - started))


def _usage(run: Run | None, seconds: float) -> Usage:
    return Usage(run.calls, run.input_tokens, run.output_tokens, seconds) if run else Usage(seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What an answer stands on: evidence, what is missing in it, or why there can be no answer."""

    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...]
    abstention: Abstention | None


def _grounds(plan: Plan, rules: Plan, library: Library, checker: Checker, listen: Listener) -> _Ground:
    """Evidence for `plan`. Whether it answers is judged by the question as the `rules` read it: no words of an author
    make an unanswerable question answerable."""
    listen(Planned(plan))
    evidence = gather(plan, library)
    evidence = evidence if plan is rules else cover(plan, evidence, library)
    verdict = judge(replace(rules, subjects=plan.subjects), evidence, library)
    checker.lay(evidence)
    listen(Found(len(checker.papers), len(evidence)))
    return _Ground(evidence, verdict.missing, verdict.abstention)


def _written(plan: Plan, library: Library, engine: Engine, checker: Checker, listen: Listener) -> Answer:
    """The answer of an engine that is asked once; a claim that fails is repaired with its bare quote, else dropped."""
    ground = _grounds(plan, plan, library, checker, listen)
    if ground.abstention is not None:
        return Answer(plan.question, engine.name, (), None, (), ground.abstention)
    claims = engine.write(plan, ground.evidence, library)
    sentences, dropped = _settled(claims, checker, listen)
    return composed(plan, engine.name, sentences, dropped, ground.evidence, ground.missing, checker, library)


def _settled(claims: Sequence[Claim], checker: Checker, listen: Listener) -> tuple[tuple[CheckedSentence, ...], int]:
    kept: list[CheckedSentence] = []
    for judged in checker.judge(claims):
        sentence = checker.settle(judged)
        if sentence is not None:
            kept.append(sentence)
            listen(Passed(sentence, len(kept)))
    return tuple(kept), len(claims) - len(kept)


def _talked(
    plan: Plan, library: Library, author: Author, checker: Checker, listen: Listener, previous: Plan | None
) -> Answer:
    """The answer of an author, who is asked again for what is refused."""
    fault: ModelFault | None = None
    rules = plan
    try:
        plan = author.plan(rules, previous)
    except ModelFault as raised:
        if author.fallback is None:
            raise
        fault = raised
    ground = _grounds(plan, rules, library, checker, listen)
    talk = Dialogue(plan, library, checker, listen, ground.evidence, author.fallback, fault=fault)
    if ground.abstention is None:
        talk.run(author, lambda parts: seek(parts, plan, talk.evidence, library))
        missing = tuple(dict.fromkeys((*ground.missing, *author.missing)))
        made = composed(
            plan, talk.wrote(author), talk.in_order(), talk.dropped, talk.evidence, missing, checker, library
        )
    else:
        talk.tell(author)
        made = Answer(plan.question, author.name, (), None, (), ground.abstention)
    run = replace(author.run(), written=talk.written, refused=talk.refused, mended=talk.mended)
    return replace(made, notes=(*author.notes(), *talk.notes), run=run, partial=talk.cut_short)


def composed(
    plan: Plan,
    engine: str,
    sentences: tuple[CheckedSentence, ...],
    dropped: int,
    evidence: Sequence[Evidence],
    missing: tuple[str, ...],
    checker: Checker,
    library: Library,
) -> Answer:
    """The answer made of sentences that passed, with its table; an abstention where none did."""
    if not sentences:
        reason = "what was found did not pass the check" if dropped else "the papers found do not say it"
        abstention = Abstention(reason, missing or (plan.question,))
        return Answer(plan.question, engine, (), None, (), abstention, dropped=dropped)
    cited = {citation.paper_id for sentence in sentences for citation in sentence.citations}
    matrix = compare(plan, evidence, library, checker.keys, cited)
    found = contradictions(plan, evidence, checker, library)
    shown = [c for s in sentences for c in s.citations]
    shown += [c for cell in matrix.cells for c in cell.citations] if matrix else []
    shown += [c for pair in found for c in (pair.first, pair.second)]
    papers = dict.fromkeys(citation.paper_id for citation in shown)
    sources = tuple(Source(checker.keys[paper_id], checker.papers[paper_id]) for paper_id in papers)
    return Answer(plan.question, engine, sentences, matrix, sources, None, missing, dropped, contradictions=found)
