"""Findings: the quantities a sentence reports, with what was measured, of what, against what, and where.

A name's role is read from the words before it: after "than" or "over" it is the baseline, after "on" or "with" a
condition, else the subject. A sentence that names no subject speaks of its paper's own work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.aspects import aspect_near
from agent.names import label_of, name_pattern, names_in
from agent.quantities import quantities
from agent.types import Finding, Quantity
from store.types import Paper, Sentence

__all__ = ["BASELINE", "CONDITION", "SUBJECT", "Finding", "Named", "Quantity", "findings", "named_in", "quantities"]

SUBJECT, BASELINE, CONDITION = "subject", "baseline", "condition"
_UNIT_ASPECTS = {
    **dict.fromkeys(("ms", "us", "ns", "s", "min", "h", "fps", "tok/s"), "speed"),
    **dict.fromkeys(("KB", "MB", "GB", "TB"), "memory"),
    **dict.fromkeys(("J", "mJ", "kJ", "W", "mW", "kW"), "energy"),
}
_AGAINST = re.compile(
    r"\b(?P<mark>than|over|versus|vs\.?|against|(?:compared|comparable|relative|superior|inferior) (?:to|with)|outperform\w*|surpass\w*|"
    r"exceed\w*|beat(?:s|ing)?|outrun\w*|below|above|from) (?:[\w-]+ ){0,3}[(\"“]?$",
    re.I,
)
_WHERE = re.compile(
    r"\b(?:on|for|under|with|using|in|at|across|by|like|such as|including|of) (?:[\w-]+ ){0,2}[(\"“]?$", re.I
)
_JOINED = re.compile(r"^,? (?:and|or) $|^/$")
_LISTED = re.compile(r"^,? (?:and|or) |^, ")
_BASELINE = re.compile(
    r"\b(?:than|over|versus|vs\.?|against|(?:compared|relative) (?:to|with))\s+((?:[\w+./-]+\s?){1,5}?)"
    r"(?=$|[,;:.()]|\s?\b(?:on|in|with|while|and|at|for|by|across|when|under|is|are|does|do)\b)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a sentence, where it stands, and its role there."""

    name: str
    start: int
    end: int
    role: str


def findings(paper: Paper, sentence: Sentence) -> tuple[Finding, ...]:
    """One finding a quantity of the sentence, with offsets into the paper's abstract."""
    text = sentence.text
    found = quantities(text)
    if not found:
        return ()
    names, label = named_in(text), label_of(paper)
    return tuple(
        Finding(
            paper_id=paper.paper_id,
            start=sentence.start + quantity.start,
            end=sentence.start + quantity.end,
            quantity=quantity,
            aspect=_UNIT_ASPECTS.get(quantity.unit) or aspect_near(text, quantity.start, quantity.end),
            subject=_subject(quantity, names) or label,
            baseline=_baseline(text, quantity, names),
            condition="; ".join(sorted({n.name for n in names if n.role == CONDITION})) or None,
        )
        for quantity in found
    )


def named_in(text: str) -> tuple[Named, ...]:
    """The names of a sentence in order, each with its role; one in a list with another has that one's role."""
    found: list[Named] = []
    for name, start, end in sorted(_places(text), key=lambda place: place[1]):
        if found and start < found[-1].end:
            continue
        last = found[-1] if found else None
        between = text[last.end : start] if last is not None else ""
        if last is not None and (_JOINED.match(between) or (between == ", " and _LISTED.match(text[end:]))):
            role = last.role
        else:
            role = _role(text[max(0, start - 50) : start])
        found.append(Named(name, start, end, role))
    return tuple(found)


def _role(before: str) -> str:
    """The role that the word nearest before a name gives it."""
    against, where = _AGAINST.search(before), _WHERE.search(before)
    if against is not None and (where is None or where.start() < against.end("mark")):
        return BASELINE
    return CONDITION if where is not None else SUBJECT


def _places(text: str) -> Iterator[tuple[str, int, int]]:
    for marked in names_in(text):
        name = marked.removeprefix("\0")
        if marked == name:
            yield from ((name, *match.span()) for match in name_pattern(name).finditer(text))


def _subject(quantity: Quantity, names: tuple[Named, ...]) -> str | None:
    """The subject nearest before the quantity."""
    before = [n.name for n in names if n.role == SUBJECT and n.end <= quantity.start]
    return before[-1] if before else None


def _baseline(text: str, quantity: Quantity, names: tuple[Named, ...]) -> str | None:
    """The baseline nearest to the quantity, by its name, or by its words where it has none."""
    named = [n for n in names if n.role == BASELINE]
    if named:
        return min(named, key=lambda n: min(abs(n.start - quantity.end), abs(quantity.start - n.end))).name
    worded = [
        (min(abs(m.start() - quantity.end), abs(quantity.start - m.end())), m[1]) for m in _BASELINE.finditer(text)
    ]
    return min(worded)[1].strip().lower() or None if worded else None
