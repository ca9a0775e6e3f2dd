"""Does each value of the claim stand with its own thing? Catches values that changed places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.ground.agreement import agrees
from agent.ground.cells import Cell, led, value_cells
from agent.ground.polarity import signed
from agent.ground.source import Line
from agent.ground.words import stem

__all__ = ["Swap", "misbound"]


@dataclass(frozen=True, slots=True)
class Swap:
    """What the claim puts together and the source keeps apart."""

    joined: tuple[str, str]
    line: Line


@dataclass(frozen=True, slots=True)
class _Placed:
    """A claim cell held against the source: the cells of its value, and what it draws from another cell.

    `firm` when the source names something beside the value that it does not name beside the other;
    `names` when a name is among what agrees.
    """

    homes: frozenset[int]
    away: int
    agree: int
    keys: frozenset[str]
    value: str
    firm: bool
    names: bool


def misbound(claim: str, lines: Sequence[Line], names: frozenset[str] = frozenset()) -> Swap | None:
    """The first value that stands with the words of another value of the source; `names` belong to every value."""
    ours = value_cells(claim)
    theirs = [(c, line) for line in lines for c in value_cells(line.text)]
    ignored = frozenset(s for n in names for s in (n, "!" + n, stem(n)))
    opening = led(claim)
    placed = [p for cell in ours if (p := _place(cell, _own(cell, ours), theirs, opening)) is not None]
    for p in placed:
        line = theirs[min(p.homes)][1]
        enough = 1 if any(theirs[h][1] is theirs[p.away][1] for h in p.homes) else 2
        keys = p.keys if p.firm else p.keys - ignored
        both = any(agrees(c.value, theirs[p.away][0].value) for c in ours if c.value.text != p.value)
        unnamed = (
            both
            and enough == 1
            and not p.names
            and theirs[p.away][0].kind != "bit"
            and _named(frozenset(k for k in keys if k[0] != "#"), claim)
        )
        if (not p.agree or unnamed) and len(keys) >= enough:
            return Swap((p.value, sorted(keys)[0]), line)
    for p in placed:
        for q in placed:
            if _crossed(p, q) and _named(p.keys, claim) and _named(q.keys, claim):
                return Swap((p.value, sorted(p.keys)[0]), theirs[min(p.homes)][1])
    return None


def _crossed(p: _Placed, q: _Placed) -> bool:
    return q.away in p.homes and p.away in q.homes and len(p.keys) >= p.agree and len(q.keys) >= q.agree


def _own(cell: Cell, cells: Sequence[Cell]) -> frozenset[str]:
    """The keys of a cell that no other value of its kind shares."""
    rivals = [o for o in cells if o is not cell and o.kind == cell.kind]
    return cell.keys - frozenset(k for o in rivals for k in o.keys)


def _place(
    cell: Cell, keys: frozenset[str], theirs: Sequence[tuple[Cell, Line]], opening: frozenset[str]
) -> _Placed | None:
    value = cell.value
    homes = frozenset(j for j, (c, _) in enumerate(theirs) if agrees(value, c.value))
    if not homes:
        return None
    here = frozenset(k for j in homes for k in theirs[j][0].keys)
    kinds = {theirs[j][0].kind for j in homes}
    best: _Placed | None = None
    for j, (other, line) in enumerate(theirs):
        if j in homes or other.kind not in kinds:
            continue
        apart = other.keys - here - led(line.text)
        agree, crossed = keys & (here - other.keys), keys & apart
        if not crossed or not here - other.keys:
            continue
        firm = any(_named(here - other.keys, theirs[h][1].text) for h in homes)
        placed = _Placed(
            homes,
            j,
            len(agree),
            crossed,
            value.text,
            firm,
            any(_named(agree - opening, theirs[h][1].text) for h in homes),
        )
        if best is None or (len(agree), -len(crossed)) < (best.agree, -len(best.keys)):
            best = placed
    return best


def _named(keys: frozenset[str], text: str) -> bool:
    """True when one of the keys is a number, or written as a name in the text."""
    return any(k.startswith("#") for k in keys) or any(
        s.stem in keys and (any(c.isupper() for c in s.word.text) or any(c.isdigit() for c in s.word.text))
        for s in signed(text)
    )
