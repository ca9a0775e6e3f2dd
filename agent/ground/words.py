"""Words of a text with their places, stems and weight: what alignment and the other layers count in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from agent.words import stem as english

__all__ = ["STOP", "Word", "content", "fold", "stem", "words"]

_WORD = re.compile(r"[^\W_]+(?:['’](?!s\b)[^\W_]+)?")

STOP = frozenset(
    "a an the this that these those it its they their them he she his her we our us you your i my me one ones of in "
    "on at by for from to into onto with within as is are was were be been being am do does did doing done has have "
    "had having can could may might must shall should will would and or but nor so if then than there here where when "
    "while which who whom whose what how why both each either such own same also just only very too more most much "
    "many some any all no not up out over under about above below between through without cannot never none neither nobody nothing instead rather unlike during before after again further "
    "once per via using use used uses toward towards upon s t et al e g i ie eg etc".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as written, folded, stemmed, and where it stands."""

    text: str
    lower: str
    stem: str
    start: int
    end: int

    @property
    def is_content(self) -> bool:
        """True when the word carries meaning of its own."""
        return self.lower not in STOP


def fold(text: str) -> str:
    """`text` in lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a folded word, British and American spellings alike."""
    word = re.sub(r"is(e[sdr]?|ing|ation|ations|able)$", r"iz\1", word) if len(word) > 5 else word
    word = re.sub(r"(?<=[aeiou])ll(ed|ing)$", r"l\1", word)
    word = re.sub(r"(?<=[a-z]{3})our(s|ed|ing|able)?$", r"or\1", word) if len(word) > 5 else word
    return english(word)


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[Word, ...]:
    """The words of `text`, in order; a possessive s and hyphens separate."""
    found = []
    for match in _WORD.finditer(text):
        lower = fold(match[0])
        found.append(Word(match[0], lower, stem(lower), match.start(), match.end()))
    return tuple(found)


def content(text: str) -> tuple[Word, ...]:
    """The words of `text` that carry meaning."""
    return tuple(w for w in words(text) if w.is_content)
