"""When two quantities may be one: their units, what the claim's wording lets a number differ by, bounds."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from agent.types import Quantity

__all__ = ["agrees", "base", "decimals", "ends", "exact", "family", "holds", "in_words", "part_of_one"]

_BASE = {
    "ns": ("s", 1e-9), "us": ("s", 1e-6), "ms": ("s", 1e-3), "s": ("s", 1.0), "min": ("s", 60.0), "h": ("s", 3600.0), "day": ("s", 86400.0),
    "week": ("s", 604800.0), "month": ("s", 2629800.0), "year": ("s", 31557600.0), "decade": ("s", 315576000.0),
    "KB": ("B", 1e3), "MB": ("B", 1e6), "GB": ("B", 1e9), "TB": ("B", 1e12), "PB": ("B", 1e15), "cent": ("$", 1e-2),
    "MFLOP": ("FLOP", 1e6), "GFLOP": ("FLOP", 1e9), "TFLOP": ("FLOP", 1e12), "Hz": ("Hz", 1.0), "kHz": ("Hz", 1e3), "MHz": ("Hz", 1e6),
    "GHz": ("Hz", 1e9), "W": ("W", 1.0), "mW": ("W", 1e-3), "kW": ("W", 1e3), "J": ("J", 1.0), "mJ": ("J", 1e-3), "kJ": ("J", 1e3),
    "mm": ("m", 1e-3), "cm": ("m", 1e-2), "km": ("m", 1e3), "nm": ("m", 1e-9), "mV": ("V", 1e-3), "kV": ("V", 1e3), "pp": ("%", 1.0),
}  # fmt: skip
_ABOUT = 0.1
_BEYOND = 1.35
_FAR_BEYOND = 1.7
"""How far "more than half" may lie below the number it speaks of; digits are chosen nearer (_BEYOND)."""
_IN_WORDS = 0.06
"""How far a number in words with its unit may lie off: "triples" for 3.1x, "five points" for 5.2."""
_STEP = 0.75
"""Of the claim's last digit: "under 1%" of 0.4%, "more than two" of 2.7."""
_CALENDAR = 0.035
"""Months and days, weeks and years: no whole number of the one makes the other."""
_PART = re.compile(
    r"hal|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth|ieth|hundredth|thousandth|dozen|\b(?:in|of|every)\b",
    re.I,
)
_BELOW = re.compile(r"^(?:nearly|almost|just under|close to|just below)\b", re.I)
_ABOVE = re.compile(r"^just over\b", re.I)


def base(quantity: Quantity) -> tuple[str, float]:
    """The base unit of a quantity and what one of its own unit is in it."""
    return _BASE.get(quantity.unit, (quantity.unit, 1.0))


def family(quantity: Quantity) -> str:
    """The base unit: quantities of one family can be compared."""
    return base(quantity)[0]


def exact(quantity: Quantity) -> bool:
    """True for one value, no range."""
    return quantity.low == quantity.high


def ends(quantity: Quantity) -> tuple[Quantity, Quantity] | None:
    """The two ends of "5% to 10%", each by itself; None for what is no such range."""
    low, joint, high = quantity.text.partition(" to ")
    if not joint or exact(quantity):
        return None
    return replace(quantity, high=quantity.low, text=low), replace(quantity, low=quantity.high, text=high)


def in_words(quantity: Quantity) -> bool:
    """True for a quantity without a digit: "a third", "eleven points"."""
    return not re.search(r"\d", quantity.text)


def part_of_one(quantity: Quantity) -> bool:
    """True for a share in words, which rounds: "a tenth", "seven in ten"."""
    return quantity.unit == "%" and in_words(quantity) and "cent" not in quantity.text.lower()


def agrees(claimed: Quantity, stated: Quantity) -> bool:
    """True when the two may be the same quantity: unit, value within the claim's rounding, bounds not turned."""
    factor = _factor(claimed, stated)
    if factor is None or _turned(claimed, stated):
        return False
    theirs = (stated.low * factor, stated.high * factor)
    if claimed.low != claimed.high:
        return not exact(stated) and holds(claimed, claimed.low, theirs[0]) and holds(claimed, claimed.high, theirs[1])
    if not exact(stated) and stated.unit == "dims":
        return False
    return any(holds(claimed, claimed.low, value) for value in theirs) or _calendar(claimed, stated, theirs[0])


def _turned(claimed: Quantity, stated: Quantity) -> bool:
    """True for "more than 85%" against "up to 85%"."""
    return {claimed.comparator[0], stated.comparator[0]} == {"<", ">"}


def _calendar(claimed: Quantity, stated: Quantity, theirs: float) -> bool:
    """True for "six months" against "180 days"."""
    units = {claimed.unit, stated.unit}
    if len(units) != 2 or not units <= {"day", "week", "month", "year", "decade"}:
        return False
    return abs(claimed.low - theirs) <= _CALENDAR * theirs


