"""Claims meet their evidence: cited, checked, and let through or refused. One place, whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.form import form_fault
from agent.ground import Grounder, Item, settle
from agent.ground.gate import Action, action_for
from agent.keys import assign
from agent.types import CheckedSentence, Citation, Claim, Evidence, Quote, Verdict
from store.types import Paper

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Checker", "Judged", "named"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim, the evidence it cites as far as that is known, and its verdict."""

    claim: Claim
    found: tuple[Evidence, ...]
    verdict: Verdict

    @property
    def stands(self) -> bool:
        """True for a sentence that may be shown as it is: supported, or (marked) one whose check could not run."""
        return action_for(self.verdict) in (Action.KEEP, Action.MARK)


class Checker:
    """Checks claims against the evidence laid before it. `keys` names papers: those given first, new ones beside."""

    def __init__(self, library: Library, grounder: Grounder, keys: Mapping[str, str] | None = None) -> None:
        self._library = library
        self._grounder = grounder
        self._by_id: dict[str, Evidence] = {}
        self.papers: dict[str, Paper] = {}
        self.keys: dict[str, str] = dict(keys or {})

    def lay(self, evidence: Sequence[Evidence]) -> None:
        """Take more evidence into account."""
        self._by_id |= {item.evidence_id: item for item in evidence}
        for item in evidence:
            if item.paper_id not in self.papers:
                self.papers[item.paper_id] = self._library.paper(item.paper_id)
        self.keys = named(self.papers.values(), self.keys)

    def judge(self, claims: Sequence[Claim]) -> tuple[Judged, ...]:
        """The claims with their verdicts, in order."""
        cited = [tuple(self._by_id[i] for i in claim.evidence_ids if i in self._by_id) for claim in claims]
        faults = [form_fault(claim, found) for claim, found in zip(claims, cited, strict=True)]
        sound = [self._item(c, f) for c, f, fault in zip(claims, cited, faults, strict=True) if fault is None]
        verdicts = iter(self._grounder.check_many(sound))
        return tuple(
            Judged(claim, found, fault or next(verdicts))
            for claim, found, fault in zip(claims, cited, faults, strict=True)
        )

    def sentence(self, judged: Judged) -> CheckedSentence:
        """The claim as a reader gets it."""
        return CheckedSentence(judged.claim.text, judged.verdict, tuple(self.cite(item) for item in judged.found))

    def settle(self, judged: Judged) -> CheckedSentence | None:
        """The sentence as the gate lets it through, if need be as the bare words of its one quote; None: dropped."""
        settled = settle(self._item(judged.claim, judged.found), judged.verdict, self._grounder)
        if not settled.shown:
            return None
        return CheckedSentence(settled.text, settled.verdict, tuple(self.cite(item) for item in judged.found))

    def cite(self, evidence: Evidence) -> Citation:
        """The citation of one piece of evidence."""
        paper = self.papers[evidence.paper_id]
        return Citation(
            self.keys[paper.paper_id],
            paper.paper_id,
            paper.title,
            evidence.passage_id,
            evidence.start,
            evidence.end,
            evidence.quote,
        )

    def _item(self, claim: Claim, found: Sequence[Evidence]) -> Item:
        quotes = tuple(Quote(item.paper_id, item.start, item.end, item.quote) for item in found)
        papers = tuple(self.papers[paper_id] for paper_id in dict.fromkeys(item.paper_id for item in found))
        return Item(claim.text, papers, quotes)


def named(papers: Iterable[Paper], given: Mapping[str, str]) -> dict[str, str]:
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
