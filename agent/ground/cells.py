"""What belongs together in a sentence: each quantity with the words of its own thing and condition.

"4.86x and 2.18x on NVIDIA and AMD GPUs" falls into {4.86x, NVIDIA} and {2.18x, AMD}. Quantities of
one unit divide a sentence among themselves; all other words and quantities are what they are told
apart by. Words that could belong to either stand in neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from agent.ground.agreement import family
from agent.ground.lists import listed
from agent.ground.polarity import signed
from agent.ground.words import STOP, fold, stem
from agent.quantities import quantities
from agent.types import Quantity

__all__ = ["Cell", "keys_in", "led", "value_cells"]

_STRONG = re.compile(r",\s(?:and|while|whereas|but)\s|;\s|\s(?:while|whereas|but)\s", re.I)
_JOINT = re.compile(
    r",\s(?:and|while|whereas|but|with|by)\s|;\s|,\s|\s(?:and|while|whereas|but)\s|\s(?:versus|vs\.?|against|compared (?:to|with))\s(?=(?:the |only |about )?\d)|\swith\s(?=an?\s)|\s(?:that|which|where)\s",
    re.I,
)
_HYPHENED = re.compile(r"\b[A-Za-z0-9]+(?:[-+][A-Za-z0-9]+)+")
_COMPOUND = re.compile(r"\b(in|out[- ]of|cross|intra|inter)[- ](distribution|domain|sample|context|lingual)\b", re.I)
_BETWEEN = re.compile(
    r"[%\w.]{0,3}\s?(?:,|and|\sand|/|\(|\)|\+|vs\.?|versus|\sto\s|\s)*\s?(?:by |about |up to |over |just |only |less than )?"
)
_COUNTED = re.compile(r"\s([A-Za-z]{2,})")
_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_LEAD = re.compile(r"^(?:compared|relative|in|on|for|with|under|when|using|among|across|at|by)\b[^,]*,", re.I)


@dataclass(frozen=True, slots=True)
class Cell:
    """A quantity, its kind (unit, or what is counted), and the keys (stems, squeezed names, other quantities) that go with it."""

    keys: frozenset[str]
    value: Quantity
    kind: str = ""


@lru_cache(maxsize=8192)
def value_cells(text: str) -> tuple[Cell, ...]:
    """One cell a quantity, in order of unit and place."""
    measures = _with_units(text, [q for q in quantities(text) if _measures(q)])
    cells: list[Cell] = []
    for kind in dict.fromkeys(_kind(text, q) for q in measures):
        cells += [replace(c, kind=kind) for c in _of_kind(text, [q for q in measures if _kind(text, q) == kind])]
    return tuple(cells)


def _kind(text: str, quantity: Quantity) -> str:
    """The base unit of a quantity, or the noun right after a bare number."""
    counted = _COUNTED.match(text, quantity.end) if not quantity.unit and "." not in quantity.text else None
    return stem(fold(counted[1])) if counted and fold(counted[1]) not in STOP else family(quantity)


def _with_units(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """The second of "156 TFLOPS while B achieves only 45" is in TFLOPS too."""
    done: list[Quantity] = []
    for quantity in found:
        bare = not quantity.unit and re.match(r"[.,;)]|$", text[quantity.end :])
        done.append(replace(quantity, unit=done[-1].unit) if bare and done else quantity)
    return done


def _measures(quantity: Quantity) -> bool:
    """False for sizes, for model sizes, and for small numbers in words ("two models"), which sort nothing."""
    return quantity.unit not in ("", "params", "dims") or (not quantity.unit and bool(re.search(r"\d", quantity.text)))


def _of_kind(text: str, found: Sequence[Quantity]) -> list[Cell]:
    cuts = [_cut(text, a, b) for a, b in pairwise(found)]
    first, last = text.rfind("; ", 0, found[0].start), text.find("; ", found[-1].end)
    starts = [first + 1, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text) if last < 0 else last]
    keys = [keys_in(text, s, e, found) for s, e in zip(starts, ends, strict=True)]
    groups = _groups(text, found)
    for group in groups:
        union = frozenset[str]().union(*(keys[index] for index in group))
        for index in group:
            keys[index] = union
    _hand_out(text, found, groups, keys)
    return [Cell(k, q) for k, q in zip(keys, found, strict=True)]


def _cut(text: str, a: Quantity, b: Quantity) -> tuple[int, int]:
    """Where one quantity's words end and the next one's begin."""
    for pattern in (_STRONG, _JOINT):
        joints = list(pattern.finditer(text, a.end, b.start + 1))
        if joints:
            return joints[0].start(), joints[-1].end()
    return b.start, b.start


def _groups(text: str, found: Sequence[Quantity]) -> list[list[int]]:
    """Indexes of quantities that stand in one list ("50% and 40%")."""
    groups: list[list[int]] = []
    for index, quantity in enumerate(found):
        if groups and _BETWEEN.fullmatch(text[found[groups[-1][-1]].end : quantity.start]):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _hand_out(text: str, found: Sequence[Quantity], groups: list[list[int]], keys: list[frozenset[str]]) -> None:
    """Give the items of a list of things to the quantities of a list of values, in order."""
    spans = [(q.start, q.end) for q in found]
    for items in listed(text):
        if any(a < end and start < b for start, end in items.spans for a, b in spans):
            continue
        apart = [keys_in(text, start, end, ()) for start, end in items.spans]
        shared = frozenset(k for k in apart[0] if all(k in other for other in apart))
        flat = frozenset[str]().union(*apart) - shared
        fitting = [g for g in groups if len(g) == len(apart)]
        if not fitting and items.respectively and len(found) == len(apart):
            fitting = [list(range(len(found)))]
        if not fitting or not (items.respectively or (len(fitting) == 1 and items.named)):
            continue
        for group in fitting:
            for place, index in enumerate(group):
                keys[index] = (keys[index] - flat) | apart[place]


def keys_in(text: str, start: int, end: int, found: Sequence[Quantity]) -> frozenset[str]:
    """The keys of a stretch of text; the quantities `found` themselves are none, other quantities are."""
    inside = [(q.start, q.end) for q in found]
    others = [q for q in quantities(text) if (q.start, q.end) not in inside and start <= q.start < end]
    keys = {f"#{q.low:g}" for q in others if q.unit in ("", "params") and re.search(r"\d", q.text)}
    keys.update(
        re.sub(r"\W", "", m[0]).lower() for m in _HYPHENED.finditer(text, start, end) if re.search(r"[A-Z\d]", m[0])
    )
    keys.update(m[0].lower() for m in _CAPITALS.finditer(text, start, end) if m[0].lower() in STOP)
    compounds = {m.span(): m[0].lower().replace(" ", "-") for m in _COMPOUND.finditer(text)}
    keys.update(name for span, name in compounds.items() if start <= span[0] < end)
    skipped = [*inside, *compounds, *((q.start, q.end) for q in others)]
    for s in signed(text):
        if start <= s.word.start < end and not any(a <= s.word.start < b for a, b in skipped):
            keys.add(s.stem if s.affirmed else "!" + s.stem)
    return frozenset(keys)


def led(text: str) -> frozenset[str]:
    """The keys of an opening such as "Compared with X," which belong to the whole sentence."""
    lead = _LEAD.match(text)
    return keys_in(text, 0, lead.end(), ()) if lead else frozenset()
