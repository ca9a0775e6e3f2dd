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

__all__ = ["Clash", "Polarity", "Signed", "polarity", "signed"]

_IDIOM = re.compile(
    r"\b(?:not only|no (?:more|less|fewer|later|longer|sooner|worse|lower|higher) than|not? (?:\w+ )?(?:more|less|fewer|longer) than|no longer|whether or not|not to mention|"
    r"not necessarily|no matter|nothing (?:but|short of)|if not|none other|not just|not merely|and no more|without (?:much|any)? ?(?:doubt|loss of generality))\b",
    re.I,
)
_WIDE = re.compile(
    r"\b(?:not|never|cannot|nobody|none(?: of)?|neither|nor|no one|nothing|hardly|barely|rarely|seldom|fails? to|failed to|failing to|unable to|"
    r"(?:is|are|was|were|be) (?:impossible|infeasible) to|falls? short of|fell short of|far from|stops?|ceases? to|refrains? from|unlikely to)\b|\b\w+n['’]t\b",
    re.I,
)
_SOFT = re.compile(
    r"\b(?:instead of|rather than|unlike|as opposed to|avoid(?:s|ed|ing)?|eliminat(?:e|es|ed|ing)|prevent(?:s|ed|ing)?|omit(?:s|ted|ting)?|skip(?:s|ped|ping)?|bypass(?:es|ing)?|little)\b",
    re.I,
)
_NARROW = re.compile(
    r"\b(?:no|without|lacks?|lacking|lack of|free (?:of|from)|absence of|absent|devoid of|obviat(?:e|es|ing)|"
    r"dispens(?:e|es|ed|ing) with|remov(?:e|es|ed|ing) the need|do(?:es)? away with|zero(?![-‑])|negligible)\b|\bnon(?=-)",
    re.I,
)
_NEED = re.compile(
    r"\b(?:can(?:not|['’]t| not) (?:\w+ ){0,2}without|need(?:s|ed|ing)?|requir(?:e|es|ed|ing)|rel(?:y|ies|ied|ying) on|depend(?:s|ed|ing)? on|uses?|using|must have|assum(?:e|es|ing)|demand(?:s|ing)?)\s",
    re.I,
)
_BACKWARD = re.compile(
    r"\b(?:(?:is|are|was|were|be|deemed|considered) (?:\w+ )?(?:unnecessary|superfluous|redundant|dispensable|impossible|infeasible|lacking|missing|absent|optional|avoided|eliminated|not needed))\b",
    re.I,
)
_FREE = re.compile(r"\b([A-Za-z]+)[-‑](?:free|less)\b", re.I)
_COORDINATE = re.compile(r"[^,;.:]*?\b\w+ing\b[^,;.:]*?\b(?:and|or|nor)\s(?=\w+ing\b)", re.I)
"""From a negation to a second gerund under it: "avoids handling A and using B"."""
_END_WIDE = re.compile(
    r"[;:.]|,|\b(?:but|because|since|while|whereas|although|though|which|who|so that|and (?:is|are|it|they|can|does|has|thus|hence|therefore|then)|as (?:it|they|the)|when|if)\b",
    re.I,
)
_END_NARROW = re.compile(
    r"[;:.()]|,(?!\s(?:\w+[-\w]*\s){0,3}(?:or|nor|and)\b)|\b(?:but|because|since|while|whereas|when|if|and (?:is|are|it|can|with|a|the)|(?:to )?how|by|as|than|who|which|that|to (?:achieve|obtain|get))\b",
    re.I,
)


_KINDRED = 0.5
"""What share of the best line's words another line has when it may speak for the claim."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A content word with the negations above it and its own sign (-1 for "unstable").

    `place` counts from the innermost negation (1 is the word right after it; 0 when there is none);
    `soft` is True when only words such as "instead of" or "avoids" stand above it.
    """

    word: Word
    stem: str
    depth: int
    sign: int
    place: int = 0
    soft: bool = False

    @property
    def affirmed(self) -> bool:
        """True when the negations above the word, and its own prefix, cancel out."""
        return (self.depth + (self.sign < 0)) % 2 == 0


