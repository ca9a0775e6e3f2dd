"""The keyless engine: an answer made of source sentences, lightly edited, each with its quote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.edit import lead_with, open_plainly, shorten
from agent.findings import quantities
from agent.names import label_of, name_pattern
from agent.types import Claim, Evidence, Plan
from agent.words import StemFinder, content_stems

if TYPE_CHECKING:
    from store.library import Library
    from store.types import Paper

__all__ = ["WORDS", "ExtractiveEngine"]

WORDS = 215
"""The prose of an answer stays within so many words; the first sentence always stands."""
FALL = 3.0
"""A further sentence of a paper is taken when it scores no less than this below the paper's best."""
SURVEY_FALL = 1.8
"""The same, where three papers and more share the answer."""
SAME = 0.6
"""Two sentences that share this much of the shorter one's content words say the same."""


class ExtractiveEngine:
    """Composes from evidence; says nothing that no quote says."""

    name = "extractive"

    def write(self, plan: Plan, evidence: Sequence[Evidence], library: Library) -> tuple[Claim, ...]:
        """One to three sentences a paper, in the order of the evidence, within `WORDS` words."""
        papers = {paper_id: library.paper(paper_id) for paper_id in dict.fromkeys(e.paper_id for e in evidence)}
        finder = StemFinder(content_stems(plan.question))
        edited = {e.evidence_id: _edited(e, papers[e.paper_id], finder, len(papers) > 1) for e in evidence}
        chosen = _choose(evidence, edited)
        ordered = [e for paper_id in papers for e in _in_order([c for c in chosen if c.paper_id == paper_id])]
        return tuple(Claim(edited[e.evidence_id], (e.evidence_id,)) for e in ordered)


def _choose(evidence: Sequence[Evidence], edited: dict[str, str]) -> list[Evidence]:
    """One sentence of each paper, as good as the words allow together; then, round by round, one more of each."""
    by_paper: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_paper.setdefault(item.paper_id, []).append(item)
    few = len(by_paper) <= 2
    chosen = _first_of_each(list(by_paper.values()), edited)
    left = WORDS - sum(_words(item, edited) for item in chosen)
    for _ in range(2 if few else 1):
        for items in by_paper.values():
            fall = FALL if few else SURVEY_FALL
            open_ = [i for i in items if i not in chosen and i.score >= items[0].score - fall and _new(i, chosen)]
            if open_ and _words(open_[0], edited) <= left:
                chosen.append(open_[0])
                left -= _words(open_[0], edited)
    return chosen


def _first_of_each(papers: Sequence[Sequence[Evidence]], edited: dict[str, str]) -> list[Evidence]:
    """The best sentence of each paper; while they are too long together, the exchange for a shorter one that
    gives up least score for each word saved; the last paper goes where none is left. The first always stands."""
    picks = [items[0] for items in papers]
    while len(picks) > 1 and sum(_words(pick, edited) for pick in picks) > WORDS:
        exchanges = [
            ((pick.score - item.score) / (_words(pick, edited) - _words(item, edited)), place, item)
            for place, (pick, items) in enumerate(zip(picks, papers, strict=False))
            for item in items
            if _words(item, edited) < _words(pick, edited) and item.score >= items[0].score - FALL
        ]
        if exchanges:
            _, place, item = min(exchanges, key=lambda exchange: (exchange[0], exchange[1], exchange[2].start))
            picks[place] = item
        else:
            picks.pop()
    return picks


def _words(item: Evidence, edited: dict[str, str]) -> int:
    return len(edited[item.evidence_id].split())


def _new(item: Evidence, chosen: Sequence[Evidence]) -> bool:
    stems = set(content_stems(item.quote))
    for other in chosen:
        theirs = set(content_stems(other.quote))
        least = min(len(stems), len(theirs)) or 1
        if item.paper_id == other.paper_id and len(stems & theirs) / least > SAME:
            return False
    return True


def _in_order(items: Sequence[Evidence]) -> list[Evidence]:
    """The best sentence first, the rest as the abstract has them."""
    return [*items[:1], *sorted(items[1:], key=lambda e: e.start)]


def _edited(item: Evidence, paper: Paper, finder: StemFinder, many: bool) -> str:
    text = shorten(open_plainly(item.quote), lambda part: len(finder(part)) + 1.5 * bool(quantities(part)) + 0.2)
    label = item.subject or label_of(paper) or (_short_title(paper) if many else None)
    if label is None or name_pattern(label).search(text):
        return text
    return lead_with(label, text) if many or _dangles(text) else text


def _short_title(paper: Paper) -> str | None:
    """The title up to its colon, when that is short enough to stand before a sentence."""
    head = paper.title.partition(":")[0].strip()
    return head if len(head.split()) <= 8 else None


def _dangles(text: str) -> bool:
    """True when a sentence leans on one before it."""
    first = text.split(" ", 1)[0].lower().strip(",")
    return first in {"it", "this", "these", "they", "its", "such", "we", "our", "their", "both", "compared", "by"}
