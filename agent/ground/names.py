"""Are the names of the claim (methods, models, datasets, hardware) known to the source?"""

from __future__ import annotations

import re
from functools import lru_cache

from agent.ground.own import squeeze
from agent.ground.source import Source
from agent.ground.words import content, fold, stem

__all__ = ["missing_names", "names_of", "sibling"]

_NAME = re.compile(
    r"(?<![\w])(?:[A-Za-z0-9]*[A-Z][A-Za-z0-9]*|[a-z]+\d+[a-z\d]*)(?:[-+./^@&][A-Za-z0-9]+)*(?:\s(?:[A-Z][A-Za-z]*\d*[A-Za-z0-9]*|\d+(?!\.\d))(?:[-+./][A-Za-z0-9]+)*(?![\w%]))*"
)
_OPENERS = frozenset(
    "among before after for with in on at by from to of under over against across between within without when while whereas although though "
    "if since because unlike like using given both all any every each no not only even the a an its their this that these those and or but "
    "compared relative set through during despite besides beyond until whatever whichever as instead during early standard most many some".split()
)
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+]*")
_GREEK = {
    "α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "κ": "k", "λ": "l", "μ": "m", "σ": "s", "τ": "t", "ω": "o",
    "alpha": "a", "beta": "b", "gamma": "g", "delta": "d", "epsilon": "e", "kappa": "k", "lambda": "l", "sigma": "s",
}  # fmt: skip
_TAIL = re.compile(
    rf"[-‑](?!(?:base|large|small|tiny|mini|lite|medium|huge|giant|pro|max|ultra|turbo|instruct|chat|coder|{'|'.join(filter(str.isascii, _GREEK))})$)[a-z]{{3,}}$"
)
"""What a plain word after a hyphen makes of a name ("HIV-positive"); words that make a variant stay part of it."""
_HEAD = re.compile(r"^(?:anti|pro|non|pre|post|sub|co|multi|cross|inter|intra)[-‑](?=[A-Z])")
_NUMBERED = re.compile(rf"([A-Z][A-Za-z]{{1,4}})[-‑]?(\d+[A-Za-z]?|{'|'.join(_GREEK)})")
_LETTERED = 3
"""A name longer than this may leave a Greek letter out."""
_LETTERS = re.compile("|".join(sorted(_GREEK, key=len, reverse=True)))


def names_of(text: str) -> tuple[str, ...]:
    """The names in `text`: words with capitals inside the sentence, with digits, or in capitals."""
    found = (_trimmed(text, m) for m in _NAME.finditer(text) if _is_name(text, m))
    return tuple(dict.fromkeys(name for name in found if len(name) > 1))


def _trimmed(text: str, match: re.Match[str]) -> str:
    """The name without a plain word that is capital only because it opens the sentence."""
    first, _, rest = match[0].partition(" ")
    opens = match.start() == 0 or bool(re.search(r"[.!?:]\s$", text[: match.start()]))
    return rest if rest and opens and re.fullmatch(r"[A-Z][a-z]*", first) and first.lower() in _OPENERS else match[0]


def _is_name(text: str, match: re.Match[str]) -> bool:
    word = match[0]
    if re.fullmatch(r"[\d.]+", word):
        return False
    first = match.start() == 0 or bool(re.search(r"[.!?:]\s$", text[: match.start()]))
    if first and re.fullmatch(r"[A-Z][a-z]*(?:-[a-z]+)*", word):
        return False
    return len(word) > 1


def missing_names(claim: str, source: Source) -> tuple[str, ...]:
    """The names of the claim of which some telling part is nowhere in titles and abstracts."""
    squeezed = _squeezed(source.text)
    return tuple(
        name
        for name in names_of(claim)
        if not _known(name, squeezed, source)
        and not _opened(name, claim, squeezed, source)
        and not _explained(name, claim, source)
    )


@lru_cache(maxsize=4096)
def _squeezed(text: str) -> str:
    """Letters and digits only, Greek letters and their names as one letter ("IFN-γ" and "IFN-gamma" alike)."""
    return squeeze(_LETTERS.sub(lambda m: _GREEK[m[0]], fold(text)))


@lru_cache(maxsize=4096)
def _unlettered(text: str) -> str:
    """The same without Greek letters: APOE4 is APOE ε4."""
    return squeeze(_LETTERS.sub("", fold(text)))