def _factor(claimed: Quantity, stated: Quantity) -> float | None:
    """What turns the stated number into the claim's unit; None when the units never meet."""
    (unit, scale), (other, theirs) = base(claimed), base(stated)
    if unit == other:
        return theirs / scale
    pair = {unit, other}
    if claimed.unit == "pp" and unit != other == "" and decimals(stated) and (decimals(claimed) or in_words(claimed)):
        return 1.0
    if pair == {"", "%"}:
        share = claimed if unit == "" else stated
        if 0 <= share.low < 1 and decimals(share) > 0:
            return 0.01 if unit == "" else 100.0
        return None
    if pair == {"", "x"} and unit == "" and decimals(claimed) > 0:
        return 1.0
    if "" in pair and {claimed.unit, stated.unit} & {"month", "year"}:
        return 1.0
    if "" in pair and not pair & {"x", "dims", "s"}:
        return theirs / scale if stated.unit in ("params", "") or claimed.unit in ("params", "") else None
    return None


def holds(claimed: Quantity, ours: float, theirs: float) -> bool:
    """True when a claim that says `ours` may stand for `theirs`, by its rounding, hedge and bounds."""
    if math.isclose(ours, theirs, rel_tol=1e-9):
        return True
    if _BELOW.match(claimed.text) and theirs > ours * 1.005 and not claimed.text.lower().startswith("close"):
        return False
    if _ABOVE.match(claimed.text) and theirs < ours * 0.995:
        return False
    if abs(ours - theirs) <= _slack(claimed, ours, theirs) * 1.0001:
        return True
    beyond = _FAR_BEYOND if part_of_one(claimed) else _BEYOND
    step = _STEP * _scale(claimed) * 10.0 ** -decimals(claimed)
    if claimed.comparator in (">", ">="):
        return ours <= theirs <= max((2.2 if "magnitude" in claimed.text else beyond) * ours, ours + step)
    if claimed.comparator in ("<", "<="):
        return min(ours / beyond, ours - step) <= theirs <= ours and claimed.comparator == "<"
    return False


def _slack(claimed: Quantity, ours: float, theirs: float) -> float:
    """How far the claim's wording lets the number lie from the source's."""
    if "magnitude" in claimed.text:
        return 0.5 * ours
    places, scale = decimals(claimed), _scale(claimed)
    step = 0.5 * scale * 10.0**-places
    rounded = step if _finer(theirs / scale, places) and (places or ours / scale >= 6) else 0.0
    if claimed.comparator == "~" or (part_of_one(claimed) and not exact(claimed)):
        return max(rounded, _hedged(claimed, ours, theirs))
    if in_words(claimed) and claimed.unit not in ("", "%"):
        return max(rounded, min(_IN_WORDS * abs(theirs), 0.5 * scale), 0.1 if ours < 1 else 0.0)
    if in_words(claimed) and scale > 1:
        return max(rounded, 0.05 * abs(theirs))
    if _PART.search(claimed.text) and in_words(claimed) and (claimed.unit == "%" or "dozen" in claimed.text):
        return min(0.05 * abs(theirs), 3.0) if claimed.unit == "%" else 0.05 * abs(theirs)
    return rounded


def _hedged(claimed: Quantity, ours: float, theirs: float) -> float:
    """The slack of "about": a tenth at most, and no more than half of what the last digit given stands for."""
    if part_of_one(claimed):
        return min(1.2 * _ABOUT * max(abs(ours), abs(theirs)), 5.5)
    widest = _ABOUT * max(abs(ours), abs(theirs))
    if not decimals(claimed) and abs(ours) / _scale(claimed) < 6:
        widest = max(widest, min(0.5 * _scale(claimed), 0.2 * abs(theirs)))
    if in_words(claimed):
        return widest
    if decimals(claimed):
        return min(widest, 0.5 * 10.0 ** -decimals(claimed) * _scale(claimed))
    digits = re.sub(r"\D", "", claimed.text)
    zeros = len(digits) - len(digits.rstrip("0"))
    return min(widest, max(0.5 * 10.0**zeros * _scale(claimed), 0.03 * abs(theirs)))


def decimals(quantity: Quantity) -> int:
    """How many decimals a quantity is given with."""
    found = re.search(r"[.·](\d+)", quantity.text)
    return len(found[1]) if found else 0


def _scale(quantity: Quantity) -> float:
    """1,000 for "12k", 1e6 for "12 million": what a step of the last digit is counted in."""
    suffix = re.search(r"\d([kKMBT])\b|\b(thousand|million|billion|trillion)\b", quantity.text)
    if not suffix:
        return 1.0
    name = suffix[1] or suffix[2]
    return 1e12 if name in ("T", "trillion") else {"k": 1e3, "t": 1e3, "m": 1e6, "b": 1e9}[name[0].lower()]


def _finer(value: float, places: int) -> bool:
    """True when a number has more decimals than the claim gives."""
    return not math.isclose(value, round(value, places), rel_tol=1e-9)
