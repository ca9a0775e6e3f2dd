"""Mutants of true sentences: claims known to be false because one thing in a true one was changed.

From any library: sentences are drawn by seed, each is edited once by every class that finds a handle in it, and only
mutants that truly differ are kept. Beside them stand the originals and harmless rewrites, which a check must accept.
The same library and seed give the same mutants.

Classes: number, unit, direction, name, swap (winner and loser), negation, scope (one edit each, `evals.edits`);
citation (a true sentence under another paper); merged (the beginning of one paper's sentence with the end of another's,
both cited). Accepted ones: verbatim, rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from evals.edits import EDITS, REWRITES, Material, names_in
from store.text import fold
from store.types import Paper, Sentence

__all__ = ["FALSE_CLASSES", "TRUE_CLASSES", "Mutant", "Text", "mutants"]

FALSE_CLASSES = (*EDITS, "citation", "merged")
TRUE_CLASSES = ("verbatim", *REWRITES)
_MIN_WORDS, _MAX_WORDS = 8, 60
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


def mutants(texts: Sequence[Text], sentences: int, seed: int) -> tuple[Mutant, ...]:
    """Originals, rewrites and mutants of up to `sentences` sentences, in the order of papers and offsets."""
    ordered = sorted(texts, key=lambda text: text.paper.paper_id)
    usable = [(text, s) for text in ordered for s in text.sentences if _usable(s.text)]
    chosen = sorted(Random(f"{seed}").sample(range(len(usable)), min(sentences, len(usable))))  # noqa: S311  # no secret
    names = _names(ordered)
    return tuple(
        mutant for index in chosen for mutant in _of_sentence(*usable[index], [usable[i] for i in chosen], names, seed)
    )


def _usable(text: str) -> bool:
    return _MIN_WORDS <= len(text.split()) <= _MAX_WORDS and not text.endswith("?") and "http" not in text


def _names(texts: Sequence[Text]) -> tuple[str, ...]:
    return tuple(sorted({name for text in texts for name in names_in(text.paper.abstract)}))


def _of_sentence(
    text: Text, sentence: Sentence, pool: Sequence[tuple[Text, Sentence]], names: Sequence[str], seed: int
) -> Iterator[Mutant]:
    paper = text.paper
    where = f"{paper.paper_id}:{sentence.start}-{sentence.end}"
    material = Material(sentence.text, f"{paper.title}\n{paper.abstract}", names)
    yield Mutant(f"{where}:verbatim", "verbatim", sentence.text, sentence.text, (paper.paper_id,))
    for kind, edit in (REWRITES | EDITS).items():
        claim = edit(material, _random(seed, where, kind))
        if claim is not None and _differs(claim, material):
            yield Mutant(f"{where}:{kind}", kind, claim, sentence.text, (paper.paper_id,))
    others = [(t, s) for t, s in pool if _foreign(sentence.text, t.paper)]
    if others:
        other, _ = _random(seed, where, "citation").choice(others)
        yield Mutant(f"{where}:citation", "citation", sentence.text, sentence.text, (other.paper.paper_id,))
    yield from _merged(text, sentence, others, seed, where)


def _merged(
    text: Text, sentence: Sentence, others: Sequence[tuple[Text, Sentence]], seed: int, where: str
) -> Iterator[Mutant]:
    head = _halves(sentence.text)
    tails = [(t, halves[1]) for t, s in others if (halves := _halves(s.text)) and _foreign(halves[1], text.paper)]
    if head is None or not tails:
        return
    other, tail = _random(seed, where, "merged").choice(tails)
    ids = (text.paper.paper_id, other.paper.paper_id)
    yield Mutant(f"{where}:merged", "merged", f"{head[0]}{tail}", sentence.text, ids)


def _halves(sentence: str) -> tuple[str, str] | None:
    """A sentence cut at a joint near its middle, both parts at least four words; the second begins with the joint."""
    joints = re.finditer(r",? (while|by|and|with|which|that|resulting in|leading to|achieving) ", sentence)
    parts = [(sentence[: m.start()], sentence[m.start() :]) for m in joints]
    fair = [p for p in parts if min(len(p[0].split()), len(p[1].split())) >= 4]
    return min(fair, key=lambda p: abs(len(p[0]) - len(p[1])), default=None)


def _random(seed: int, where: str, kind: str) -> Random:
    """A generator of the sentence's own, so that one more sentence changes no other's mutants."""
    return Random(f"{seed}:{where}:{kind}")  # noqa: S311  # reproducible draws, no secret


def _differs(claim: str, material: Material) -> bool:
    """True when the claim is not, but for case and punctuation, in the paper already."""
    return claim != material.sentence and fold(claim) not in fold(material.paper_text)


def _foreign(sentence: str, paper: Paper) -> bool:
    """True when the paper cannot be the sentence's source: it lacks half of the longer words, or a name."""
    theirs = set(fold(f"{paper.title} {paper.abstract}").split())
    words = [word for word in fold(sentence).split() if len(word) > 4]
    missing = sum(word not in theirs for word in words)
    return bool(words) and missing >= _FOREIGN * len(words)
