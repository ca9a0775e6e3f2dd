"""Does the claim say more than the source: "every" where the source says "most", a dropped "up to", a dropped "may"?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.ground.source import Line
from agent.ground.words import content

__all__ = ["overreach", "universals"]

_CLAIM_WORDS = (
    r"all|any|every|each|always|never|whatever|whichever|whoever|wherever|everything|everywhere|everyone|anyone|anything|regardless|irrespective|no matter|universally|"
    r"invariably|in general|generally|across the board|without exception|no other|unconditionally|arbitrary|unlimited"
)
_CLAIMED = re.compile(rf"\b(?:{_CLAIM_WORDS})\b", re.I)
_UNIVERSAL = re.compile(
    rf"\b(?:{_CLAIM_WORDS}|arbitrarily|uniformly|none|nobody|independent(?:ly)?|agnostic|any-to-any|in all|throughout|under all|guarantee[sd]?|nothing)\b",
    re.I,
)
_LIMITED_AFTER = re.compile(
    r"^\s(?:of (?:the|these|them|its|which|whom)\s)?(?:the\s)?(?:two|three|four|five|six|seven|eight|nine|ten|\d+|evaluated|tested|considered|other evaluated|but)\b",
    re.I,
)
_TIMES = re.compile(
    r"^\s(?:at once|times?|along|over|together|day|once in|handful|few|(?:\w+\s)?(?:iterations?|steps?|epochs?|batch(?:es)?|tokens?))\b",
    re.I,
)
_OWN_PARTS = re.compile(r"^\s(?:of )?(?:the|its|their|our|these|those)\b", re.I)
_ADVERB = re.compile(
    r"always|universally|invariably|in general|generally|across the board|without exception|unconditionally|everywhere|wherever",
    re.I,
)
_FREE = re.compile(r"whatever|whichever|regardless|irrespective|no matter|whoever", re.I)
_SHARED = 2
"""Content words that a line shares with the claim when it speaks of the same thing."""


def universals(text: str) -> tuple[re.Match[str], ...]:
    """The words of `text` that speak of all cases without limit."""
    return tuple(m for m in _CLAIMED.finditer(text) if _speaks(text, m))


def _speaks(text: str, match: re.Match[str]) -> bool:
    before, after, word = text[: match.start()], text[match.end() :], match[0].lower()
    if word.startswith("any") and re.search(
        r"\b(?:not|without|hardly|barely|no|never|\w+n['’]t|if|avoid\w*|prevents?|eliminat\w+|obviat\w+|nor|free of|removes?)\s(?:\w+\s){0,4}$",
        before,
        re.I,
    ):
        return False
    if re.search(
        r"(?<!at )\b(?:best|most|least|worst|first|only|lowest|highest|[a-z]{3,}est)\b[^,;.]{0,60}\b(?:of|among|amongst|across|over|in)\s$",
        before,
        re.I,
    ) and word in ("all", "any"):
        return False
    if word == "any" and re.search(
        r"\b(?:unaided|unhelped|independent\w*|without|regardless|free|than)\s(?:by|of|from)?\s?$", before, re.I
    ):
        return bool(re.search(r"than\s$", before)) and not re.match(r"\s(?:single|one|individual)", after)
    if (
        word == "all"
        and re.search(r"\b(?:not|at|after|above|first of|almost|nearly|in|of)\s$", before, re.I)
        and not re.match(r"^\s\w", after)
    ):
        return False
    if word in ("all", "each", "every", "any") and _LIMITED_AFTER.match(after):
        return False
    if word == "each" or (word == "every" and _TIMES.match(after)):
        return False
    if word == "never" or (word == "all" and re.match(r"^\s(?:of (?:the|its|these)|the|its|their|at)\b", after)):
        return False
    return not (word == "generally" and re.match(r"^\s\w+ed\b", after))


def overreach(claim: str, lines: Sequence[Line], known: frozenset[str] = frozenset()) -> str:
    """The universal word of the claim that no nearby line licenses; empty when there is none.

    A universal of the source licenses the claim's when it speaks of the same thing, or when the
    claim's thing is a word the source (`known`: its stems) does not use, hence a paraphrase.
    """
    licences = [(line, m) for line in lines for m in _UNIVERSAL.finditer(line.text) if _licenses(line.text, m)]
    things = frozenset(w.stem for line, m in licences for w in content(line.text[m.end() :])[:3])
    said = frozenset(w.stem for w in content(claim))
    for match in universals(claim):
        heads = _heads(claim[match.end() :])
        near = [line for line, _ in licences if len(said & line.stems) >= _SHARED]
        if _ADVERB.fullmatch(match[0]) or _FREE.fullmatch(match[0]):
            if not near and not (heads & things):
                return match[0]
        elif not licences or (heads & known and not heads & things):
            return match[0]
    return ""


def _licenses(text: str, match: re.Match[str]) -> bool:
    """True where the source itself speaks of all cases; "without any further training" does not."""
    word, after = match[0].lower(), text[match.end() :]
    if _LIMITED_AFTER.match(after) or (word == "all" and _OWN_PARTS.match(after)):
        return False
    if word == "every" and _TIMES.match(after):
        return False
    return not match[0].lower().startswith("any") or "-" in match[0] or _speaks(text, match)


def _heads(after: str) -> frozenset[str]:
    """The stems of the few words that a universal speaks of."""
    phrase = re.split(
        r"[,;.:]|\b(?:of|in|on|for|with|that|which|is|are|can|to|and|or|by|from|at|as|one|than|while|when|over|without)\b",
        re.sub(r"^\s(?:kinds?|types?|sorts?|other) (?:of )?", " ", after),
    )[0]
    return frozenset(w.stem for w in content(phrase)[:3])
