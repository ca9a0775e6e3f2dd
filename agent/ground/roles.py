"""Which value, or which attribute, belongs to which name: catches two that changed places.

A sentence such as "3.7x over X and 6.6x over Y" falls into cells, {3.7x, X} and {6.6x, Y}. A claim
whose cells draw crosswise on the source's cells has put something in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from agent.ground.numbers import agrees
from agent.ground.polarity import signed
from agent.ground.source import Line
from agent.ground.words import stem
from agent.quantities import quantities
from agent.types import Quantity

__all__ = ["Swap", "swap"]

_JOINT = re.compile(
    r",\s(?:and|while|whereas|but|with|by)\s|;\s|,\s|\s(?:and|while|whereas|but)\s|\s(?:versus|vs\.?|against|compared (?:to|with))\s(?=(?:the |only |about )?\d)|\swith\s(?=an?\s)",
    re.I,
)
_CONTRAST = re.compile(
    r"[;.]\s|,\s(?:while|whereas|but|and|yet)\s|\s(?:while|whereas|but)\s|,\s(?=\w+(?:\s\w+){0,3}\s(?:is|are|to|for|as|with|has|have|can)\b)|\sand\s",
    re.I,
)
_HYPHENED = re.compile(r"\b[A-Za-z0-9]+(?:[-+][A-Za-z0-9]+)+")
_RESPECTIVELY = re.compile(r"\brespectively\b", re.I)
_COMPOUND = re.compile(r"\b(in|out[- ]of|cross|intra|inter)[- ](distribution|domain|sample|context|lingual)\b", re.I)


@dataclass(frozen=True, slots=True)
class Cell:
    """Words and quantities that belong together."""

    keys: frozenset[str]
    values: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """What the claim puts together and the source keeps apart."""

    joined: tuple[str, str]
    line: Line


def swap(claim: str, lines: Sequence[Line], own: frozenset[str] = frozenset()) -> Swap | None:
    """The first sign that two things of the claim have changed places; None when there is none.

    `own` are the folded words of the names of the paper's own method, which belong to every cell.
    """
    found = _by_value(claim, lines, own)
    if found is not None:
        return found
    for line in lines:
        found = _by_order(claim, line) or _by_contrast(claim, line.text, line)
        if found is not None:
            return found
    placed = sorted(lines, key=lambda line: (line.paper_id, line.start))
    for first, second in pairwise(placed):
        if first.paper_id == second.paper_id and first.end < second.start < first.end + 3:
            found = _by_contrast(claim, first.text + " " + second.text, first)
            if found is not None:
                return found
    return None


@lru_cache(maxsize=8192)
def _value_cells(text: str) -> tuple[Cell, ...]:
    """One cell a quantity, cut at the joints between quantities; doubtful words belong to none."""
    found = [q for q in quantities(text) if q.unit not in ("dims",)]
    if not found:
        return ()
    cuts: list[tuple[int, int]] = []
    for a, b in pairwise(found):
        joints = list(_JOINT.finditer(text, a.end, b.start + 1))
        if joints:
            cuts.append((joints[0].start(), joints[-1].end()))
        else:
            cuts.append((b.start, b.start))
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    cells = [Cell(_keys(text, s, e, found), (q,)) for s, e, q in zip(starts, ends, found, strict=True)]
    return tuple(_shared_out(text, found, _joined(text, found, cells)))


_LISTED_VALUES = re.compile(r"[%\w.]{0,3}\s?(?:,|and|\sand|/|\(|\)|\+|\s)*\s?(?:by |about |up to )?")


def _groups(text: str, found: Sequence[Quantity]) -> list[list[int]]:
    """Indexes of quantities that stand in one list ("50% and 40%")."""
    groups: list[list[int]] = []
    for index, quantity in enumerate(found):
        last = groups[-1][-1] if groups else -1
        if groups and _LISTED_VALUES.fullmatch(text[found[last].end : quantity.start]):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _joined(text: str, found: Sequence[Quantity], cells: list[Cell]) -> list[Cell]:
    """Values of one list share the words around the list."""
    done = list(cells)
    for group in _groups(text, found):
        union = frozenset(k for index in group for k in cells[index].keys)
        for index in group:
            done[index] = Cell(union, cells[index].values)
    return done


def _shared_out(text: str, found: Sequence[Quantity], cells: list[Cell]) -> list[Cell]:
    """With "respectively", hand out the names of a list to its values in order."""
    if not _RESPECTIVELY.search(text):
        return cells
    names = _name_lists(text)
    groups = _groups(text, found)
    done = list(cells)
    for listed in names:
        for group in groups:
            if len(group) != len(listed) or len(group) < 2:
                continue
            flat = frozenset(k for name in listed for k in name)
            for place, index in enumerate(group):
                done[index] = Cell((done[index].keys - flat) | listed[place], done[index].values)
    return done


_LISTED = re.compile(
    r"((?:[A-Z0-9][\w./+-]*|[a-z]+[A-Z]\w*)(?:\s[A-Z0-9][\w./+-]*){0,2})((?:,\s|\sand\s|,\sand\s|/)((?:[A-Z0-9][\w./+-]*|[a-z]+[A-Z]\w*)(?:\s[A-Z0-9][\w./+-]*){0,2}))+"
)


def _name_lists(text: str) -> list[list[frozenset[str]]]:
    lists = []
    for match in _LISTED.finditer(text):
        names = [n for n in re.split(r",\sand\s|,\s|\sand\s|/", match[0]) if n and not re.fullmatch(r"[\d.%×x]+", n)]
        if len(names) >= 2:
            lists.append([_keys(n, 0, len(n), ()) for n in names])
    return lists


def _keys(text: str, start: int, end: int, found: Sequence[Quantity]) -> frozenset[str]:
    inside = [(q.start, q.end) for q in found]
    keys: set[str] = set()
    keys.update(
        re.sub(r"\W", "", m[0]).lower() for m in _HYPHENED.finditer(text, start, end) if re.search(r"[A-Z\d]", m[0])
    )
    compounds = {m.span(): m[0].lower().replace(" ", "-") for m in _COMPOUND.finditer(text)}
    for span, name in compounds.items():
        if start <= span[0] < end:
            keys.add(name)
    for s in signed(text):
        if (
            start <= s.word.start < end
            and not any(a <= s.word.start < b for a, b in inside)
            and not any(a <= s.word.start < b for a, b in compounds)
        ):
            keys.add(s.stem if s.affirmed else "!" + s.stem)
    return frozenset(keys)


_FROM = re.compile(
    r"\s(from|into|instead of|rather than|in place of|as|(?:is |are |was |were )?replaced (?:by|with))\s"
)
_CLASS = {"instead of": "instead", "rather than": "instead", "in place of": "instead"}


def _connector(words: str) -> str:
    """The relation of a connecting phrase; "!" in front where its sides stand the other way round."""
    return "!instead" if "replaced" in words else _CLASS.get(words, words)


def _plain(keys: frozenset[str]) -> frozenset[str]:
    """Keys without their polarity: "instead of" itself turns what follows it."""
    return frozenset(k.removeprefix("!") for k in keys)


def _by_order(claim: str, line: Line) -> Swap | None:
    """ "A is distilled from B" against "B is distilled from A"."""
    for ours in _FROM.finditer(claim):
        for theirs in _FROM.finditer(line.text):
            mine, other = _connector(ours[1]), _connector(theirs[1])
            if mine.removeprefix("!") != other.removeprefix("!"):
                continue
            ol, orr = (
                _plain(_keys(claim, max(0, ours.start() - 60), ours.start(), ())),
                _plain(_keys(claim, ours.end(), ours.end() + 40, ())),
            )
            tl, tr = (
                _plain(_keys(line.text, max(0, theirs.start() - 60), theirs.start(), ())),
                _plain(_keys(line.text, theirs.end(), theirs.end() + 40, ())),
            )
            if mine != other:
                ol, orr = orr, ol
            left, right = (ol - orr) & (tr - tl), (orr - ol) & (tl - tr)
            straight = len((ol - orr) & (tl - tr)) + len((orr - ol) & (tr - tl))
            if left and right and (ours[1] == "from" or len(left) + len(right) > straight):
                return Swap((sorted(left)[0], sorted(right)[0]), line)
    return None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A claim cell held against the source: its home (the cell of its value), and what it draws from elsewhere."""

    home: int
    away: int
    agree: int
    keys: frozenset[str]
    value: str


