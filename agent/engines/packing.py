"""Evidence packed into a prompt: short ids a model can cite, best quotes first where room is short.

Quotes are fenced as data, and shown without what a reader cannot see, so that no hidden character instructs a model.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.errors import ContextTooLong
from agent.types import Evidence
from prompts import fence
from store import tokens
from store.types import Paper

__all__ = ["Pack", "Shelf", "visible"]


@dataclass(frozen=True, slots=True)
class Pack:
    """Quotes as a prompt shows them, and how many did not fit."""

    text: str
    left_out: int


class Shelf:
    """Gives evidence short ids (E1, E2, ...) that stay the same for one question, and knows them again."""

    def __init__(self) -> None:
        self._short: dict[str, str] = {}
        self._full: dict[str, str] = {}

    def short(self, evidence_id: str) -> str:
        """The short id of a piece of evidence."""
        if evidence_id not in self._short:
            self._short[evidence_id] = f"E{len(self._short) + 1}"
            self._full[self._short[evidence_id]] = evidence_id
        return self._short[evidence_id]

    def full(self, cited: str) -> str:
        """The evidence id behind what a model cites; what is no short id stays as it is, and resolves to nothing."""
        cited = cited.strip().strip("[]")
        return self._full.get(cited, cited)

    def known(self, evidence_id: str) -> str:
        """The short id of what was shown; anything else as it is."""
        return self._short.get(evidence_id, evidence_id)

    def pack(
        self, evidence: Sequence[Evidence], papers: Mapping[str, Paper], room: int, first: Sequence[str] = ()
    ) -> Pack:
        """As much of `evidence` as fits `room` tokens, in its order; the ids in `first` are taken before others.

        Raises ContextTooLong where not one quote fits.
        """
        left = room
        taken: set[str] = set()
        for item in sorted(_best_first(evidence), key=lambda e: e.evidence_id not in first):
            cost = tokens.count(self._shown(item, papers)) + 2
            if cost <= left:
                left -= cost
                taken.add(item.evidence_id)
        if evidence and not taken:
            raise ContextTooLong(
                f"the model's context window has no room for a single quote ({max(room, 0)} tokens are left of it); "
                "plumbline config set context-tokens, or choose a model with a larger one"
            )
        chosen = [item for item in evidence if item.evidence_id in taken]
        return Pack("\n\n".join(self._shown(item, papers) for item in chosen), len(evidence) - len(chosen))

    def _shown(self, item: Evidence, papers: Mapping[str, Paper]) -> str:
        paper = papers[item.paper_id]
        year = f" ({paper.year})" if paper.year else ""
        return fence(self.short(item.evidence_id), f"paper: {visible(paper.title)}{year}\nquote: {visible(item.quote)}")


def visible(text: str) -> str:
    """`text` on one line, without control, format, private and unassigned characters and variation selectors."""
    kept = (" " if c in "\n\r\t" else c for c in text if c in "\n\r\t" or not _hidden(c))
    return "".join(kept)


def _hidden(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _best_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best quote of every paper, in the order of the papers; then the others, best first."""
    best: dict[str, Evidence] = {}
    for item in evidence:
        if item.paper_id not in best or item.score > best[item.paper_id].score:
            best[item.paper_id] = item
    rest = [item for item in evidence if item is not best[item.paper_id]]
    return [*best.values(), *sorted(rest, key=lambda item: (-item.score, item.evidence_id))]
