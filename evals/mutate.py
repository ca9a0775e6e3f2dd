"""Mutants of true sentences: claims known to be false because one thing in a true one was changed.

From any library: for each class, sentences are tried in an order drawn by seed until enough mutants are made, and only
those that truly differ are kept. Beside them stand untouched sentences and harmless rewrites, which a check must
accept. The same library and seed give the same mutants.

Classes: number, unit, direction, name, swap (winner and loser), negation, scope (one edit each, `evals.edits`);
citation (a true sentence under another paper); merged (the beginning of one paper's sentence with the end of another's,
both cited). Accepted ones: verbatim, rewritten, joined (one whole sentence of each of two papers, both cited).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random

from evals.edits import EDITS, REWRITES, Material, names_in
from store.text import fold
from store.types import Paper, Sentence

__all__ = ["FALSE_CLASSES", "TRUE_CLASSES", "Mutant", "Text", "mutants"]

FALSE_CLASSES = (*EDITS, "citation", "merged")
TRUE_CLASSES = ("verbatim", *REWRITES, "joined")
_MIN_WORDS, _MAX_WORDS = 8, 60
_TRIES = 40
"""How many other sentences a class that needs a second paper looks at."""
_FOREIGN = 0.5
"""A sentence is about its own paper when another paper lacks at least this share of its longer words."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paper and its sentences."""

    paper: Paper
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A claim made from `original`, citing `paper_ids`; true only for the classes of TRUE_CLASSES."""

    mutant_id: str
    kind: str
    claim: str
    original: str
    paper_ids: tuple[str, ...]

    @property
    def true(self) -> bool:
        """True when the claim still says what its paper says."""
        return self.kind in TRUE_CLASSES


def mutants(texts: Sequence[Text], per_class: int, seed: int) -> tuple[Mutant, ...]:
    """Up to `per_class` of each class, fewer where the library offers no more; class by class, then by place."""
    maker = _Maker(texts, seed)
    return tuple(m for kind in (*TRUE_CLASSES, *FALSE_CLASSES) for m in _first(maker, kind, per_class))


def _first(maker: _Maker, kind: str, count: int) -> list[Mutant]:
    made = (maker.make(kind, text, sentence) for text, sentence in maker.order(kind))
    return sorted(islice((m for m in made if m is not None), count), key=lambda m: m.mutant_id)


class _Maker:
    """Makes a mutant of one class from one sentence; what it draws depends on seed, sentence and class alone."""

    def __init__(self, texts: Sequence[Text], seed: int) -> None:
        ordered = sorted(texts, key=lambda text: text.paper.paper_id)
        self._usable = [(text, s) for text in ordered for s in text.sentences if _usable(s.text)]
        self._names = _names(ordered)
        self._seed = seed

    def order(self, kind: str) -> list[tuple[Text, Sentence]]:
        """Every usable sentence, in the order in which this class tries them."""
        return self._random("order", kind).sample(self._usable, len(self._usable))

    def make(self, kind: str, text: Text, sentence: Sentence) -> Mutant | None:
        """The mutant, or None where the sentence offers no handle or the edit says nothing new."""
        paper = text.paper
        where = f"{paper.paper_id}:{sentence.start}-{sentence.end}"
        random = self._random(where, kind)
        if kind == "verbatim":
            return Mutant(f"{kind}:{where}", kind, sentence.text, sentence.text, (paper.paper_id,))
        if kind in ("citation", "merged", "joined"):
            return self._of_two(kind, text, sentence, random)
        material = Material(sentence.text, f"{paper.title}\n{paper.abstract}", self._names)
        claim = (REWRITES | EDITS)[kind](material, random)
        if claim is None or not _differs(claim, material):
            return None
        return Mutant(f"{kind}:{where}", kind, claim, sentence.text, (paper.paper_id,))

    def _of_two(self, kind: str, text: Text, sentence: Sentence, random: Random) -> Mutant | None:
        """A mutant that brings in another paper: the first of a few drawn that is truly foreign."""
        paper = text.paper
        where = f"{paper.paper_id}:{sentence.start}-{sentence.end}"
        head = _halves(sentence.text)
        # The cheap questions first: most sentences offer no handle, and a foreign paper is costly to tell.
        if (kind == "joined" and not _by_name(text, sentence)) or (kind == "merged" and head is None):
            return None
        for other, theirs in random.sample(self._usable, min(_TRIES, len(self._usable))):
            if kind == "joined" and not _by_name(other, theirs):
                continue
            if not _foreign(sentence.text, other.paper):
                continue
            if kind == "joined":
                claim = f"{sentence.text.rstrip('.')}; {theirs.text}"
                return Mutant(f"{kind}:{where}", kind, claim, claim, (paper.paper_id, other.paper.paper_id))
            if kind == "citation":
                return Mutant(f"{kind}:{where}", kind, sentence.text, sentence.text, (other.paper.paper_id,))
            tail = _halves(theirs.text)
            if head is not None and tail is not None and _foreign(tail[1], paper):
                ids = (paper.paper_id, other.paper.paper_id)
                return Mutant(f"{kind}:{where}", kind, f"{head[0]}{tail[1]}", sentence.text, ids)
        return None

    def _random(self, where: str, kind: str) -> Random:
        return Random(f"{self._seed}:{where}:{kind}")  # noqa: S311  # reproducible draws, no secret


def _usable(text: str) -> bool:
    return _MIN_WORDS <= len(text.split()) <= _MAX_WORDS and not text.endswith("?") and "http" not in text


def _names(texts: Sequence[Text]) -> tuple[str, ...]:
    return tuple(sorted({name for text in texts for name in names_in(text.paper.abstract)}))


def _by_name(text: Text, sentence: Sentence) -> bool:
    """True when the sentence begins with a name of its paper, so that it means the same beside another paper's."""
    first = sentence.text.split()[0].removesuffix("'s")
    return first in names_in(sentence.text) and first in names_in(text.paper.title)


def _halves(sentence: str) -> tuple[str, str] | None:
    """A sentence cut at a joint near its middle, both parts at least four words; the second begins with the joint."""
    joints = re.finditer(r",? (while|by|resulting in|leading to|achieving|reducing|improving) |, which ", sentence)
    parts = [(sentence[: m.start()], sentence[m.start() :]) for m in joints]
    fair = [p for p in parts if min(len(p[0].split()), len(p[1].split())) >= 4]
    return min(fair, key=lambda p: abs(len(p[0]) - len(p[1])), default=None)


def _differs(claim: str, material: Material) -> bool:
    """True when the claim is not, but for case and punctuation, in the paper already."""
    return claim != material.sentence and fold(claim) not in fold(material.paper_text)


@lru_cache(maxsize=4096)
def _vocabulary(paper: Paper) -> frozenset[str]:
    return frozenset(fold(f"{paper.title} {paper.abstract}").split())


def _foreign(sentence: str, paper: Paper) -> bool:
    """True when the paper cannot be the sentence's source: it lacks half of the longer words, or a name."""
    theirs = _vocabulary(paper)
    words = [word for word in fold(sentence).split() if len(word) > 4]
    missing = sum(word not in theirs for word in words)
    return bool(words) and missing >= _FOREIGN * len(words)
