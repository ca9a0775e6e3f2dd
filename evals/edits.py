"""Edits that make a true sentence false, one class each, and edits that leave its meaning alone.

Each takes the sentence, the paper's whole text, names found elsewhere in the library, and a seeded generator; it gives
the edited sentence, or None where the sentence offers no handle. The word lists are this module's own, on purpose: a
checker must not be measured by the list it was written from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

__all__ = ["EDITS", "REWRITES", "Material", "names_in", "numbers_in"]

_NUMBER = re.compile(
    r"(?<![\w.,/^_$-])(?:\d{1,3}(?:,\d{3})+(?![\w,])|\d+(?:\.\d+)?(?!\d|[.,/^_-]\d|-?[Dd]\b|\)|-?th\b|st\b|nd\b|rd\b))"
)
"""A number written in digits: no list marker, no "3D", no ordinal, no part of a name, exponent or fraction."""
_NAME = re.compile(
    r"\b(?:[A-Z][a-z]*[A-Z][A-Za-z]*|[A-Z]{2,})(?:[-.]?\d[\w.]*|-[A-Z][\w.]*)*\b|\b[A-Z][a-z]+-?\d[\w.]*\b"
)
_COMMON = frozenset(
    (
        "NLP",
        "GPU",
        "GPUs",
        "CPU",
        "CPUs",
        "TPU",
        "TPUs",
        "LLM",
        "LLMs",
        "CNN",
        "CNNs",
        "DNN",
        "DNNs",
        "RNN",
        "SOTA",
        "RAM",
    )
)


@dataclass(frozen=True, slots=True)
class Material:
    """What an edit works on: the sentence, its paper's title and abstract, and names that other papers use."""

    sentence: str
    paper_text: str
    other_names: Sequence[str]


Edit = Callable[[Material, Random], str | None]


def names_in(text: str) -> list[str]:
    """Names of methods, models, data sets and hardware: words with inner capitals or digits, in order of appearance."""
    found = dict.fromkeys(match.group() for match in _NAME.finditer(text))
    return [name for name in found if name not in _COMMON and len(name) > 2]


def numbers_in(text: str) -> set[float]:
    """Values of the plain numbers of a text."""
    return {float(match.group().replace(",", "")) for match in _NUMBER.finditer(text)}


def number(material: Material, random: Random) -> str | None:
    """Another number in the place of one; its value occurs nowhere in the paper."""
    places = [m for m in _NUMBER.finditer(material.sentence) if float(m.group().replace(",", "")) > 0]
    if not places:
        return None
    place = random.choice(places)
    taken = numbers_in(material.paper_text)
    for factor in random.sample((0.4, 0.6, 1.4, 1.7, 2.3, 3.1), 6):
        old = float(place.group().replace(",", ""))
        fresh = _like(place.group(), old * factor)
        value = float(fresh.replace(",", ""))
        share_above_all = material.sentence.startswith("%", place.end()) and old <= 100 < value
        if value > 0 and value not in taken and not share_above_all:
            return _replaced(material.sentence, place, fresh)
    return None


def _like(written: str, value: float) -> str:
    """`value` with the decimals and thousands commas of `written`."""
    decimals = len(written.partition(".")[2])
    return f"{value:,.{decimals}f}" if "," in written else f"{value:.{decimals}f}"


_UNITS = (
    (r"(?<=\d)\s?×|(?<=\d)\s?x\b|(?<=\d) times\b", "%"),
    (r"(?<=\d)\s?%|(?<=\d) percent\b", "x"),
    (r"(?<=\d)\s?ms\b", " s"),
    (r"(?<=\d)\s?GB\b", " MB"),
    (r"(?<=\d)\s?MB\b", " KB"),
    (r"(?<=\d)B\b", "M"),
    (r"(?<=\d)M\b", "B"),
    (r"(?<=\d) billion\b", " million"),
    (r"(?<=\d) million\b", " thousand"),
    (r"(?<=\d)[ -]hours?\b", " minutes"),
    (r"(?<=\d)[ -]minutes?\b", " seconds"),
    (r"(?<=\d)[ -]seconds?\b", " milliseconds"),
    (r"(?<=\d)[ -]days?\b", " hours"),
    (r"(?<=\d)\s?dB\b", "%"),
)


