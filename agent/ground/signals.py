"""Everything the layers observe about one claim, and the same as numbers for the learned combination."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.ground.align import Aligned, neighbour
from agent.ground.bindings import Swap
from agent.ground.entail import Scores
from agent.ground.names import missing_names, sibling
from agent.ground.nearcopy import Edit, altered, copied
from agent.ground.numbers import Match, NumberFinding, match_quantities
from agent.ground.own import own_names, own_words
from agent.ground.polarity import Clash, Polarity, polarity
from agent.ground.reversal import Reversal, reversal
from agent.ground.roles import swap
from agent.ground.scope import overreach
from agent.ground.source import Line, Source
from agent.ground.words import content

__all__ = ["FEATURES", "Signals", "observe"]

_NEAR = 4
"""Lines, nearest first, that the layers read."""
_FIRM = {"claim": 0.57, "source": 0.57, "prefix": 0.5, "opposite": 0.5}
"""From what weight on a clash of polarity of each kind counts as found."""

_WORDED = 0.5
"""What share of the claim's words a line holds when polarity is read against it though another is nearer. The paper's own
names don't count: "It needs no training" speaks of its method as much as a line that names it."""

FEATURES = (
    "cosine", "overlap", "coverage", "faint", "names_missing", "name_exchanged", "numbers_conflict", "numbers_absent",
    "numbers_same", "reversed", "agreed", "swapped", "negated", "denied", "opposite", "polarity_agrees", "overreach", "altered",
    "entailed", "refuted", "entailed_figure", "refuted_figure",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signals:
    """What each layer found; empty fields found nothing wrong. `entailment` is None where nobody asked the model.

    `beside`: the neighbour of the nearest sentence that the claim speaks of too. `apart`: cosine of the nearest sentence
    to the claim without the paper's own name; None where it has no such name.
    """

    near: tuple[Aligned, ...]
    coverage: float
    missing: tuple[str, ...]
    exchanged: str
    numbers: tuple[NumberFinding, ...]
    over: str
    reversal: Reversal | None
    agreed: bool
    swap: Swap | None
    polarity: Polarity
    edit: Edit | None
    copied: bool
    beside: Line | None = None
    entailment: Scores | None = None
    apart: float | None = None

    @property
    def wrong_numbers(self) -> tuple[NumberFinding, ...]:
        """The claimed quantities that the source does not carry."""
        return tuple(n for n in self.numbers if n.match in (Match.CONFLICT, Match.ABSENT))

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The firm clashes of polarity, where they outnumber the words that agree."""
        firm = tuple(c for c in self.polarity.clashes if self._is_firm(c))
        return firm if len(firm) > self.polarity.agree else ()

    def _is_firm(self, clash: Clash) -> bool:
        return clash.weight >= _FIRM[clash.kind] and not (self.agreed and clash.kind == "opposite")

    def _entailed(self) -> tuple[float, float, float, float]:
        """What the model says, apart for claims with a figure: those it reads with the figure masked."""
        if self.entailment is None:
            return (0.0, 0.0, 0.0, 0.0)
        said = (_odds(self.entailment.entail), _odds(self.entailment.contradict))
        return (0.0, 0.0, *said) if self.numbers else (*said, 0.0, 0.0)

    @property
    def nearest(self) -> float:
        """The cosine of the line nearest in meaning; 0 where nothing was embedded."""
        return max(near.cosine for near in self.near)

    @property
    def nearness(self) -> float:
        """How near the best line is: cosine, and a little for shared words."""
        best = self.near[0]
        return (best.cosine or min(1.0, 0.35 + 0.6 * best.overlap)) + 0.4 * best.overlap

    def features(self) -> tuple[float, ...]:
        """The numbers named by FEATURES, each in [0, 1], what a model says in [-1, 1]."""
        best = self.near[0]
        cosine = best.cosine or min(1.0, 0.35 + 0.6 * best.overlap)
        wrong = self.wrong_numbers
        weights = {kind: max((c.weight for c in self.clashes if c.kind == kind), default=0.0) for kind in _FIRM}
        return (
            cosine,
            best.overlap,
            self.coverage,
            min(1.0, max(0.0, 0.6 - self.nearness) / 0.3),
            min(2, len(self.missing)) / 2,
            float(bool(self.exchanged)),
            float(any(n.match is Match.CONFLICT for n in wrong)),
            float(any(n.match is Match.ABSENT for n in wrong)),
            (len(self.numbers) - len(wrong)) / len(self.numbers) if self.numbers else 0.5,
            float(self.reversal is not None),
            float(self.agreed),
            float(self.swap is not None),
            max(weights["claim"], weights["prefix"]),
            weights["source"],
            weights["opposite"],
            min(2, self.polarity.agree) / 2,
            float(bool(self.over)),
            float(self.edit is not None),
            *self._entailed(),
        )


def _odds(chance: float) -> float:
    """The log odds of a probability, in [-1, 1]."""
    return max(-1.0, min(1.0, math.log((chance + 0.001) / (1.001 - chance)) / 5))


def observe(claim: str, source: Source, aligned: Sequence[Aligned]) -> Signals:
    """What every layer but the entailment model finds; `aligned` are the source's lines, nearest first."""
    near = tuple(aligned[:_NEAR])
    lines = [a.line for a in near]
    own = own_names(source.papers[0].abstract, source.papers[0].title)
    mine = own_words(claim, own)
    missing = missing_names(claim, source)
    edit = altered(claim, lines, source)
    faithful = edit is None and copied(claim, lines)
    turned, agreed = (None, True) if faithful else reversal(claim, lines, source)
    return Signals(
        near=near,
        coverage=_coverage(claim, source),
        missing=missing,
        exchanged=next((other for name in missing if (other := sibling(name, source, own))), ""),
        numbers=match_quantities(claim, source, lines),
        over="" if faithful else overreach(claim, lines, source.stems),
        reversal=turned,
        agreed=agreed,
        swap=None if faithful else swap(claim, lines, mine),
        polarity=Polarity((), 0) if faithful else _polarity(claim, aligned, lines, mine),
        edit=edit,
        copied=faithful,
        beside=neighbour(claim, source, near[0].line),
    )


def _polarity(claim: str, aligned: Sequence[Aligned], lines: Sequence[Line], own: frozenset[str]) -> Polarity:
    """Against the nearest line; where it finds nothing, against the line that shares most words, near or not."""
    found = polarity(claim, lines[0].text, [line.text for line in lines[1:]], own)
    if found.clashes or found.agree:
        return found
    said = {w.stem for w in content(claim) if w.lower not in own}

    def shared(one: Aligned) -> float:
        return len(said & one.line.stems) / len(said) if own and len(said) > 1 else one.overlap

    worded = max(aligned, key=lambda a: (shared(a), a.score))
    if worded.line is lines[0] or shared(worded) < _WORDED:
        return found
    return polarity(claim, worded.line.text, [line.text for line in lines if line is not worded.line], own)


def _coverage(claim: str, source: Source) -> float:
    """The share of the claim's content words that stand anywhere in the source."""
    said = content(claim)
    return sum(w.stem in source.stems for w in said) / len(said) if said else 1.0
