"""Pairs of papers that disagree on what a question compares, both quotes at hand.

Few and certain rather than many: the same subject in the same aspect, against the same baseline and under the same
condition, and then two values that cannot both be true, an order turned round, or something kept here and lost there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from agent.aspects import shows
from agent.checking import Checker
from agent.findings import findings
from agent.gather import evidence_of
from agent.names import label_of, name_pattern
from agent.stances import KEPT, LOST, Stance, stances
from agent.types import Contradiction, Evidence, Finding, Plan, QuestionKind
from agent.words import content_stems
from store.types import Paper, Sentence

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["contradictions"]

MOST = 4
"""Pairs shown,"""
POOL = 20
"""papers searched for all names together,"""
NAMES = 4
"""and names looked at, at most."""
EXACT, ROUGH = 0.1, 0.25
"""How far apart, as a share, two plain and two rough values may be and still agree."""
_INCOMPARABLE = frozenset(["", "dims", "params", "bit"])
"""Units of what is chosen, not measured."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A figure a sentence gives for a subject."""

    subject: str
    finding: Finding
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class _Said:
    """A stance a sentence takes."""

    stance: Stance
    sentence: Sentence


def contradictions(
    plan: Plan, evidence: Sequence[Evidence], checker: Checker, library: Library
) -> tuple[Contradiction, ...]:
    """The contradictions found, the most certain kind first; empty where the question compares nothing."""
    if plan.kind is not QuestionKind.COMPARISON:
        return ()
    papers = {item.paper_id: library.paper(item.paper_id) for item in evidence}
    names = _names(plan, papers.values())
    papers |= {paper.paper_id: paper for paper in _mentioning(names, plan, library)}
    values, said = _read(papers.values(), names, library)
    pairs = [*_values_apart(values), *_orders_turned(said), *_kept_and_lost(said)]
    asked = [aspect for aspect in plan.aspects if aspect.name != "approach"]
    kept = [p for p in pairs if not asked or any(a.name == p.aspect or shows(a, p.aspect) for a in asked)]
    return tuple(_cited(pair, checker, library) for pair in _one_each(kept)[:MOST])


@dataclass(frozen=True, slots=True)
class _Pair:
    subject: str
    aspect: str
    why: str
    first: Sentence
    second: Sentence


def _names(plan: Plan, papers: Iterable[Paper]) -> tuple[str, ...]:
    """What is compared: the subjects by name, else the works of the papers found."""
    named = [subject.name for subject in plan.subjects if subject.paper_ids]
    labels = [label for label in map(label_of, papers) if label]
    return tuple(dict.fromkeys(named or labels))[:NAMES]


def _mentioning(names: Sequence[str], plan: Plan, library: Library) -> Iterator[Paper]:
    """Further papers that speak of a name, by one search for all of them."""
    if not names:
        return
    words = " ".join((*names, *(aspect.name for aspect in plan.aspects)))
    patterns = [name_pattern(name) for name in names]
    for hit in library.search(words, POOL, plan.filters):
        if any(pattern.search(hit.paper.abstract) for pattern in patterns):
            yield hit.paper


def _read(papers: Iterable[Paper], names: Sequence[str], library: Library) -> tuple[list[_Value], list[_Said]]:
    folded = {name.casefold(): name for name in names}
    patterns = [name_pattern(name) for name in names]
    values: list[_Value] = []
    said: list[_Said] = []
    for paper in papers:
        label = label_of(paper) or ""
        own = folded.get(label.casefold())
        for sentence in library.sentences(paper.paper_id):
            if own is None and not any(pattern.search(sentence.text) for pattern in patterns):
                continue
            said += [_Said(stance, sentence) for stance in stances(sentence.text, names, own)]
            for finding in findings(paper, sentence):
                subject = folded.get((finding.subject or "").casefold())
                if subject is not None:
                    values.append(_Value(subject, finding, sentence))
    return values, said


def _values_apart(values: Sequence[_Value]) -> Iterator[_Pair]:
    for one, other in combinations(values, 2):
        if _comparable(one, other) and _apart(one.finding, other.finding):
            why = f"“{one.finding.quantity.text}” against “{other.finding.quantity.text}”"
            yield _Pair(one.subject, one.finding.aspect or "", why, one.sentence, other.sentence)