def _by_value(claim: str, lines: Sequence[Line], names: frozenset[str]) -> Swap | None:
    """Values that stand with the words of another value, in one sentence or across several."""
    ours = [c for c in _value_cells(claim) if _counts(c.values[0])]
    theirs = [(c, line) for line in lines for c in _value_cells(line.text) if _counts(c.values[0])]
    own = _exclusive(ours)
    ignored = frozenset(s for n in names for s in (n, "!" + n, stem(n)))
    placed = [p for cell, keys in zip(ours, own, strict=True) if (p := _place(cell, keys, theirs)) is not None]
    for p in placed:
        enough = 1 if theirs[p.home][1] is theirs[p.away][1] else 2
        if not p.agree and len(p.keys - ignored) >= enough:
            return Swap((p.value, sorted(p.keys - ignored)[0]), theirs[p.home][1])
    for p in placed:
        for q in placed:
            if (
                p.home == q.away
                and p.away == q.home
                and len(p.keys) >= p.agree
                and len(q.keys) >= q.agree
                and _names_in(p.keys, claim)
                and _names_in(q.keys, claim)
            ):
                return Swap((p.value, sorted(p.keys)[0]), theirs[p.home][1])
    return None


def _counts(quantity: Quantity) -> bool:
    """False for small numbers in words ("two models"), which sort nothing."""
    return quantity.unit not in ("", "params") or (not quantity.unit and bool(re.search(r"\d", quantity.text)))


