"""Does the claim affirm what the source denies, or deny what it affirms?

Every word of a sentence has a polarity: the parity of the negations it stands under ("cannot be
used without profiling": profiling stands under two, so it is affirmed), turned once more by a
prefix ("inefficient") and once more where the other text uses the opposite word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.ground.opposites import opposites_of, signed_stem
from agent.ground.words import Word, words

__all__ = ["Clash", "Signed", "clashes", "signed"]

_IDIOM = re.compile(
    r"\b(?:not only|no (?:more|less|fewer|later|longer|sooner|worse|lower|higher) than|not? (?:\w+ )?(?:more|less|fewer|longer) than|no longer|whether or not|not to mention|"
    r"not necessarily|no matter|nothing (?:but|short of)|if not|none other|not just|not merely|and no more|without (?:much|any)? ?(?:doubt|loss of generality))\b",
    re.I,
)
_WIDE = re.compile(
    r"\b(?:not|never|cannot|nobody|none(?: of)?|neither|nor|no one|nothing|hardly|barely|rarely|seldom|fails? to|failed to|failing to|unable to|"
    r"(?:is|are|was|were|be) (?:impossible|infeasible) to|falls? short of|fell short of|far from|instead of|rather than|unlike|stops?|ceases? to|refrains? from|unlikely to)\b|\b\w+n['’]t\b",
    re.I,
)
_NARROW = re.compile(
    r"\b(?:no|without|lacks?|lacking|lack of|free (?:of|from)|absence of|absent|devoid of|avoid(?:s|ed|ing)?|eliminat(?:e|es|ed|ing)|obviat(?:e|es|ing)|bypass(?:es|ing)?|"
    r"dispens(?:e|es|ed|ing) with|remov(?:e|es|ed|ing) the need|do(?:es)? away with|zero|little|negligible|prevent(?:s|ed|ing)?|omit(?:s|ted|ting)?|skip(?:s|ped|ping)?)\b|\bnon(?=-)",
    re.I,
)
_BACKWARD = re.compile(r"\b(?:(?:is|are|was|were|be|deemed|considered) (?:\w+ )?(?:unnecessary|superfluous|redundant|dispensable|impossible|infeasible|lacking|missing|absent|optional|avoided|eliminated|not needed))\b", re.I)
_FREE = re.compile(r"\b([A-Za-z]+)[-‑](?:free|less)\b", re.I)
_END_WIDE = re.compile(r"[;:.]|,|\b(?:but|because|since|while|whereas|although|though|which|who|so that|and (?:is|are|it|they|can|does|has|thus|hence|therefore|then)|as (?:it|they|the)|when|if)\b", re.I)
_END_NARROW = re.compile(r"[;:.()]|,(?!\s(?:\w+[-\w]*\s){0,3}(?:or|nor|and)\b)|\b(?:but|because|since|while|whereas|when|if|and (?:is|are|it|can|with|a|the)|by|as|than|who|which|that|to (?:achieve|obtain|get))\b", re.I)


@dataclass(frozen=True, slots=True)
class Signed:
    """A content word with the number of negations above it and its own sign (-1 for "unstable")."""

    word: Word
    stem: str
    depth: int
    sign: int

    @property
    def affirmed(self) -> bool:
        """True when the negations above the word, and its own prefix, cancel out."""
        return (self.depth + (self.sign < 0)) % 2 == 0


@dataclass(frozen=True, slots=True)
class Clash:
    """A word of the claim that the source uses the other way round."""

    claimed: str
    stated: str
    opposite: bool


@lru_cache(maxsize=8192)
def signed(text: str) -> tuple[Signed, ...]:
    """The content words of `text`, each with the negations it stands under."""
    scopes = _scopes(text)
    found = []
    for word in words(text):
        if not word.is_content:
            continue
        stemmed, sign = signed_stem(word.lower)
        depth = sum(1 for start, end in scopes if start <= word.start < end)
        found.append(Signed(word, stemmed, depth, sign))
    return tuple(found)


def _scopes(text: str) -> list[tuple[int, int]]:
    idle = [m.span() for m in _IDIOM.finditer(text)]
    scopes: list[tuple[int, int]] = []
    for pattern, end, reach in ((_WIDE, _END_WIDE, 6), (_NARROW, _END_NARROW, 4)):
        for match in pattern.finditer(text):
            if any(a <= match.start() < b for a, b in idle):
                continue
            stop = end.search(text, match.end())
            scopes.append((match.end(), _reach(text, match.end(), stop.start() if stop else len(text), reach)))
    for match in _BACKWARD.finditer(text):
        begin = max([m.end() for m in re.finditer(r"[;:,.]|\b(?:that|while|and|but)\b", text[: match.start()])], default=0)
        before = [w.start for w in words(text) if w.is_content and begin <= w.start < match.start()]
        scopes.append((before[-3] if len(before) > 3 else begin, match.start()))
    scopes += [match.span(1) for match in _FREE.finditer(text)]
    return scopes


def _reach(text: str, start: int, stop: int, most: int) -> int:
    """Where a negation's reach ends: at `stop`, or after `most` content words."""
    under = [w.end for w in words(text) if w.is_content and start <= w.start < stop]
    return under[most - 1] if len(under) > most else stop


def clashes(claim: str, lines: Sequence[str], ignore: frozenset[str] = frozenset()) -> tuple[tuple[Clash, ...], int]:
    """The words on which claim and lines clash, and how many negated or opposite words agree.

    A word counts when it stands under a negation, a prefix or an opposite on one side, and when
    neither side has it both ways. `ignore` are folded words that carry no predicate (names).
    """
    theirs: dict[str, list[Signed]] = {}
    for line in lines:
        for s in signed(line):
            theirs.setdefault(s.stem, []).append(s)
    said: dict[str, set[bool]] = {}
    for s in signed(claim):
        said.setdefault(s.stem, set()).add(s.affirmed)
    clash: list[Clash] = []
    agree = 0
    for ours in signed(claim):
        if ours.word.lower in ignore or ours.word.lower[0].isdigit() or len(said[ours.stem]) > 1:
            continue
        same = theirs.get(ours.stem, [])
        if same:
            if any(o.affirmed == ours.affirmed for o in same):
                agree += bool(ours.depth or ours.sign < 0)
            else:
                clash.append(Clash(ours.word.text, same[0].word.text, False))
            continue
        others = [o for stem in sorted(opposites_of(ours.stem)) for o in theirs.get(stem, [])]
        if others:
            if any(o.affirmed != ours.affirmed for o in others):
                agree += 1
            else:
                clash.append(Clash(ours.word.text, others[0].word.text, True))
    return tuple(clash), agree