def unit(material: Material, random: Random) -> str | None:
    """The same number with another unit: 6.7x becomes 6.7%, 20 ms becomes 20 s."""
    found = [(m, new) for pattern, new in _UNITS for m in re.finditer(pattern, material.sentence)]
    if not found:
        return None
    place, new = random.choice(found)
    return _replaced(material.sentence, place, new)


_OPPOSITES = (
    ("faster", "slower"), ("higher", "lower"), ("increases", "decreases"), ("increased", "decreased"),
    ("increase", "decrease"), ("increasing", "decreasing"), ("reduces", "raises"), ("reduced", "raised"),
    ("reducing", "raising"), ("reduce", "raise"), ("reduction", "rise"), ("outperforms", "underperforms"),
    ("outperform", "underperform"), ("outperforming", "underperforming"), ("better", "worse"),
    ("improves", "worsens"), ("improve", "worsen"), ("improving", "worsening"), ("improved", "worsened"),
    ("improvement", "deterioration"), ("improvements", "deteriorations"), ("superior", "inferior"),
    ("speedup", "slowdown"), ("speedups", "slowdowns"), ("larger", "smaller"), ("fewer", "more"), ("less", "more"),
    ("surpasses", "falls short of"), ("accelerates", "slows down"), ("accelerate", "slow down"),
    ("shorter", "longer"), ("gains", "losses"), ("cheaper", "dearer"), ("stronger", "weaker"),
)  # fmt: skip
_TURNS = {
    one: other
    for pair in _OPPOSITES
    for one, other in (pair, pair[::-1])
    if " " not in one and one not in ("more", "rise")
}
_TURN = re.compile(r"(?<![\w-])(" + "|".join(sorted(_TURNS, key=len, reverse=True)) + r")(?![\w-])")


def direction(material: Material, random: Random) -> str | None:
    """One word of direction turned into its opposite."""
    places = [m for m in _TURN.finditer(material.sentence) if not _fixed_phrase(material.sentence, m)]
    if not places:
        return None
    place = random.choice(places)
    return _replaced(material.sentence, place, _TURNS[place.group()])


def _fixed_phrase(sentence: str, place: re.Match[str]) -> bool:
    """Where the word does not say which way something goes ("none the less", "better understand")."""
    before, after = sentence[: place.start()], sentence[place.end() :]
    return bool(re.search(r"\b(the|no|not|or|and)\s$", before)) or bool(
        re.match(r"\s+(understand|than or|or|and)\b", after)
    )


def name(material: Material, random: Random) -> str | None:
    """A name of the sentence replaced by one that this paper never uses."""
    here = names_in(material.sentence)
    text = material.paper_text.casefold()
    fresh = [other for other in material.other_names if other.casefold() not in text]
    if not here or not fresh:
        return None
    old, new = random.choice(here), random.choice(fresh)
    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", lambda _: new, material.sentence)


_BEATS = re.compile(
    r"\b(outperform\w*|surpass\w*|exceed\w*|beats?|faster than|better than|slower than|over|compared to)\b"
)


def swap(material: Material, random: Random) -> str | None:
    """The winner and the loser of a comparison exchanged."""
    verb = _BEATS.search(material.sentence)
    if verb is None or re.search(r"\b(both|comparable|similar|same|equal|on par)\b", material.sentence):
        return None
    before = names_in(material.sentence[: verb.start()])
    # The loser stands right after the verb; past a comma or a preposition other things are named.
    rest = re.split(r"[,;:(]|\b(?:on|in|for|with|at|to|by|when|while)\b", material.sentence[verb.end() :])[0]
    after = [n for n in names_in(rest) if n not in before]
    if len(before) != 1 or not after:
        return None
    winner, loser = before[0], after[0]
    if winner in loser or loser in winner:
        return None
    both = re.compile(rf"(?<![\w-])({re.escape(winner)}|{re.escape(loser)})(?![\w-])")
    return both.sub(lambda m: loser if m.group() == winner else winner, material.sentence)


