"""Content words of a question or sentence: what is left when the grammar is taken out, stemmed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock

__all__ = ["STOPWORDS", "StemFinder", "content_stems", "stem", "tokens"]

# The stemmer keeps the word it works on in itself: two threads at once would mix theirs up.
_STEMMING = Lock()
_TOKEN = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")

STOPWORDS = frozenset(
    "a about above across actually after again against all also although am among an and another any anyone anything "
    "approach approaches are aren't as aside at away back be became because become been before begin being below "
    "between both but by can can't cannot come comes compare compared comparing comparison could describe described "
    "did differ difference differences do does doesn't doing don't done down during each either else enough even ever "
    "every exactly far few figure figures first for found from further gave get gets give given gives giving go goes "
    "had has have having he her here hers him his how however i if in instead into is isn't it its itself just keep "
    "know known last least less let library like literature long made make makes making many may me mean method "
    "methods might more most much must my near need needs neither never no none nor not now of off often on once one "
    "only onto or other others our out over own paper papers per put quite rather report reported reporting reports "
    "research researchers result results same say says see seem seems several shall she should show shown shows since "
    "so some something still studies study such take taken takes technique techniques tell than that the their them "
    "then there these they thing things this those though through thus to together too toward towards under until up "
    "upon us use used uses using versus very via vs want was way ways we well went were what when where whether which "
    "while who whom whose why will with within without work works would yet you your".split()
)


def tokens(text: str) -> list[str]:
    """Words of `text` as written, hyphenated ones whole."""
    return _TOKEN.findall(text)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The English stem of one lower-case word."""
    with _STEMMING:
        return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]  # snowballstemmer has no types
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def content_stems(text: str) -> tuple[str, ...]:
    """Stems of the content words of `text`, in order of first appearance, hyphenated words in parts."""
    found: dict[str, None] = {}
    for token in tokens(text):
        for part in re.split(r"[-'’.]", token.lower()):
            if len(part) > 1 and part not in STOPWORDS:
                found.setdefault(stem(british(part)))
    return tuple(found)


_BRITISH = re.compile(r"(?<=[a-z]{3})is(e|es|ed|ing|ation|ations|er|ers)$")


def british(word: str) -> str:
    """`word` with -ise endings as -ize, so that both spellings have one stem ("optimisation")."""
    return _BRITISH.sub(r"iz\1", word)


class StemFinder:
    """Finds which of a few stems a text holds, without stemming the whole text."""

    def __init__(self, stems: Iterable[str]) -> None:
        self.stems = frozenset(stems)
        heads = sorted({re.escape(stem.removesuffix("i")) for stem in self.stems}, key=lambda head: (-len(head), head))
        self._head = re.compile(rf"(?<![^\W_])(?:{'|'.join(heads)})[^\W_]*") if heads else None

    def __call__(self, text: str) -> frozenset[str]:
        """The stems found in `text`."""
        if self._head is None:
            return frozenset()
        words = set(self._head.findall(text.lower()))
        return self.stems & {stem(british(word)) for word in words}
