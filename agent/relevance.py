"""How much a sentence tells about a question: likeness, shared rare words, figures, aspects, wording."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agent.aspects import shows, wants_figures
from agent.quantities import quantities
from agent.types import Aspect, Plan, QuestionKind
from agent.words import StemFinder, content_stems
from store.types import Paper, Sentence, Vectors

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Scorer", "rarity", "scorer", "turning_point"]

_FINDING = re.compile(
    r"\b(?:achiev\w*|outperform\w*|surpass\w*|reduc\w+|improv\w+|demonstrat\w+|results?|reach\w*|enabl\w+|up to|compared (?:to|with)|faster|speed-?ups?|"
    r"saves?|saving|gains?|lossless|without|guarantee\w*|attain\w*|deliver\w*|yield\w*|able to|can (?:train|run|generate|be|achieve|reduce))\b",
    re.I,
)
_OWN = re.compile(r"\b(?:we|our|this (?:paper|work|study|article)|us)\b", re.I)
_DENIAL = re.compile(
    r"\b(?:without|no|not|lossless|never|any|guarantee\w*|cannot|same|zero|free|none|fail(?:s|ed)?|negligible|even)\b",
    re.I,
)
_PROPOSAL = re.compile(r"\b(?:propos|introduc|present|develop|design)", re.I)
_BACKGROUND = re.compile(
    r"\b(?:have (?:recently )?(?:been|become|shown|emerged|achieved|gained|attracted)|has (?:recently )?(?:been|become|shown|emerged|gained)|is (?:a|an) (?:key|important|crucial|fundamental|challenging)|remains?|"
    r"however|despite|recent(?:ly)?|existing|previous works?|prior works?|often|typically|traditionally|conventional\w*|challeng\w+|suffers?|limit(?:s|ed|ing)|in recent years|"
    r"are (?:central|essential|widely|increasingly)|widely used|increasingly)\b",
    re.I,
)
_BARE = re.compile(
    r"https?://|\b(?:code|codes|models?|demos?|datasets?|weights?|project page|videos?|source)\b[^.]{0,60}\b(?:available|released?|found|public\w*|open[- ]sourced?)\b|github|project page",
    re.I,
)


_POINTS = re.compile(
    r"(?=(?:\S+\s+){1,24}\S*$).{0,60}\b(?:codes?|implementations?|project page|demos?|samples)\b.*(?:available|released?|open[- ]?sourced|found|https?:|github)",
    re.I,
)
_ASKS_CODE = re.compile(
    r"\b(?:code|repositor\w+|github|open[- ]?sourc\w+|available|availability|releas\w+|download\w*|url|link)\b", re.I
)


def rarity(finder: StemFinder, papers: Sequence[Paper]) -> dict[str, float]:
    """Inverse document frequency of each stem over `papers`, 0 to 1; 1 for a stem no paper has."""
    counts: Counter[str] = Counter()
    for paper in papers:
        counts.update(finder(f"{paper.title} {paper.abstract}"))
    top = math.log(1.0 + len(papers)) or 1.0
    return {stem: math.log((1.0 + len(papers)) / (1.0 + counts[stem])) / top for stem in sorted(finder.stems)}


def turning_point(sentences: Sequence[Sentence]) -> int:
    """Index of the sentence where an abstract turns from background to its own work; 0 when it never says so."""
    for sentence in sentences:
        if _OWN.search(sentence.text):
            return sentence.index
    return 0


POINTER = 3.0
"""What a sentence that only points to code loses, unless code is asked for; set, not fitted."""
PART = 0.3
"""What answering one part of a question is worth less than answering the whole of it."""
NEAR_BY = 40
"""Characters around a figure in which a word says what it measures."""


class Weights(NamedTuple):
    """What each feature of a sentence is worth, in units of the score."""

    likeness: float
    overlap: float
    aspect: float
    measured: float
    finding: float
    denial: float
    own: float
    proposal: float
    later: float
    length: float
    background: float
    before_turn: float
    bare: float


# Fitted by pairwise logistic regression on questions with known answer sentences, then rounded (docs/asking.md).
SURVEY = Weights(0.8, 2.4, 0.4, 1.5, 1.0, 0.2, 0.4, -0.1, 0.3, 0.1, -0.6, -1.2, -0.8)
ANSWER = Weights(2.0, 2.4, 0.5, 1.4, 0.8, 0.0, -0.3, -0.3, 0.6, 0.3, -0.4, -1.0, -0.5)
FACT = ANSWER._replace(denial=0.6)


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores sentences for one plan. `queries` are unit vectors of the plan's queries, whole question first."""

    plan: Plan
    queries: Vectors
    finder: StemFinder
    rarities: dict[str, float]
    parts: tuple[frozenset[str], ...]
    figures: bool
    weights: Weights

    def scores(self, sentences: Sequence[Sentence], vectors: Vectors) -> list[float]:
        """How well each sentence answers, higher is better; comparable over all papers for one plan."""
        likeness = vectors @ self.queries.T
        turn = turning_point(sentences)
        return [
            self._score(s, [float(v) for v in row], s.index < turn, len(sentences))
            for s, row in zip(sentences, likeness, strict=True)
        ]

    def _score(self, sentence: Sentence, likeness: Sequence[float], early: bool, count: int) -> float:
        text, w = sentence.text, self.weights
        own = _OWN.search(text) is not None
        aspects = [aspect for aspect in self.plan.aspects if aspect.name != "approach"]
        score = max(
            w.likeness * like + w.overlap * self._overlap(text, part) - (PART if place else 0.0)
            for place, (like, part) in enumerate(zip(likeness, self.parts, strict=True))
        )
        score += w.aspect * min(sum(shows(aspect, text) for aspect in aspects), 2)
        score += w.measured * (_measured(text, aspects) if self.figures else 0.0)
        score += w.finding * (_FINDING.search(text) is not None) + w.denial * (_DENIAL.search(text) is not None)
        score += w.own * own + w.proposal * (_PROPOSAL.search(text) is not None) + w.later * sentence.index / count
        score += w.length * min(len(text.split()), 45) / 30.0
        score += w.background * (not own and _BACKGROUND.search(text) is not None)
        score += w.before_turn * early + w.bare * (_BARE.search(text) is not None)
        return score - POINTER * (_POINTS.match(text) is not None and _ASKS_CODE.search(self.plan.question) is None)

    def topicality(self, sentences: Sequence[Sentence], vectors: Vectors) -> list[float]:
        """How near each sentence is to what is asked, whatever it reports."""
        likeness = vectors @ self.queries.T
        return [
            float(row[0] + 0.5 * max(row[1:], default=row[0]) + 0.5 * self.overlap(sentence.text))
            for sentence, row in zip(sentences, likeness, strict=True)
        ]

    def overlap(self, text: str) -> float:
        """Share of the question's words found in `text`, weighed by rarity, 0 to 1."""
        return self._overlap(text, self.parts[0])

    def _overlap(self, text: str, part: frozenset[str]) -> float:
        total = sum(self.rarities[stem] for stem in part)
        found = self.finder(text) & part
        return sum(self.rarities[stem] for stem in found) / total if total else 0.0


def _measured(text: str, aspects: Sequence[Aspect]) -> float:
    """1 for a figure on what is asked, 0.7 for another with its unit, 0.4 for a bare number, 0 for none."""
    found = [quantity for quantity in quantities(text) if quantity.unit != "dims"]
    united = [quantity for quantity in found if quantity.unit]
    if not united:
        return 0.4 if found else 0.0
    near = any(shows(a, text[max(0, q.start - NEAR_BY) : q.end + NEAR_BY]) for q in united for a in aspects)
    return 1.0 if near or not aspects else 0.7


def scorer(plan: Plan, library: Library, papers: Sequence[Paper]) -> Scorer:
    """The scorer for `plan`; `papers` give the rarity of its words."""
    parts = tuple(frozenset(content_stems(query)) for query in plan.queries)
    finder = StemFinder(frozenset().union(*parts))
    weights = SURVEY if plan.kind is QuestionKind.SURVEY else ANSWER if plan.kind is QuestionKind.COMPARISON else FACT
    rarities = rarity(finder, papers)
    return Scorer(
        plan, library.embed(list(plan.queries)), finder, rarities, parts, wants_figures(plan.question), weights
    )