@dataclass(frozen=True, slots=True)
class Clash:
    """A word of the claim that the source uses the other way round. `kind` says who negates: claim, source, or opposite."""

    claimed: str
    stated: str
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class Polarity:
    """What the comparison of two polarities found: the clashes, and how many negated or opposite words agree."""

    clashes: tuple[Clash, ...]
    agree: int

    def weight(self, kind: str) -> float:
        """The weight of the strongest clash of a kind."""
        return max((c.weight for c in self.clashes if c.kind == kind), default=0.0)


@dataclass(frozen=True, slots=True)
class _Scope:
    start: int
    end: int
    soft: bool


@lru_cache(maxsize=8192)
def signed(text: str) -> tuple[Signed, ...]:
    """The content words of `text`, each with the negations it stands under."""
    scopes = _scopes(text)
    found = []
    said = [w for w in words(text) if w.is_content]
    for index, word in enumerate(said):
        stemmed, sign = signed_stem(word.lower)
        above = [s for s in scopes if s.start <= word.start < s.end]
        place = min((sum(1 for w in said[: index + 1] if w.start >= s.start) for s in above), default=0)
        found.append(Signed(word, stemmed, len(above), sign, place, bool(above) and all(s.soft for s in above)))
    return tuple(found)


def _scopes(text: str) -> list[_Scope]:
    idle = [m.span() for m in _IDIOM.finditer(text)]
    scopes: list[_Scope] = []
    for pattern, end, reach in ((_WIDE, _END_WIDE, 6), (_NARROW, _END_NARROW, 4), (_SOFT, _END_NARROW, 3)):
        for match in pattern.finditer(text):
            if any(a <= match.start() < b for a, b in idle):
                continue
            stop = end.search(text, match.end())
            limit = _reach(text, match.end(), stop.start() if stop else len(text), reach)
            scopes.append(_Scope(match.end(), limit, pattern is _SOFT))
            more = _COORDINATE.match(text, match.end()) if pattern is not _WIDE else None
            if more is not None and more.end() > limit:
                scopes.append(_Scope(more.end(), _reach(text, more.end(), len(text), reach), pattern is _SOFT))
    for match in _BACKWARD.finditer(text):
        begin = max(
            [m.end() for m in re.finditer(r"[;:,.]|\b(?:that|while|and|but)\b", text[: match.start()])], default=0
        )
        before = [w.start for w in words(text) if w.is_content and begin <= w.start < match.start()]
        scopes.append(_Scope(before[-3] if len(before) > 3 else begin, match.start(), False))
    scopes += [_Scope(*match.span(1), False) for match in _FREE.finditer(text)]
    return scopes


def _reach(text: str, start: int, stop: int, most: int) -> int:
    """Where a negation's reach ends: at `stop`, or after `most` content words."""
    under = [w.end for w in words(text) if w.is_content and start <= w.start < stop]
    return under[most - 1] if len(under) > most else stop