_STEMS = {
    "achieves": "achieve", "requires": "require", "enables": "enable", "provides": "provide", "allows": "allow",
    "shows": "show", "uses": "use", "supports": "support", "reaches": "reach", "needs": "need", "matches": "match",
    "preserves": "preserve", "maintains": "maintain", "eliminates": "eliminate", "generalizes": "generalize",
    "improves": "improve", "reduces": "reduce", "outperforms": "outperform", "increases": "increase",
    "accelerates": "accelerate", "yields": "yield", "leads": "lead", "delivers": "deliver", "runs": "run",
}  # fmt: skip
_REMOVED = (
    (r"\bdoes not (\w+)", r"does \1"),
    (r"\bdo not (\w+)", r"do \1"),
    (r"\bcannot\b", "can"),
    (r"\bis not\b", "is"),
    (r"\bare not\b", "are"),
    (r"\bwithout\b", "with"),
    (r"\bnot require\b", "require"),
)
_ADDED = re.compile(r"\b(is|are|can|was|were|will)\b(?! (not|no|only|also|that)\b)|\b(" + "|".join(_STEMS) + r")\b")


def negation(material: Material, random: Random) -> str | None:
    """A negation taken out where there is one, else one put in."""
    if re.search(r"\bnot only\b|\bif not\b|\bwhether\b", material.sentence):
        return None
    for pattern, new in _REMOVED:
        if re.search(pattern, material.sentence):
            return re.sub(pattern, new, material.sentence, count=1)
    place = _ADDED.search(material.sentence)
    if place is None or re.search(r"\b(no|never|neither|nor|without|hardly|n't)\b", material.sentence):
        return None
    word = place.group()
    return _replaced(material.sentence, place, f"does not {_STEMS[word]}" if word in _STEMS else f"{word} not")


_WIDER = (
    (r"\bup to (?=\d)", "at least "),
    (r"\ban average of (?=\d)", "always at least "),
    (r"\bon average\b", "in every case"),
    (r"\b(in most cases|in many cases|in some cases)\b", "in all cases"),
    (r"\b(often|typically|usually|sometimes|generally)\b", "always"),
    (r"\b(most|many|some|several|various|certain)(?= [a-z]+s\b)", "all"),
    (r"\b(may|might|could) (?=[a-z])", "will always "),
    (r"\b(suggests?|indicates?) that\b", "proves that"),
    (r"\bcomparable\b", "identical"),
    (r"\bcompetitive\b", "unmatched"),
    (r"\b(nearly|almost) (?=[a-z])", "entirely "),
)


def scope(material: Material, random: Random) -> str | None:
    """A bound or a hedge widened: "up to 3x" becomes "at least 3x", "several" becomes "all"."""
    found = [(m, new) for pattern, new in _WIDER for m in re.finditer(pattern, material.sentence)]
    if not found:
        return None
    place, new = random.choice(found)
    return _replaced(material.sentence, place, new)


_SAME = (
    (r"(?<=\d)\s?×|(?<=\d)x(?![\w×])", " times"),
    (r"(?<=\d) times\b(?! \d)", "x"),
    (r"(?<=\d)%", " percent"),
    (r"^(Notably|However|Moreover|Furthermore|Additionally|Specifically|Importantly|Therefore|Thus), (\w)", None),
    (r"\b(we show that|we find that|we demonstrate that|results show that) (\w)", None),
    (r"\bapproximately (?=\d)", "about "),
    (r"\butiliz(?=e|ing)", "us"),
    (r"\bfor example\b", "for instance"),
)


def rewrite(material: Material, random: Random) -> str | None:
    """The same said otherwise: 6.7x as 6.7 times, 22% as 22 percent, a leading "Notably," dropped."""
    found = [(m, new) for pattern, new in _SAME for m in re.finditer(pattern, material.sentence)]
    if not found:
        return None
    place, new = random.choice(found)
    return _replaced(material.sentence, place, place.group(2).upper() if new is None else new)


def _replaced(text: str, place: re.Match[str], new: str) -> str:
    return text[: place.start()] + new + text[place.end() :]


EDITS: dict[str, Edit] = {
    "number": number,
    "unit": unit,
    "direction": direction,
    "name": name,
    "swap": swap,
    "negation": negation,
    "scope": scope,
}
REWRITES: dict[str, Edit] = {"rewritten": rewrite}
