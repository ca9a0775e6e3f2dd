"""What a sentence says of a thing by name, without a figure: that it does better or worse than another, or that
something is kept or lost with it. Few forms, read strictly: what fits none of them says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from agent.findings import CONDITION, SUBJECT, Named, named_in
from agent.names import name_pattern

__all__ = ["KEPT", "LOST", "Stance", "stances"]

KEPT, LOST = "kept", "lost"

_BETTER = re.compile(
    r"\b(?:outperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|outrun(?:s)?|beat(?:s|ing)?|exceed(?:s|ed|ing)?|"
    r"(?P<what>faster|better|superior|more accurate|smaller|cheaper|stronger)\s+(?:than|to))\b",
    re.I,
)
_WORSE = re.compile(
    r"\b(?:underperform(?:s|ed|ing)?|trail(?:s|ed|ing)?(?: behind)?|lag(?:s|ged|ging)?(?: behind)?|"
    r"(?P<what>slower|worse|inferior|less accurate|larger|weaker)\s+(?:than|to)|falls? behind|falls? short of)\b",
    re.I,
)
_ASPECT = {
    **dict.fromkeys(("faster", "slower"), "speed"),
    **dict.fromkeys(("more accurate", "less accurate"), "accuracy"),
    **dict.fromkeys(("smaller", "larger"), "size"),
    "cheaper": "cost",
}
_PROPERTY = r"(?P<property>accurac(?:y|ies)|(?:\w+ )?quality|performance|fidelity)"
_KEEPS = (
    re.compile(rf"\b(?:preserv\w+|maintain\w*|retain\w*|keep(?:s|ing)?)\s+(?:\w+\s+){{0,3}}?{_PROPERTY}", re.I),
    re.compile(
        rf"\b(?:without|no|not|negligible|minimal)\s+(?:\w+\s+){{0,3}}?(?:loss|drop|degrad\w*|sacrific\w*|compromis\w*|decreas\w*|harm\w*|hurt\w*)\s+(?:\w+\s+){{0,3}}?{_PROPERTY}",
        re.I,
    ),
    re.compile(rf"\b{_PROPERTY}\s+(?:\w+\s+){{0,4}}?(?:(?:does|do|did|is|are) not (?:\w+ )?(?:suffer|degrade|drop|decrease|decline|affected)|loss-?less|stays? (?:the same|unchanged))", re.I),
)  # fmt: skip
_EQUALS = (
    re.compile(rf"\b(?:comparable|competitive|equal|equivalent|similar|the same|on-par)\s+(?:\w+\s+){{0,2}}?{_PROPERTY}\s+(?:to|with|as)\b", re.I),
    re.compile(rf"\b{_PROPERTY}\s+(?:\w+\s+){{0,2}}?(?:on par with|comparable (?:to|with)|equal to|as (?:good|high) as)\b", re.I),
)  # fmt: skip
_LOSES = (
    re.compile(
        rf"\b(?:degrad(?:es|ed|ing|ation)|los(?:es|ing|s)|drop(?:s|ped)?|hurts?|harms?|sacrific(?:es|ing)|compromis(?:es|ing)|impair(?:s|ed)?|worsens?|decreas(?:es|ed|ing))\s+(?:(?:in|of|the|its|model|generation|output|final)\s+){{0,3}}{_PROPERTY}",
        re.I,
    ),
    re.compile(rf"\b{_PROPERTY}\s+(?:\w+\s+){{0,2}}?(?:degrades|degradation|loss|losses|drops?|declines?|suffers|deteriorates|collapses)\b", re.I),
)  # fmt: skip
_DENIED = re.compile(
    r"\b(?:no|not|without|never|avoid\w*|prevent\w*|negligible|minimal|little|slight\w*|marginal\w*|minor|small|"
    r"mitigat\w*|reduc\w*|less|lower|smaller|rather than|instead of|may|might|can|could|only)\b",
    re.I,
)
_CLAUSE = re.compile(
    r"[;:.]\s|(?:,\s|\s)(?:and\s)?\((?:\d|i{1,3}|iv|v|[a-e])\)\s|,\s(?:while|whereas|but|although|though|however|which|and)\b"
)
_OWN = re.compile(
    r"\b(?:we|our|it|its|this (?:method|approach|work|system)|the (?:proposed|method|approach|system))\b", re.I
)
REACH = 60
"""Characters within which a loser's name follows the word that says so."""