def _explained(name: str, claim: str, source: Source) -> bool:
    """True where the claim itself spells out, in the source's words, what "(ABC)" stands for just before it.

    The long form is found as by Schwartz and Hearst (2003): the shortest text before the bracket that has the letters in
    order, the first at the start of a word.
    """
    before, found, _ = claim.partition(f"({name})")
    place = len(before)
    for letter in reversed(re.sub(r"s$|[^a-z0-9]", "", name.lower())):
        place = before.lower().rfind(letter, 0, place)
    while place > 0 and before[place - 1].isalnum():
        place = before.lower().rfind(name[0].lower(), 0, place)
    said = content(before[place:]) if found and place >= 0 else ()
    return bool(said) and sum(word.stem in source.stems for word in said) >= 0.5 * len(said)


def _opened(name: str, claim: str, squeezed: str, source: Source) -> bool:
    """True when only the sentence's first word, capital for its place, keeps a name from being known."""
    first, _, rest = name.partition(" ")
    return (
        bool(rest)
        and claim.startswith(name)
        and re.fullmatch(r"[A-Z][a-z]+(?:-[a-z]+)*", first) is not None
        and _known(rest, squeezed, source)
    )


def _known(name: str, squeezed: str, source: Source) -> bool:
    key = _squeezed(name)
    if key in squeezed or (key.endswith("s") and key[:-1] in squeezed):
        return True
    if len(key) > _LETTERED and key in _unlettered(source.text):
        return True
    if (
        re.fullmatch(
            r"[^\s-]+-(?!based|free|style|like|level|aware|only|specific|guided|driven|trained|tuned|scale)[a-z]{3,6}|[^\s]+-\d+[A-Za-z]?",
            name,
        )
        and sibling(name, source)
        and key not in squeezed
    ):
        return False
    bare = _TAIL.sub("", _HEAD.sub("", name))
    if _abbreviates(name, source) or _numbered(name, source) or (bare != name and _known(bare, squeezed, source)):
        return True
    words = name.split()
    if len(words) > 1 and all(_TAIL.search(word) or word.isupper() for word in words):
        return all(_known(word, squeezed, source) for word in words)
    parts = _PART.findall(name)
    return len(parts) > 1 and all(_part_known(p, squeezed, source) for p in parts)


def _abbreviates(name: str, source: Source) -> bool:
    """True for "DNNs" where the source writes "deep neural networks", or the other way round."""
    letters = re.sub(r"s$", "", name)
    if re.fullmatch(r"[a-z]?[A-Z]{2,6}", letters):
        return letters.lower() in source.initials
    initials = "".join(w[0] for w in re.findall(r"[A-Za-z0-9]+", name))
    return len(initials) > 2 and bool(re.search(rf"\b{re.escape(initials)}s?\b", source.text, re.I))


def _numbered(name: str, source: Source) -> bool:
    """True for "IL-6" where the source writes "interleukin-6", and for "HSV-1" where "herpes simplex virus 1"."""
    found = _NUMBERED.fullmatch(name)
    if found is None:
        return False
    letters, place = fold(found[1]), found[2]
    for match in re.finditer(rf"((?:[A-Za-z]+[\s-]){{1,4}})(?:type )?{re.escape(place)}(?!\w)", source.text, re.I):
        before = re.findall(r"[a-z]+", fold(match[1]))
        last = before[-1]
        if len(last) > len(letters) + 1 and _in_order(letters, last):
            return True
        if "".join(word[0] for word in before[-len(letters) :]) == letters:
            return True
    return False


def _in_order(letters: str, word: str) -> bool:
    """True when the letters stand in the word in their order, the first of them first."""
    rest = iter(word)
    return word[0] == letters[0] and all(letter in rest for letter in letters)


def _part_known(part: str, squeezed: str, source: Source) -> bool:
    key = _squeezed(part)
    if any(c.isdigit() for c in key) and len(key) > 2:
        return key in squeezed
    return (
        fold(part) in source.lowers
        or fold(part) + "s" in source.lowers
        or (part[:1].isupper() and stem(fold(part)) in source.stems)
    )


def sibling(name: str, source: Source, own: frozenset[str] = frozenset()) -> str:
    """A name of the source that differs from an absent one in its last part only ("BERT-large" for "BERT-base"); empty when none.

    A variant of the paper's own name is another method, not a sibling.
    """
    head = re.split(r"[-\s]", name)[0]
    if head == name or len(head) < 2 or squeeze(head) in own or any(o.startswith(fold(head)) for o in own):
        return ""
    for other in names_of(source.text):
        if other != name and re.split(r"[-\s]", other)[0] == head and re.search(r"[-\s]", other):
            return other
    return ""
