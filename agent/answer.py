"""Question to Answer: plan, gather, judge, write, check, gate."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from agent.compare import compare
from agent.engines.protocol import Engine
from agent.gather import gather
from agent.ground import Grounder, Item, settle
from agent.keys import assign
from agent.plan import make_plan
from agent.sufficiency import judge
from agent.types import (
    Abstention,
    Answer,
    CheckedSentence,
    Citation,
    Claim,
    Evidence,
    Matrix,
    Plan,
    Quote,
    Source,
    Usage,
)
from store.types import Paper, SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["answer", "answer_plan", "cite"]


def answer(
    question: str,
    library: Library,
    engine: Engine,
    grounder: Grounder,
    filters: SearchFilter = SearchFilter(),
    keys: Mapping[str, str] | None = None,
    previous: Plan | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Answer:
    """A cited, checked answer, or an abstention that says what is missing.

    `keys` are citation keys already given out (paper_id to key), kept where they apply. Raises BadInput for a
    question that cannot be used, StoreError for a library that cannot answer.
    """
    return answer_plan(make_plan(question, library, filters, previous), library, engine, grounder, keys, clock)


def answer_plan(
    plan: Plan,
    library: Library,
    engine: Engine,
    grounder: Grounder,
    keys: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Answer:
    """The answer to a plan that is made already."""
    started = clock()
    evidence = gather(plan, library)
    verdict = judge(plan, evidence, library)
    if verdict.abstention is not None:
        return Answer(
            plan.question, engine.name, (), None, (), verdict.abstention, usage=Usage(seconds=clock() - started)
        )
    claims = engine.write(plan, evidence, library)
    papers = {paper_id: library.paper(paper_id) for paper_id in dict.fromkeys(e.paper_id for e in evidence)}
    named = _named(papers.values(), keys or {})
    sentences, dropped = _check(claims, evidence, papers, named, grounder)
    cited = {citation.paper_id for sentence in sentences for citation in sentence.citations}
    matrix = compare(plan, evidence, library, named, cited)
    usage = Usage(seconds=clock() - started)
    if not sentences:
        reason = "what was found did not pass the check" if dropped else "the papers found do not say it"
        return Answer(
            plan.question, engine.name, (), None, (), Abstention(reason, (plan.question,)), dropped=dropped, usage=usage
        )
    sources = _sources(sentences, matrix, papers, named)
    return Answer(plan.question, engine.name, sentences, matrix, sources, None, verdict.missing, dropped, usage)


def _named(papers: Iterable[Paper], given: Mapping[str, str]) -> dict[str, str]:
    """The keys given already, and new ones for the other papers that collide with none of them."""
    taken = set(given.values())
    keys = dict(given)
    for paper_id, key in assign(paper for paper in papers if paper.paper_id not in given).items():
        fresh, letter = key, ord("b")
        while fresh in taken:
            fresh, letter = f"{key}{chr(letter)}", letter + 1
        keys[paper_id] = fresh
        taken.add(fresh)
    return keys


def cite(evidence: Evidence, papers: Mapping[str, Paper], keys: Mapping[str, str]) -> Citation:
    """The citation of one piece of evidence."""
    paper = papers[evidence.paper_id]
    return Citation(
        keys[paper.paper_id],
        paper.paper_id,
        paper.title,
        evidence.passage_id,
        evidence.start,
        evidence.end,
        evidence.quote,
    )


def _check(
    claims: Sequence[Claim],
    evidence: Sequence[Evidence],
    papers: Mapping[str, Paper],
    keys: Mapping[str, str],
    grounder: Grounder,
) -> tuple[tuple[CheckedSentence, ...], int]:
    """The claims that pass, each with its verdict; one that fails is repaired with its bare quote, else dropped."""
    by_id = {item.evidence_id: item for item in evidence}
    cited = [[by_id[i] for i in claim.evidence_ids if i in by_id] for claim in claims]
    verdicts = grounder.check_many(
        [_item(claim.text, found, papers) for claim, found in zip(claims, cited, strict=True)]
    )
    kept: list[CheckedSentence] = []
    dropped = 0
    for claim, found, verdict in zip(claims, cited, verdicts, strict=True):
        settled = settle(_item(claim.text, found, papers), verdict, grounder)
        if settled.shown:
            citations = tuple(cite(item, papers, keys) for item in found)
            kept.append(CheckedSentence(settled.text, settled.verdict, citations))
        else:
            dropped += 1
    return tuple(kept), dropped


def _item(text: str, found: Sequence[Evidence], papers: Mapping[str, Paper]) -> Item:
    quotes = tuple(Quote(item.paper_id, item.start, item.end, item.quote) for item in found)
    return Item(text, tuple(papers[paper_id] for paper_id in dict.fromkeys(item.paper_id for item in found)), quotes)


def _sources(
    sentences: Sequence[CheckedSentence], matrix: Matrix | None, papers: Mapping[str, Paper], keys: Mapping[str, str]
) -> tuple[Source, ...]:
    """The cited papers, in the order they are first cited."""
    cited = [citation.paper_id for sentence in sentences for citation in sentence.citations]
    if matrix is not None:
        cited += [citation.paper_id for cell in matrix.cells for citation in cell.citations]
    return tuple(Source(keys[paper_id], papers[paper_id]) for paper_id in dict.fromkeys(cited))
