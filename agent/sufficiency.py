"""Does the library hold the answer? If not, which part is missing.

Asked of the plan and the evidence, before anything is written. The thresholds are stated on a scale that
does not depend on the embedder: 0 is the likeness of two random sentences of the library, 1 that of
two neighbouring sentences of one abstract.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from agent.names import is_name_like, name_of_paper, name_pattern, names_in
from agent.types import Abstention, Evidence, Plan, QuestionKind, Subject
from agent.words import StemFinder, content_stems
from store.types import Paper

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["NEAR", "NEAR_TOPIC", "Sufficiency", "judge"]

NEAR = 0.78
"""A question that names nothing is answered when its nearest sentence is at least this near,"""
NEAR_TOPIC = 1.1
"""and a survey question, which speaks the papers' own words more, when it is this near."""
STRANGE = 0.4
"""How much a question full of words the library has never seen must be nearer still."""
UNLIKE = 0.2
"""A measure that a paper never names counts as missing when no sentence is even this near to it."""
SAMPLE = 120
"""Papers looked at to set the scale."""

_HEAD = re.compile(
    r"\b(?:what|which|how much|how many)\s+((?:[\w'’-]+\s+){1,4}?)(?=(?:does|do|did|is|are|was|were|has|have|can|could|will|would|must|gives?|gets?|reach(?:es)?|uses?|needs?)\b)",
    re.I,
)
_IS = re.compile(
    r"\bwhat (?:is|was|are|were) (?:the|\S+['’]s?) ((?:[\w-]+ ){0,3}?[\w-]+)"
    r"(?= (?:of|for|in|on|at|when|with|under|that|reported|achieved|used|needed|reached)\b|\?|$)",
    re.I,
)
_GENERIC = frozenset(
    content_stems(
        "reason share portion fraction part kind sort type number role idea change extra amount percentage factor effect evidence benefit advantage "
        "improvement gain cost loss trade value rate level scale degree size figure range limit condition problem step score task model system saving reduction answer"
    )
)
_KEPT = frozenset(content_stems("quality accuracy performance fidelity precision degradation output generation"))
_KEEPS = re.compile(
    r"\b(?:lossless|without|preserv\w*|maintain\w*|retain\w*|comparable|competitive|degrad\w*|compromis\w*|sacrific\w*|"
    r"accura\w*|qualit\w*|perform\w*|fidelity|state-of-the-art|outperform\w*|surpass\w*|correct\w*|better)\b",
    re.I,
)
_ON = re.compile(r"\b(?:on|for|under|with|using|at|in)\s+(?:the\s+|an?\s+)?(?:\w+\s+)?$", re.I)


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """The judgement: an abstention, or nothing, with the parts of the question that stay open."""

    abstention: Abstention | None
    missing: tuple[str, ...] = ()


def judge(plan: Plan, evidence: Sequence[Evidence], library: Library) -> Sufficiency:
    """Whether `evidence` answers `plan`, and what is missing where it does not."""
    if not evidence:
        return _abstain(_empty_reason(plan, library), plan.question)
    unknown = [subject for subject in plan.subjects if not subject.paper_ids and not _aside(subject, plan)]
    known = [subject for subject in plan.subjects if subject.paper_ids]
    enough = (plan.kind is QuestionKind.SURVEY and known) or sum(subject.introduced for subject in known) >= 2
    if unknown and not enough:
        return _unknown(unknown, library.papers(plan.filters))
    papers = [library.paper(paper_id) for paper_id in dict.fromkeys(e.paper_id for e in evidence)]
    missing = tuple(_not_named(subject.name) for subject in unknown)
    if any(subject.introduced for subject in known) and plan.kind is not QuestionKind.SURVEY:
        return _named(plan, papers, library, missing)
    if _nearness(plan, library) < (NEAR_TOPIC if plan.kind is QuestionKind.SURVEY else NEAR):
        return _abstain("no sentence in the library comes near to what is asked", *(missing or (plan.question,)))
    return Sufficiency(None, missing)


def _abstain(reason: str, *missing: str) -> Sufficiency:
    return Sufficiency(Abstention(reason, tuple(missing)))


def _empty_reason(plan: Plan, library: Library) -> str:
    if not library.papers(plan.filters):
        return "the library has no paper" if plan.filters.is_empty() else "no paper of the library passes the filters"
    return "search found nothing that bears on the question"


def _aside(subject: Subject, plan: Plan) -> bool:
    """True for a name that only says whose something is ("Alipay's Lookahead"), when that something is known."""
    owned = re.search(rf"{re.escape(subject.name)}['’]s?\s+(\S+)", plan.question)
    return owned is not None and any(s.paper_ids and s.name.startswith(owned[1]) for s in plan.subjects)


def _not_named(name: str) -> str:
    return f"{name}: no paper here names it"


def _unknown(unknown: Sequence[Subject], papers: Sequence[Paper]) -> Sufficiency:
    names = [subject.name for subject in unknown]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" or {names[-1]}"
    near = _similar(names, papers)
    hint = f" (the library does have {near})" if near else ""
    return _abstain(f"no paper in the library names {listed}{hint}", *(_not_named(name) for name in names))


