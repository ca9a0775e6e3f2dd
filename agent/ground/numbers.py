"""Do the claim's quantities stand in the source?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.ground.source import Source
from agent.types import Quantity

__all__ = ["Match", "NumberFinding", "match_quantities"]

_BASE = {
    "ns": ("s", 1e-9), "us": ("s", 1e-6), "ms": ("s", 1e-3), "s": ("s", 1.0), "min": ("s", 60.0), "h": ("s", 3600.0), "day": ("s", 86400.0),
    "week": ("s", 604800.0), "KB": ("B", 1e3), "MB": ("B", 1e6), "GB": ("B", 1e9), "TB": ("B", 1e12), "PB": ("B", 1e15),
    "MFLOP": ("FLOP", 1e6), "GFLOP": ("FLOP", 1e9), "TFLOP": ("FLOP", 1e12),
    "Hz": ("Hz", 1.0), "kHz": ("Hz", 1e3), "MHz": ("Hz", 1e6), "GHz": ("Hz", 1e9),
    "W": ("W", 1.0), "mW": ("W", 1e-3), "kW": ("W", 1e3), "J": ("J", 1.0), "mJ": ("J", 1e-3), "kJ": ("J", 1e3),
    "mm": ("m", 1e-3), "cm": ("m", 1e-2), "km": ("m", 1e3), "nm": ("m", 1e-9), "mV": ("V", 1e-3), "kV": ("V", 1e3), "pp": ("%", 1.0),
}  # fmt: skip


class Match(StrEnum):
    """How a claimed quantity stands to the source."""

    SAME = "same"
    DERIVED = "derived"
    CONFLICT = "conflict"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class NumberFinding:
    """A claimed quantity, how it stands, and the source quantity it was held against."""

    claimed: Quantity
    match: Match
    stated: Quantity | None
    detail: str


def match_quantities(
    claimed: Sequence[Quantity], source: Source, near: Sequence[Quantity]
) -> tuple[NumberFinding, ...]:
    """How each claimed quantity stands to the source. `near` are those of the aligned sentences."""
    found: list[NumberFinding] = []
    used: list[Quantity] = []
    for quantity in claimed:
        stated = next((q for q in (*near, *source.quantities) if agrees(quantity, q)), None)
        if stated is not None:
            used.append(stated)
            found.append(NumberFinding(quantity, Match.SAME, stated, f'"{quantity.text}" stands in the source'))
        elif _loose(quantity, source):
            found.append(NumberFinding(quantity, Match.SAME, None, f'"{quantity.text}" stands in the source'))
        else:
            found.append(NumberFinding(quantity, Match.ABSENT, None, ""))
    return tuple(_rival(f, near, used) if f.match is Match.ABSENT else f for f in found)


def _rival(finding: NumberFinding, near: Sequence[Quantity], used: Sequence[Quantity]) -> NumberFinding:
    claimed = finding.claimed
    for quantity in near:
        if quantity in used or not claimed.unit or _unit(quantity)[0] != _unit(claimed)[0]:
            continue
        return NumberFinding(
            claimed, Match.CONFLICT, quantity, f'the claim says "{claimed.text}", the source "{quantity.text}"'
        )
    return NumberFinding(claimed, Match.ABSENT, None, f'"{claimed.text}" is nowhere in the source')


def agrees(claimed: Quantity, stated: Quantity) -> bool:
    """True when the two may be the same quantity: unit, value within the claim's rounding, comparator."""
    unit, factor = _unit(claimed)
    other, scale = _unit(stated)
    if unit != other and not _same_kind(claimed, stated):
        return False
    if {unit, other} == {"", "%"}:
        factor, scale = (100.0, 1.0) if unit == "" else (1.0, 100.0)
    low, high = claimed.low * factor, claimed.high * factor
    ours, theirs = (low, high), (stated.low * scale, stated.high * scale)
    if claimed.low != claimed.high:
        return stated.low != stated.high and all(_near(claimed, a, b) for a, b in zip(ours, theirs, strict=True))
    return any(_near(claimed, low, value) for value in theirs)


def _near(claimed: Quantity, ours: float, theirs: float) -> bool:
    if ours == theirs:
        return True
    tolerance = 0.1 if claimed.comparator == "~" or not re.search(r"\d", claimed.text) else 0.0
    decimals = re.search(r"\.(\d+)", claimed.text)
    step = 0.5 * 10.0 ** -len(decimals[1]) if decimals else (0.5 if ours >= 20 else 0.0)
    if abs(ours - theirs) <= max(tolerance * abs(theirs), step * 1.0001):
        return True
    if claimed.comparator in (">", ">="):
        return ours <= theirs <= 1.35 * ours
    if claimed.comparator in ("<", "<="):
        return 0.74 * ours <= theirs <= ours
    return False


def _unit(quantity: Quantity) -> tuple[str, float]:
    return _BASE.get(quantity.unit, (quantity.unit, 1.0))


def _same_kind(claimed: Quantity, stated: Quantity) -> bool:
    pair = {_unit(claimed)[0], _unit(stated)[0]}
    if pair == {"", "%"}:
        share = claimed if claimed.unit == "" else stated
        return 0 < share.low < 1 or share.low == 0
    return ("" in pair and "x" not in pair) or pair == {"", "params"}


def _loose(quantity: Quantity, source: Source) -> bool:
    """True when the very digits stand in the source, in a name or with a unit we cannot read."""
    digits = re.search(r"\d[\d.,]*[kKMBT]?", quantity.text)
    if digits is None or quantity.unit not in ("", "params", "dims", "bit"):
        return False
    text = re.sub(r"\s?[×x]\s?", "x", source.text)
    wanted = re.sub(r"\s?[×x]\s?", "x", re.sub(r"^[^\d]*", "", quantity.text))
    return bool(re.search(rf"(?<![\d.]){re.escape(wanted)}(?![\d]|\.\d)", text, re.I))