def _comparable(one: _Value, other: _Value) -> bool:
    """True for the same measure of the same subject, against the same and under the same, in two papers."""
    a, b = one.finding, other.finding
    return (
        one.subject == other.subject
        and a.paper_id != b.paper_id
        and a.aspect is not None
        and a.aspect == b.aspect
        and a.quantity.unit == b.quantity.unit
        and a.quantity.unit not in _INCOMPARABLE
        and a.quantity.direction == b.quantity.direction
        and _same_words(a.baseline, b.baseline)
        and (a.condition or "").casefold() == (b.condition or "").casefold()
        and (a.baseline is not None or a.condition is not None)
        and _measure(one) == _measure(other)
    )


def _same_words(one: str | None, other: str | None) -> bool:
    return set(content_stems(one or "")) == set(content_stems(other or ""))


def _measure(value: _Value) -> frozenset[str]:
    """Words of what is measured that stand by the figure: two scores of different metrics are no contradiction."""
    text, start = value.sentence.text, value.finding.start - value.sentence.start
    end = value.finding.end - value.sentence.start
    near = text[max(0, start - 30) : start] + " " + text[end : end + 30]
    return frozenset(stem for stem in content_stems(near) if stem in _METRICS)


_METRICS = frozenset(
    content_stems(
        "latency throughput training inference decoding generation prefill memory bandwidth accuracy perplexity "
        "BLEU FID F1 recall precision PSNR SSIM MOS WER error loss win success energy power storage communication "
        "parameters traffic kernel attention end"
    )
)  # fmt: skip


def _apart(one: Finding, other: Finding) -> bool:
    """True when no value is within both."""
    (a, b), (c, d) = _range(one), _range(other)
    return b < c or d < a


def _range(finding: Finding) -> tuple[float, float]:
    """What the figure leaves possible."""
    quantity = finding.quantity
    slack = ROUGH if quantity.comparator == "~" else EXACT
    low, high = quantity.low * (1 - slack), quantity.high * (1 + slack)
    if quantity.comparator in ("<", "<="):
        return 0.0, high
    return (low, float("inf")) if quantity.comparator in (">", ">=") else (low, high)


def _orders_turned(said: Sequence[_Said]) -> Iterator[_Pair]:
    orders = [s for s in said if s.stance.sign]
    for one, other in combinations(orders, 2):
        a, b = one.stance, other.stance
        turned = (a.subject, a.other) == (b.other, b.subject) and a.sign == b.sign
        opposed = (a.subject, a.other) == (b.subject, b.other) and a.sign != b.sign
        if (turned or opposed) and a.aspect == b.aspect and _may_meet(one, other):
            yield _Pair(
                f"{a.subject} and {a.other}", a.aspect, "each comes out ahead once", one.sentence, other.sentence
            )


def _kept_and_lost(said: Sequence[_Said]) -> Iterator[_Pair]:
    for one, other in combinations(said, 2):
        a, b = one.stance, other.stance
        if (
            {a.other, b.other} == {KEPT, LOST}
            and (a.subject, a.aspect) == (b.subject, b.aspect)
            and _may_meet(one, other)
        ):
            yield _Pair(a.subject, a.aspect, f"{a.other} in one, {b.other} in the other", one.sentence, other.sentence)


def _may_meet(one: _Said, other: _Said) -> bool:
    """True for two papers that do not speak of different conditions."""
    a, b = one.stance.conditions, other.stance.conditions
    return one.sentence.paper_id != other.sentence.paper_id and (a == b or not a or not b)


def _one_each(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The first pair of each two papers on a subject."""
    found: dict[tuple[str, frozenset[str]], _Pair] = {}
    for pair in pairs:
        found.setdefault((pair.subject, frozenset((pair.first.paper_id, pair.second.paper_id))), pair)
    return list(found.values())


def _cited(pair: _Pair, checker: Checker, library: Library) -> Contradiction:
    both = [evidence_of(s, 0.0, library, pair.subject, pair.aspect, "disagrees") for s in (pair.first, pair.second)]
    checker.lay(both)
    return Contradiction(pair.subject, pair.aspect, pair.why, checker.cite(both[0]), checker.cite(both[1]))