def _similar(names: Sequence[str], papers: Sequence[Paper]) -> str:
    """The library's own name closest in spelling to one of `names`, or an empty string."""
    leads = {lead.casefold(): lead for lead in (name_of_paper(paper) for paper in papers) if lead}
    for name in names:
        close = difflib.get_close_matches(name.casefold(), sorted(leads), 1, 0.8)
        if close:
            return leads[close[0]]
    return ""


def _named(plan: Plan, papers: Sequence[Paper], library: Library, missing: tuple[str, ...]) -> Sufficiency:
    """For a question about named work: is the measure, and the setting, asked for in its papers at all?"""
    named = [subject for subject in plan.subjects if subject.introduced]
    if len(named) > 1 and plan.kind is QuestionKind.COMPARISON:
        return Sufficiency(None, missing)
    own = {paper_id for subject in named for paper_id in subject.paper_ids}
    papers = [paper for paper in papers if paper.paper_id in own] or papers
    text = " ".join(f"{paper.title} {paper.abstract}" for paper in papers)
    who = " and ".join(subject.name for subject in named)
    measure = _missing_measure(plan, papers, text, library)
    if measure:
        return _abstain(f"the abstract on {who} does not report {measure}", f"{measure} of {who}")
    setting = _missing_setting(plan, text)
    if setting:
        return _abstain(f"the abstract on {who} reports nothing on {setting}", f"{who} on {setting}")
    return Sufficiency(None, missing)


def _missing_measure(plan: Plan, papers: Sequence[Paper], text: str, library: Library) -> str:
    """The quantity asked for ("perplexity") when no word of it, and nothing like it, stands in the papers."""
    for match in [*_HEAD.finditer(plan.question), *_IS.finditer(plan.question)]:
        phrase = match[1].strip()
        stems = [stem for stem in content_stems(phrase) if stem not in _GENERIC]
        if set(stems) <= _KEPT and _KEEPS.search(text):
            continue  # a paper that says "lossless" or "comparable" speaks of what is given up
        if (
            not stems
            or StemFinder(stems)(text)
            or any(name_pattern(s.name).search(phrase) for s in plan.subjects if s.introduced)
        ):
            continue
        if any(is_name_like(word) for word in phrase.split()):
            return phrase  # a metric with a name of its own ("BLEU score") is reported by that name or not at all
        vector = library.embed([phrase])[0]
        near = max(
            float((library.sentence_vectors(paper.paper_id) @ vector).max()) for paper in papers if paper.abstract
        )
        if _scale(library).place(near) < UNLIKE:
            return phrase
    return ""


def _missing_setting(plan: Plan, text: str) -> str:
    """A name the question sets as the condition ("on Cityscapes") that the papers never mention."""
    for name in (marked.removeprefix("\0") for marked in names_in(plan.question)):
        words = [name, *name.split()]
        held = any(name_pattern(word).search(text) or word in text for word in words)
        if not held and _ON.search(plan.question[: plan.question.find(name)]):
            return name
    return ""


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def place(self, cosine: float) -> float:
        """`cosine` where random sentences are 0 and neighbours 1."""
        return (cosine - self.low) / (self.high - self.low)


@lru_cache(maxsize=4)
def _scale_of(library: Library, content: str) -> _Scale:
    import numpy as np

    papers = library.papers()
    step = max(1, len(papers) // SAMPLE)
    blocks = [v for v in (library.sentence_vectors(p.paper_id) for p in papers[::step]) if len(v) > 1]
    if len(blocks) < 2:
        return _Scale(0.15, 0.45)
    neighbours = float(np.mean([float((block[:-1] * block[1:]).sum(axis=1).mean()) for block in blocks]))
    strangers = float(
        np.mean(
            [
                float((a[: min(len(a), len(b))] * b[: min(len(a), len(b))]).sum(axis=1).mean())
                for a, b in pairwise(blocks)
            ]
        )
    )
    return _Scale(strangers, max(neighbours, strangers + 0.05))


def _scale(library: Library) -> _Scale:
    return _scale_of(library, library.content_hash())


def _nearness(plan: Plan, library: Library) -> float:
    """How near the library comes to the question as a whole, less the share of its words no paper has."""
    queries = [plan.queries[0], *(query for query in plan.queries[1:] if len(query.split()) >= 8)]
    paper_ids = None if plan.filters.is_empty() else [paper.paper_id for paper in library.papers(plan.filters)]
    best = max(
        (found[0].score for found in (library.rank_sentences(query, paper_ids, 1) for query in queries) if found),
        default=0.0,
    )
    return _scale(library).place(best) - STRANGE * _strange(plan, library)


def _strange(plan: Plan, library: Library) -> float:
    stems = content_stems(plan.question)
    finder = StemFinder(stems)
    seen: set[str] = set()
    for paper in library.papers():
        seen |= finder(f"{paper.title} {paper.abstract}")
    return 1.0 - len(seen) / len(stems) if stems else 0.0