def polarity(claim: str, best: str, others: Sequence[str] = (), ignore: frozenset[str] = frozenset()) -> Polarity:
    """How the claim's polarity stands to that of its best line; `others` are further lines that may agree with it.

    A word counts when it stands under a negation, a prefix or an opposite on one side and when
    neither side has it both ways. `ignore` are folded words that carry no predicate (names).
    """
    ours, theirs = signed(claim), signed(_clause(claim, best))
    index: dict[str, list[int]] = {}
    for place, s in enumerate(theirs):
        index.setdefault(s.stem, []).append(place)
    elsewhere: dict[str, set[bool]] = {}
    mine = {o.stem for o in ours}
    least = _KINDRED * len(mine & index.keys())
    for line in others:
        spoken = signed(line)
        kindred = len(mine & {s.stem for s in spoken}) >= least
        for s in spoken:
            if s.affirmed or kindred:
                elsewhere.setdefault(s.stem, set()).add(s.affirmed)
    said: dict[str, set[bool]] = {}
    for s in ours:
        said.setdefault(s.stem, set()).add(s.affirmed)
    needs = [(m.end(), _reach(claim, m.end(), len(claim), 3)) for m in _NEED.finditer(claim)]
    clashes: list[Clash] = []
    agree = 0
    for place, our in enumerate(ours):
        if (
            our.word.lower in ignore
            or not our.word.lower.isalpha()
            or len(said[our.stem]) > 1
            or _is_name(our.word.text)
        ):
            continue
        same = [theirs[i] for i in index.get(our.stem, [])]
        if same:
            if any(o.affirmed == our.affirmed for o in same):
                agree += bool(our.depth % 2 or our.sign < 0)
                continue
            needed = our.affirmed and any(a <= our.word.start < b for a, b in needs)
            if needed or our.affirmed not in elsewhere.get(our.stem, set()):
                clashes.append(_clash(our, same[0], needed=needed))
            continue
        if our.stem in elsewhere:
            continue
        turned = [i for stem in sorted(opposites_of(our.stem)) for i in index.get(stem, [])]
        if turned:
            if any(theirs[i].affirmed != our.affirmed for i in turned):
                agree += 1
            elif opposites_of(our.stem) & said.keys():
                continue
            else:
                near = max(_context(ours, place, theirs, i) for i in turned)
                clashes.append(Clash(our.word.text, theirs[turned[0]].word.text, "opposite", near))
    return Polarity(tuple(clashes), agree)


_CLAUSES = re.compile(
    r";\s|,\s(?:while|whereas|although|though|but|yet)\s|\s(?:while|whereas)\s|(?<=\w),\s(?=\w+ \w+ \w+)"
)


def _clause(claim: str, line: str) -> str:
    """The clause of a contrasting line that the claim speaks of; the whole line where no single clause does."""
    if not re.search(r"\b(?:while|whereas|although|though|but|yet)\b|;", line, re.I):
        return line
    said = {s.stem for s in signed(claim)}
    clauses = [c for c in _CLAUSES.split(line) if c.strip()]
    shared = [len(said & {s.stem for s in signed(c)}) for c in clauses]
    whole = len(said & {s.stem for s in signed(line)})
    best = max(range(len(clauses)), key=lambda i: (shared[i], -i))
    return clauses[best] if shared[best] >= 3 and shared[best] >= 0.8 * whole else line


def _is_name(text: str) -> bool:
    return any(c.isupper() for c in text[1:])


def _clash(our: Signed, their: Signed, *, needed: bool) -> Clash:
    """Weighted by how near the word is to the negation that turns it; soft negations and prefixes weigh half.

    What the claim says is needed and the source avoids weighs in full.
    """
    turned = our if our.depth % 2 else their if their.depth % 2 else None
    kind = "claim" if our.depth % 2 or our.depth > 1 else "source" if their.depth % 2 else "prefix"
    if turned is None or not turned.place:
        return Clash(our.word.text, their.word.text, kind, 0.5)
    weight = 1.0 if needed else 1.0 / turned.place**0.5
    if needed:
        return Clash(our.word.text, their.word.text, kind, weight)
    return Clash(our.word.text, their.word.text, kind, 0.7 * weight if turned.soft else weight)


def _context(ours: Sequence[Signed], i: int, theirs: Sequence[Signed], j: int) -> float:
    """The share of the claim word's neighbours that stand near the opposite word too."""
    mine = {ours[k].stem for k in range(max(0, i - 3), min(len(ours), i + 4)) if k != i}
    other = {theirs[k].stem for k in range(max(0, j - 3), min(len(theirs), j + 4)) if k != j}
    return min(1.0, len(mine & other) / 2)
