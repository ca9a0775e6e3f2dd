"""Lists of things in a sentence: "NVIDIA and AMD GPUs", "16 and 2,048 GPUs, respectively"."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Listed", "listed"]

_TOKEN = re.compile(r"[^\s,;:()]+|[,;:()]")
_COORDINATOR = frozenset("and or versus vs vs. against".split())
_EDGE = frozenset(
    "on in for with of at by to from over than under using when while whereas is are was were be being both between across as that "
    "which who has have achieves achieve reaches reach obtains , ; : ( ) and or versus vs vs. against but respectively the a an".split()
)
_MOST = 4
"""Words an item may have."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The items' places; `respectively` when the word follows, `named` when every item holds a name or a number."""

    spans: tuple[tuple[int, int], ...]
    respectively: bool
    named: bool


def listed(text: str) -> tuple[Listed, ...]:
    """Every coordination of short items, in order of their last coordinator."""
    tokens = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    found = []
    for k, (token, _, _) in enumerate(tokens):
        if token.lower() not in _COORDINATOR:
            continue
        spans = [s for s in (*_before(tokens, k), _after(tokens, k)) if s is not None]
        if len(spans) < 2 or spans[-1][0] < tokens[k][2]:
            continue
        told = bool(re.search(r"\brespectively\b", text[spans[-1][1] :], re.I))
        named = all(re.search(r"[A-Z\d]", text[a:b]) for a, b in spans)
        found.append(Listed(tuple(spans), told, named))
    return tuple(found)


def _after(tokens: list[tuple[str, int, int]], k: int) -> tuple[int, int] | None:
    stop = k + 1
    if stop < len(tokens) and tokens[stop][0].lower() in ("the", "a", "an"):
        stop += 1
    first = stop
    while stop < len(tokens) and stop - first < _MOST and tokens[stop][0].lower() not in _EDGE:
        if stop > first and tokens[stop][0][0].isdigit() and tokens[stop - 1][0].islower():
            break
        stop += 1
    if first < stop < len(tokens) - 1 and tokens[stop][0] == "of" and tokens[stop + 1][0].lower() not in _EDGE:
        stop += 2
    return (tokens[first][1], tokens[stop - 1][2]) if stop > first else None


def _before(tokens: list[tuple[str, int, int]], k: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    end = k
    while end > 0:
        if tokens[end - 1][0] == ",":
            end -= 1
        first = end
        while first > 0 and end - first < _MOST and tokens[first - 1][0].lower() not in _EDGE:
            first -= 1
        if first == end:
            break
        spans.insert(0, (tokens[first][1], tokens[end - 1][2]))
        if first == 0 or tokens[first - 1][0] != ",":
            break
        end = first
    return spans
