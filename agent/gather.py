"""Plan to Evidence: which papers answer, and which of their sentences.

Evidence comes paper by paper, the most telling paper first, and within a paper sentence by sentence, best first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.mood import states
from agent.relevance import Scorer, scorer
from agent.types import Evidence, Plan, QuestionKind
from agent.words import StemFinder, content_stems
from store.types import Paper, Sentence

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["evidence_of", "gather"]

PER_PAPER = 5
"""Sentences kept of each paper."""
SURVEY_PAPERS = 8
"""At most so many papers answer a survey question."""
SURVEY_SHARE = 0.4
"""A survey goes on while a paper has this share of the first paper's search score,"""
SURVEY_DROP = 0.6
"""and, from the fourth on, this share of the paper's before it."""
FACT_POOL = 40
"""Papers looked into for a question that names none."""
FACT_FALL = 0.03
"""A second paper answers such a question only when it is this close to the first."""
ANSWERS = 0.1
"""What a sentence's fitness as an answer counts beside its nearness, when papers are chosen,"""
SEARCH = 0.06
"""and what a point of the search score counts."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A paper with its scored sentences, best first, and its relevance as a whole."""

    paper_id: str
    relevance: float
    subject: str | None
    ranked: tuple[tuple[Sentence, float], ...]


def gather(plan: Plan, library: Library) -> tuple[Evidence, ...]:
    """The evidence for `plan`; empty when no paper passes its filters."""
    papers = library.papers(plan.filters)
    if not papers:
        return ()
    marks = scorer(plan, library, papers)
    named = [] if plan.kind is QuestionKind.SURVEY else _named(plan, library, marks)
    chosen = named or _topical(plan, library, marks)
    return tuple(evidence for candidate in chosen for evidence in _evidence(candidate, plan, library))


def _named(plan: Plan, library: Library, marks: Scorer) -> list[_Candidate]:
    """The papers of the plan's subjects: where each name comes from, else the best that mentions it."""
    chosen: dict[str, _Candidate] = {}
    for subject in plan.subjects:
        if subject.introduced:
            for paper_id in subject.paper_ids[:2]:
                chosen.setdefault(paper_id, _candidate(paper_id, subject.name, library, marks))
    for subject in plan.subjects:
        if subject.paper_ids and not any(paper_id in chosen for paper_id in subject.paper_ids):
            options = [_candidate(paper_id, subject.name, library, marks) for paper_id in subject.paper_ids]
            best = max(options, key=lambda c: (c.relevance, c.paper_id))
            chosen[best.paper_id] = best
    return list(chosen.values())


def _candidate(paper_id: str, subject: str | None, library: Library, marks: Scorer, search: float = 0.0) -> _Candidate:
    """A paper's sentences as answers, and how well it fits as a whole: its best sentence is near and answers."""
    sentences = library.sentences(paper_id)
    if not sentences:
        return _Candidate(paper_id, 0.0, subject, ())
    vectors = library.sentence_vectors(paper_id)
    scores, near = marks.scores(sentences, vectors), marks.topicality(sentences, vectors)
    told = [pair for pair in zip(sentences, scores, strict=True) if states(pair[0].text)]
    ranked = sorted(told, key=lambda pair: (-pair[1], pair[0].start))
    best = max(n + ANSWERS * s for n, s in zip(near, scores, strict=True))
    second = sorted(near, reverse=True)[min(1, len(near) - 1)]
    return _Candidate(paper_id, best + 0.3 * second + SEARCH * search, subject, tuple(ranked))


def _topical(plan: Plan, library: Library, marks: Scorer) -> list[_Candidate]:
    """The papers that say most about a question that names none."""
    if plan.kind in (QuestionKind.SURVEY, QuestionKind.COMPARISON):
        return _survey(plan, library, marks)
    return _closest(plan, library, marks)


def _survey(plan: Plan, library: Library, marks: Scorer) -> list[_Candidate]:
    """The papers search puts first, as far as they keep up with the first of them."""
    hits = [hit for hit in library.search(plan.queries[0], 30, plan.filters) if not _set_aside(hit.paper, plan)]
    if not hits:
        return []
    kept = hits[:3]
    for hit in hits[3:SURVEY_PAPERS]:
        if hit.score < max(SURVEY_SHARE * hits[0].score, SURVEY_DROP * kept[-1].score):
            break
        kept.append(hit)
    return [_candidate(hit.paper.paper_id, None, library, marks) for hit in kept]


def _set_aside(paper: Paper, plan: Plan) -> bool:
    """True when the paper is about something the question sets aside."""
    text = f"{paper.title} {paper.abstract}"
    for phrase in plan.excluded:
        for part in re.split(r",|\band\b|\bor\b", phrase):
            finder = StemFinder(content_stems(part))
            if finder.stems and finder(text) == finder.stems:
                return True
    return False


def _closest(plan: Plan, library: Library, marks: Scorer) -> list[_Candidate]:
    """The one paper whose sentences come closest to the question, and a second when it comes as close."""
    hits = library.search(plan.queries[0], FACT_POOL, plan.filters)
    candidates = [_candidate(hit.paper.paper_id, None, library, marks, hit.score) for hit in hits]
    candidates = sorted((c for c in candidates if c.ranked), key=lambda c: (-c.relevance, c.paper_id))
    return [c for c in candidates[:2] if c.relevance >= candidates[0].relevance - FACT_FALL]


def _evidence(candidate: _Candidate, plan: Plan, library: Library) -> list[Evidence]:
    why = f"named: {candidate.subject}" if candidate.subject else "closest to the question"
    return [
        evidence_of(sentence, score, library, candidate.subject, None, why)
        for sentence, score in candidate.ranked[:PER_PAPER]
    ]


def evidence_of(
    sentence: Sentence, score: float, library: Library, subject: str | None, aspect: str | None, why: str
) -> Evidence:
    """A sentence as evidence, with the passage it stands in."""
    return Evidence(
        f"{sentence.paper_id}:{sentence.start}-{sentence.end}",
        sentence.paper_id,
        library.passage_at(sentence.paper_id, sentence.start, sentence.end).passage_id,
        sentence.start,
        sentence.end,
        sentence.text,
        round(score, 4),
        subject,
        aspect,
        why,
    )