@dataclass(frozen=True, slots=True)
class Stance:
    """`subject` does better than `other` (`sign` +1) or worse (-1) in `aspect`; or keeps or loses it (`other` says which)."""

    subject: str
    other: str
    aspect: str
    sign: int
    conditions: frozenset[str]


def stances(text: str, names: Collection[str], own: str | None) -> tuple[Stance, ...]:
    """What `text` says of any of `names`; `own` is the name of the work whose paper it stands in."""
    named = named_in(text)
    conditions = frozenset(n.name.casefold() for n in named if n.role == CONDITION)
    return (*_orders(text, names, own, conditions), *_kept_or_lost(text, names, own, named, conditions))


def _orders(text: str, names: Collection[str], own: str | None, conditions: frozenset[str]) -> list[Stance]:
    found = []
    for pattern, sign in ((_BETTER, 1), (_WORSE, -1)):
        for match in pattern.finditer(text):
            before = _CLAUSE.split(text[: match.start()])[-1]
            after = _CLAUSE.split(text[match.end() : match.end() + REACH])[0]
            subject = _last_name(before, names) or (own if _speaks_of_own(before, names, own) else None)
            if subject is None or _DENIED.search(before[-25:]):
                continue
            aspect = _ASPECT.get((match["what"] or "").lower(), "performance")
            others = [name for name in names if name != subject and _places(name, after)]
            found += [Stance(subject, other, aspect, sign, conditions) for other in others]
    return found


def _kept_or_lost(
    text: str, names: Collection[str], own: str | None, named: tuple[Named, ...], conditions: frozenset[str]
) -> list[Stance]:
    found = []
    kept = [(match, KEPT) for pattern in (*_KEEPS, *_EQUALS) for match in pattern.finditer(text)]
    lost = [(match, LOST) for pattern in _LOSES for match in pattern.finditer(text) if not _within(match, kept)]
    for match, which in (*kept, *lost):
        clause = _CLAUSE.split(text[: match.start()])[-1]
        if which is LOST and _DENIED.search(f"{clause[-40:]} {match[0]}"):
            continue
        subject = _last_name(clause, names) or (own if _speaks_of_own(clause, names, own) else None)
        role = next((n.role for n in named if subject and n.name.casefold() == subject.casefold()), SUBJECT)
        if subject is not None and role == SUBJECT:
            found.append(Stance(subject, which, _property(match["property"]), 0, conditions))
    return found


def _within(match: re.Match[str], kept: list[tuple[re.Match[str], str]]) -> bool:
    return any(match.start() < other.end() and other.start() < match.end() for other, _ in kept)


def _property(word: str) -> str:
    word = word.lower()
    return "accuracy" if word.startswith("accura") else "quality" if word.endswith(("quality", "fidelity")) else word


def _last_name(text: str, names: Collection[str]) -> str | None:
    """The name that stands last in `text`."""
    places = [(start, name) for name in names for start in _places(name, text)]
    return max(places)[1] if places else None


def _places(name: str, text: str) -> list[int]:
    """Where `text` carries `name` as a name: with a capital where the name has one ("BASED" is not "based")."""
    found = name_pattern(name).finditer(text)
    return [match.start() for match in found if name.islower() or any(c.isupper() for c in match[0])]


def _speaks_of_own(clause: str, names: Collection[str], own: str | None) -> bool:
    """True where the clause has its own work for a subject: it says so, or names nothing else."""
    return own in names and (_OWN.search(clause) is not None or not any(n.role == SUBJECT for n in named_in(clause)))