def _place(cell: Cell, keys: frozenset[str], theirs: Sequence[tuple[Cell, Line]]) -> _Placed | None:
    value = cell.values[0]
    alike = [j for j, (c, _) in enumerate(theirs) if c.values[0].unit == value.unit or agrees(value, c.values[0])]
    homes = [j for j in alike if agrees(value, theirs[j][0].values[0])]
    if len(homes) != 1:
        return None
    home = homes[0]
    here = theirs[home][0].keys
    best: _Placed | None = None
    for j in alike:
        apart = theirs[j][0].keys - here - _led(theirs[j][1].text)
        agree, crossed = keys & (here - theirs[j][0].keys), keys & apart
        if j == home or not crossed or not here - theirs[j][0].keys:
            continue
        placed = _Placed(home, j, len(agree), crossed, value.text)
        if best is None or (len(agree), -len(crossed)) < (best.agree, -len(best.keys)):
            best = placed
    return best


def _names_in(keys: frozenset[str], text: str) -> bool:
    """True when one of the keys is written as a name in the text."""
    return any(
        s.stem in keys and (any(c.isupper() for c in s.word.text) or any(c.isdigit() for c in s.word.text))
        for s in signed(text)
    )


def _led(text: str) -> frozenset[str]:
    """The words of an opening such as "Compared with X," which belong to the whole sentence."""
    lead = re.match(r"^(?:compared|relative|in|on|for|with|under|when|using|among|across|at|by)\b[^,]*,", text, re.I)
    return _keys(text, 0, lead.end(), ()) if lead else frozenset()


def _exclusive(cells: Sequence[Cell]) -> list[frozenset[str]]:
    return [c.keys - frozenset(k for o in cells if o is not c for k in o.keys) for c in cells]


@lru_cache(maxsize=8192)
def _contrast_cells(text: str) -> tuple[frozenset[str], ...]:
    cuts = [0]
    for match in _CONTRAST.finditer(text):
        cuts += [match.start(), match.end()]
    cuts.append(len(text))
    spans = [(cuts[i], cuts[i + 1]) for i in range(0, len(cuts) - 1, 2)]
    cells = [_keys(text, a, b, quantities(text)) for a, b in spans]
    merged: list[frozenset[str]] = []
    for cell in cells:
        if merged and (len(cell) < 2 or len(merged[-1]) < 2):
            merged[-1] = merged[-1] | cell
        elif cell:
            merged.append(cell)
    return tuple(merged)


def _by_contrast(claim: str, text: str, line: Line) -> Swap | None:
    ours, theirs = _contrast_cells(claim), _contrast_cells(text)
    if len(ours) < 2 or len(theirs) < 2:
        return None
    own = [c - frozenset(k for o in ours if o is not c for k in o) for c in ours]
    other = [c - frozenset(k for o in theirs if o is not c for k in o) for c in theirs]
    near = [(i, j) for i in range(len(theirs)) for j in range(i + 1, min(len(theirs), i + 3)) if theirs[i] & theirs[j]]
    for i, j in near:
        mixed = [(c & other[i], c & other[j]) for c in own]
        mixed = [(a, b) for a, b in mixed if a and b]
        if len(mixed) >= 2:
            (a, b), _ = mixed[0], mixed[1]
            return Swap((sorted(a)[0], sorted(b)[0]), line)
    return None
