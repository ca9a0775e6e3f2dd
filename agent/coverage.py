"""More evidence where a subject or an aspect of the question lacks it: a search in rounds, each reaching further.

The first round looks into the papers of a subject, the second at whatever the library has on it. What is found is
added behind the evidence that was there; nothing is taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.aspects import shows
from agent.gather import evidence_of
from agent.names import name_pattern
from agent.types import Aspect, Evidence, Plan, QuestionKind, Subject
from agent.words import StemFinder, content_stems

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Lack", "cover", "lacks", "seek"]

ROUNDS = 2
EACH = 2
"""Sentences added for one lack."""
POOL = 10
"""Papers looked into for one lack."""
SHARE = 0.6
"""A sentence is taken for a missing part when it holds this share of its content words."""
MOST_PARTS = 3
"""Missing parts that are searched for."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A subject, or an aspect (of a subject, or of the whole question), without a single sentence."""

    subject: Subject | None
    aspect: Aspect | None

    @property
    def words(self) -> str:
        """What to search for."""
        aspect = " ".join((self.aspect.name, *self.aspect.terms[:3])) if self.aspect else ""
        return f"{self.subject.name if self.subject else ''} {aspect}".strip()


def cover(plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Evidence, ...]:
    """`evidence` with what was found for its lacks, in two rounds at most."""
    found = tuple(evidence)
    for further in range(ROUNDS if found else 0):
        open_ = lacks(plan, found)
        more = _new((e for lack in open_ for e in _look(lack, plan, library, further > 0)), found)
        if not open_:
            break
        found = (*found, *more)
    return found


def lacks(plan: Plan, evidence: Sequence[Evidence]) -> tuple[Lack, ...]:
    """What no evidence speaks of: known subjects, and aspects asked for."""
    known = [subject for subject in plan.subjects if subject.paper_ids]
    aspects = [aspect for aspect in plan.aspects if aspect.name != "approach"]
    found = [Lack(subject, None) for subject in known if not _of(subject, evidence)]
    if plan.kind is QuestionKind.COMPARISON and known:
        pairs = [(subject, aspect) for subject in known if _of(subject, evidence) for aspect in aspects]
        return (*found, *(Lack(s, a) for s, a in pairs if not any(shows(a, e.quote) for e in _of(s, evidence))))
    return (*found, *(Lack(None, a) for a in aspects if not any(shows(a, e.quote) for e in evidence)))


def seek(parts: Sequence[str], plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Evidence, ...]:
    """Evidence that is not in `evidence` for missing parts of a question, each a few words."""
    found: list[Evidence] = []
    for part in parts[:MOST_PARTS]:
        finder = StemFinder(content_stems(part))
        hits = library.search(part, POOL, plan.filters) if finder.stems else ()
        ranked = library.rank_sentences(part, [hit.paper.paper_id for hit in hits], 4 * POOL) if hits else ()
        near = [r for r in ranked if len(finder(r.sentence.text)) >= SHARE * len(finder.stems)][:EACH]
        found += [evidence_of(r.sentence, r.score, library, None, None, f"sought: {part}") for r in near]
    return _new(found, evidence)


def _of(subject: Subject, evidence: Sequence[Evidence]) -> list[Evidence]:
    pattern = name_pattern(subject.name)
    return [e for e in evidence if e.paper_id in subject.paper_ids or pattern.search(e.quote)]


def _look(lack: Lack, plan: Plan, library: Library, further: bool) -> list[Evidence]:
    """The sentences nearest to what is lacking that speak of it."""
    own = lack.subject.paper_ids if lack.subject else ()
    if further or not own:
        hits = library.search(lack.words, POOL, plan.filters)
        own = tuple(hit.paper.paper_id for hit in hits)
    pattern = name_pattern(lack.subject.name) if lack.subject and further else None
    ranked = library.rank_sentences(f"{plan.queries[0]} {lack.words}", own, 4 * POOL) if own else ()
    fit = [
        r
        for r in ranked
        if (lack.aspect is None or shows(lack.aspect, r.sentence.text))
        and (pattern is None or pattern.search(r.sentence.text))
    ]
    subject = lack.subject.name if lack.subject else None
    aspect = lack.aspect.name if lack.aspect else None
    return [evidence_of(r.sentence, r.score, library, subject, aspect, f"sought: {lack.words}") for r in fit[:EACH]]


def _new(found: Iterable[Evidence], known: Sequence[Evidence]) -> tuple[Evidence, ...]:
    ids = {item.evidence_id for item in known}
    return tuple({item.evidence_id: item for item in found if item.evidence_id not in ids}.values())
