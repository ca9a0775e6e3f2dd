"""What one draft gets right: its papers, how it groups them, whether sentences repeat or went unchecked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import comb

from agent.types import CheckedSentence, Label, Outcome
from evals.statistics import Counts
from store.text import fold

__all__ = ["adjusted_rand", "checked", "duplicates", "uncited_papers"]

_NEAR = 0.9
"""Two sentences count as one when they share this much of their words (Jaccard)."""


def adjusted_rand(ours: Mapping[str, str], theirs: Mapping[str, str]) -> float | None:
    """Agreement of two groupings over the papers both have, corrected for chance: 1 the same, about 0 random.

    The adjusted Rand index (Hubert and Arabie, Comparing partitions, 1985). None for fewer than two shared papers. Two
    groupings that both leave everything together, or everything apart, agree: 1.
    """
    shared = sorted(ours.keys() & theirs.keys())
    if len(shared) < 2:
        return None
    together = sum(comb(n, 2) for n in Counter((ours[p], theirs[p]) for p in shared).values())
    in_ours = sum(comb(n, 2) for n in Counter(ours[p] for p in shared).values())
    in_theirs = sum(comb(n, 2) for n in Counter(theirs[p] for p in shared).values())
    expected = in_ours * in_theirs / comb(len(shared), 2)
    most = (in_ours + in_theirs) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def checked(sentences: Sequence[CheckedSentence]) -> Counts:
    """Sentences on which some check ran and none failed to run, of all sentences."""
    ran = sum(
        s.verdict.label is not Label.CHECK_FAILED and any(c.outcome is not Outcome.SKIP for c in s.verdict.checks)
        for s in sentences
    )
    return (float(ran), float(len(sentences)))


def duplicates(sentences: Sequence[CheckedSentence]) -> Counts:
    """Sentences that repeat an earlier one (nine tenths of the words in common), of all sentences."""
    seen: list[frozenset[str]] = []
    repeated = 0
    for sentence in sentences:
        words = frozenset(fold(sentence.text).split())
        repeated += any(_alike(words, earlier) for earlier in seen)
        seen.append(words)
    return (float(repeated), float(len(sentences)))


def uncited_papers(included: Sequence[str], sentences: Sequence[CheckedSentence]) -> Counts:
    """Papers that the draft includes and no sentence cites, of all it includes."""
    cited = {c.paper_id for s in sentences for c in s.citations}
    papers = set(included)
    return (float(len(papers - cited)), float(len(papers)))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one or other) and len(one & other) >= _NEAR * len(one | other)
