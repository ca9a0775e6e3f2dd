"""What a theme is called: the phrases its papers share and other papers of the review don't.

A candidate stands in the title of at least one of the theme's papers. Its worth: how many of the papers carry
it (titles count double), how few others do, how near its vector is to the theme rather than to the
whole review, and that it is a name of more than one word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agent.draft.phrases import Lexicon, phrases_of, title_phrases
from agent.words import content_stems
from store.types import Paper

__all__ = ["headings"]

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
_SHORTLIST = 12
_OWN = 3
"""Phrases taken from each paper's own title, for groups whose papers share none."""
_PHRASES = 3
_COINED = 0.6
"""Worth of a phrase that no other paper of the library has, against one that is in use."""
_LEAST_NAMING = 0.35
_DESCRIBES = re.compile(
    r"-(?:based|free|aware|driven|level|efficient|quality|specific|oriented|agnostic|wise|time)$|ly$", re.I
)
_ENOUGH = 0.7
"""Share of a theme's papers that one phrase must carry to name it alone."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """A paper's phrases: stems -> 2 where in the title, else 1; and how each is written."""

    weight: dict[tuple[str, ...], float]
    surface: dict[tuple[str, ...], Counter[str]]


@dataclass(frozen=True, slots=True)
class _Candidate:
    stems: tuple[str, ...]
    text: str
    worth: float
    rows: frozenset[int]


def headings(
    papers: Sequence[Paper], groups: Sequence[Sequence[int]], topic: str, embed: Embed, lexicon: Lexicon
) -> tuple[str, ...]:
    """One heading a group, all different; the topic itself where there is one group."""
    if len(groups) == 1:
        return (_capital(topic),)
    terms = [_terms(paper) for paper in papers]
    common = frozenset(content_stems(topic))
    shortlists = [_candidates(group, terms, common, lexicon) for group in groups]
    texts = sorted({candidate.text for shortlist in shortlists for candidate in shortlist})
    vectors = dict(zip(texts, embed(texts), strict=True)) if texts else {}
    titles = embed([paper.title for paper in papers])
    named: list[str] = []
    taken: set[str] = set()
    for group, shortlist in zip(groups, shortlists, strict=True):
        ranked = _by_likeness(shortlist, group, titles, vectors)
        fresh = [candidate for candidate in ranked if candidate.text not in taken]
        chosen = _choose(fresh, len(group))
        taken.update(candidate.text for candidate in chosen)
        named.append(_joined([candidate.text for candidate in chosen], named))
    return tuple(named)


def _terms(paper: Paper) -> _Terms:
    weight: dict[tuple[str, ...], float] = {}
    surface: dict[tuple[str, ...], Counter[str]] = {}
    for value, found in ((2.0, title_phrases(paper.title)), (1.0, phrases_of(paper.abstract))):
        for phrase in found:
            weight[phrase.stems] = max(weight.get(phrase.stems, 0.0), value)
            surface.setdefault(phrase.stems, Counter())[phrase.surface] += 1
    return _Terms(weight, surface)


def _candidates(
    group: Sequence[int], terms: Sequence[_Terms], common: frozenset[str], lexicon: Lexicon
) -> list[_Candidate]:
    """The group's best phrases by share and by rarity outside it: those of several papers, and each paper's own."""
    outside = [row for row in range(len(terms)) if row not in set(group)]
    found: list[_Candidate] = []
    for stems in sorted({stems for row in group for stems, value in terms[row].weight.items() if value > 1.0}):
        candidate = _weighed(stems, group, outside, terms, lexicon)
        if candidate is not None and not set(stems) <= common:
            found.append(candidate)
    found.sort(key=lambda c: (-c.worth, c.text))
    shared = [candidate for candidate in found if len(candidate.rows) > 1][:_SHORTLIST]
    own = [c for row in group for c in [c for c in found if c.rows == {row}][:_OWN]]
    return shared + own


def _weighed(
    stems: tuple[str, ...], group: Sequence[int], outside: Sequence[int], terms: Sequence[_Terms], lexicon: Lexicon
) -> _Candidate | None:
    """The phrase with its worth; None where it does not name anything."""
    rows = frozenset(row for row in group if stems in terms[row].weight)
    spelled = sum((terms[row].surface[stems] for row in sorted(rows)), Counter[str]())
    text = lexicon.spelled(max(sorted(spelled), key=lambda form: spelled[form]).split())
    last = text.split()[-1]
    naming = lexicon.names(last)
    titled = sum(terms[row].weight[stems] > 1.0 for row in rows)
    if (
        len(text) < 4
        or lexicon.everyday(stems)
        or naming < _LEAST_NAMING
        or _DESCRIBES.search(last)
        or (len(stems) == 1 and titled < 2)
    ):
        return None
    share = sum(terms[row].weight[stems] for row in rows) / (2.0 * len(group))
    inside = len(rows) / len(group)
    elsewhere = (sum(stems in terms[row].weight for row in outside) + 0.5) / (len(outside) + 1.0)
    rare = math.log((inside + 0.05) / (elsewhere + 0.05))
    if rare <= 0.0:
        return None
    worth = (0.6 * inside + 1.4 * share) * rare * (1.0 + 0.3 * min(len(stems) - 1, 2)) * naming**0.5
    return _Candidate(stems, text, round(worth * (1.0 if lexicon.known(stems) > 1 else _COINED), 6), rows)


def _by_likeness(
    shortlist: Sequence[_Candidate],
    group: Sequence[int],
    titles: npt.NDArray[np.float32],
    vectors: dict[str, npt.NDArray[np.float32]],
) -> list[_Candidate]:
    """The shortlist by worth times how much nearer the phrase is to its papers' titles than to all."""
    ranked = []
    for candidate in shortlist:
        likeness = titles @ vectors[candidate.text]
        rows = list(group) if len(candidate.rows) > 1 else sorted(candidate.rows)
        nearer = float(2.0 * likeness[rows].mean() - likeness.mean())
        worth = candidate.worth * max(nearer, 0.01)
        ranked.append(_Candidate(candidate.stems, candidate.text, round(worth, 5), candidate.rows))
    return sorted(ranked, key=lambda c: (-c.worth, c.text))


def _choose(ranked: Sequence[_Candidate], size: int) -> list[_Candidate]:
    """Up to three phrases that together name most of the group's papers."""
    chosen: list[_Candidate] = []
    covered: frozenset[int] = frozenset()
    while len(chosen) < _PHRASES and len(covered) < _ENOUGH * size:
        fresh = [c for c in ranked if c.rows - covered and not _overlaps(c, chosen)]
        if not fresh:
            break
        chosen.append(max(fresh, key=lambda c: (c.worth * len(c.rows - covered), c.text)))
        covered |= chosen[-1].rows
    return chosen


def _joined(texts: Sequence[str], named: Sequence[str]) -> str:
    """The phrases as one heading, unlike those before it."""
    if not texts:
        others = sum(name.startswith("Further work") for name in named)
        return f"Further work ({others + 1})" if others else "Further work"
    return _capital(texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " and " + texts[-1])


def _overlaps(candidate: _Candidate, chosen: Sequence[_Candidate]) -> bool:
    """True when half of the phrase's words have been said."""
    said = {stem for other in chosen for stem in other.stems}
    return 2 * len(set(candidate.stems) & said) >= len(set(candidate.stems))


def _capital(text: str) -> str:
    return text if any(c.isupper() for c in text.split(" ", 1)[0]) else text[:1].upper() + text[1:]
