"""Numbers with their units where they stand in a text, before ranges and context are read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.quantities.labels import is_label
from agent.quantities.numerals import (
    DIGITS,
    PART_WORDS,
    PARTS,
    POWER,
    SCALE_WORDS,
    SCALES,
    SMALL,
    SUFFIXES,
    WORDS,
    power_of_ten,
    small,
)
from agent.quantities.units import TIMES, counted_at, unit_at

__all__ = ["Raw", "raw_quantities"]

_NUMBER = re.compile(
    rf"(?<![\w.·^])(?<![\^_]\{{)(?P<times>[x×]\s?)?(?P<dollar>\$\s?)?(?:(?P<power>{POWER})|(?P<digits>{DIGITS})(?:\s?[×x]\s?(?P<timespower>{POWER}))?(?P<exp>e-?\d+)?)"
    rf"(?P<suffix>[kKMBbT](?![A-Za-z0-9/]))?(?P<scale>[\s-](?:{SCALE_WORDS})s?\b)?"
)
_WORD = re.compile(
    rf"(?<![\w-])(?P<words>{WORDS}|several|a few|few)(?P<half> and a half)?(?P<scale>(?:[\s-](?:{SCALE_WORDS})\b)*)(?![\w])",
    re.I,
)
_FOLD = re.compile(rf"(?<![\w-])(?P<words>{SMALL}|hundred|thousand)-?fold\b", re.I)
_TOP = r"(?P<top>an?|one|two|three|four|five|six|seven|eight|nine)"
_PART = re.compile(
    rf"(?<![\w-]){_TOP}[\s-](?P<part>{PART_WORDS})\b(?![-‑])"
    r"(?:(?<=ds)|(?<=hs)|(?<=rs)|(?= of\b| (?:less|more|fewer|faster|slower|smaller|larger|lower|higher|the|its|as|that)\b|[.,;)]|$| (?:in|and|on|with|when|while|at|for|below|above|under|over|short|off|behind|ahead|than|to)\b))"
    r"(?P<of> of (?:one|a|1) per ?cent| of 1%)?",
    re.I,
)
_HALF = re.compile(
    r"(?<![\w-])half(?= (?:of|the|as|its|that|their|a)\b(?! (?:dozen|hundred|thousand|million|billion)\b)|[.,;)]|$)",
    re.I,
)
_MEASURE = rf"(?:percentage )?point|{TIMES}|decibel"
_OF_UNIT = re.compile(rf"(?<![\w-])(?:half|{_TOP}[\s-](?P<part>{PART_WORDS}) of) an? (?P<unit>{_MEASURE}|dB)\b", re.I)
_AND_A_HALF = re.compile(rf"(?<![\w-])an? (?P<unit>{_MEASURE}) and a half\b", re.I)
_SIDE = re.compile(
    r"\b(?:the|each|every|either|its|their|this|that|another) (?:(?!in |by |over |under |about |nearly |almost |up |more |less |than |of )[a-z]+ )?half\b(?! (?:as|an?)\b)"
    r"|\b(?:two|both|these|those|matching|equal) halves\b|\bone half\b(?=.*\bother half\b)",
    re.I | re.S,
)
"""The half that does something is a part, no share."""
_ORDER = re.compile(r"\b(?:turn|round|stage|step|phase|question|number|chapter|part|type)\s$", re.I)
""" "Round two" is a place in an order."""
_SOME_DAY = re.compile(r"\b(?:may|might|could|can|will|would|should|to)(?:\s\w+)?\sone day\b", re.I)
_ORDERS = re.compile(
    rf"\b(?:(?P<n>an?|{SMALL}|\d+)(?: (?:to|or|-) (?P<m>{SMALL}|\d+))?[\s-])?orders?[\s-]of[\s-]magnitude\b", re.I
)
_VERBS: tuple[tuple[re.Pattern[str], float, str, int], ...] = (
    (
        re.compile(
            r"\bdoubl(?:es|ed|ing)\b(?![-‑])|\bdouble\b(?![-‑]|[- ](?:helix|helices|strand|mutant|blind|bond|layer|check|digit|precision|dissociation|descent|knockout|copies|counting)s?)",
            re.I,
        ),
        2.0,
        "x",
        1,
    ),
    (
        re.compile(
            r"\btwice\b(?!\s(?:weekly|daily|monthly|yearly|per|each|every|an? (?:day|week|month|year))\b)", re.I
        ),
        2.0,
        "x",
        0,
    ),
    (re.compile(r"\btwo times\b", re.I), 2.0, "x", 0),
    (re.compile(r"\b(?:tripl(?:e[sd]?|ing)|treble[sd]?|thrice)\b", re.I), 3.0, "x", 1),
    (re.compile(r"\bquadrupl(?:e[sd]?|ing)\b", re.I), 4.0, "x", 1),
    (re.compile(r"\b(?:halv(?:e[sd]?|ing)|cut(?:s|ting)? in half|in half)\b", re.I), 50.0, "%", -1),
)
_DIMENSIONS = re.compile(r"(?<![\w.])(\d{2,5})\s?[x×]\s?(\d{2,5})(?:\s?[x×]\s?\d{1,5})?(?![\w%])")
_MULTIPLIED = re.compile(
    r"\b(?:speed-?\s?ups?|acceleration|factors?|(?:compression|reduction|speed-?up) ratios?)\s(?:of|by|to)\s(?:up to |about |over |around |more than |nearly |at least )?$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Raw:
    """A number before ranges and context are read. `loose` marks word forms, which round."""

    value: float
    unit: str
    start: int
    end: int
    direction: int = 0
    loose: bool = False
    high: float | None = None


def raw_quantities(text: str) -> list[Raw]:
    """Every number of the text that is a quantity, in the order of its forms; no two overlap."""
    taken: list[tuple[int, int]] = []
    found: list[Raw] = []

    def take(raw: Raw | None) -> None:
        if raw is not None and all(raw.end <= a or raw.start >= b for a, b in taken):
            taken.append((raw.start, raw.end))
            found.append(raw)

    for match in _DIMENSIONS.finditer(text):
        take(Raw(float(match[1]), "dims", *match.span(), high=float(match[2])))
    for match in _ORDERS.finditer(text):
        take(_orders(match))
    for match in _OF_UNIT.finditer(text):
        share = _part_value(match) if match["part"] else 0.5
        take(Raw(share, unit_at(text, match.start("unit"))[0], *match.span(), loose=True) if share else None)
    for match in _AND_A_HALF.finditer(text):
        take(Raw(1.5, unit_at(text, match.start("unit"))[0], *match.span()))
    taken += [match.span() for pattern in (_SOME_DAY, _SIDE) for match in pattern.finditer(text)]
    for match in _PART.finditer(text):
        take(_part(match))
    for match in _FOLD.finditer(text):
        take(Raw(small(match["words"]), "x", *match.span()))
    for pattern, value, unit, direction in _VERBS:
        for match in pattern.finditer(text):
            take(Raw(value, unit, *match.span(), direction=direction, loose=True))
    for match in _HALF.finditer(text):
        take(Raw(50.0, "%", *match.span(), loose=True))
    for match in _NUMBER.finditer(text):
        take(_digits(text, match))
    for match in _WORD.finditer(text):
        take(_words(text, match))
    return found


def _orders(match: re.Match[str]) -> Raw:
    first = match["n"]
    low = 1.0 if first is None or first.lower() in ("a", "an") else small(first)
    high = small(match["m"]) if match["m"] else low
    return Raw(10.0**low, "x", *match.span(), loose=True, high=10.0**high)


def _part_value(match: re.Match[str]) -> float:
    """Three tenths as 0.3; 0 for what is no part."""
    top = 1.0 if match["top"].lower() in ("a", "an", "one") else small(match["top"])
    name = match["part"].lower()
    bottom = PARTS.get(name) or PARTS.get(name.removesuffix("s"))
    return top / bottom if bottom else 0.0


def _part(match: re.Match[str]) -> Raw | None:
    value = 100.0 * _part_value(match)
    if not value:
        return None
    if match["of"]:
        value /= 100.0
    return Raw(value, "%", *match.span(), loose=True)


def _digits(text: str, match: re.Match[str]) -> Raw | None:
    start, end = match.span()
    power, digits = match["power"], match["digits"]
    value = power_of_ten(power) if power else float(digits.replace(",", "").replace(" ", "").replace("·", "."))
    if match["timespower"]:
        value *= power_of_ten(match["timespower"])
    if match["exp"]:
        value *= 10.0 ** int(match["exp"][1:])
    unit = "$" if match["dollar"] else ""
    scale = match["scale"]
    if match["suffix"]:
        value *= SUFFIXES[match["suffix"]]
        unit = unit or ("params" if match["suffix"] in "Bb" else "")
    if scale:
        value *= SCALES[scale.strip(" -").lower().removesuffix("s")]
    if match["times"]:
        return Raw(value, "x", start, end)
    named, stop = unit_at(text, end)
    if not named and _MULTIPLIED.search(text[max(0, start - 40) : start]):
        named, stop = "x", end
    if not named and re.match(r"\s(?:faster|slower|speed-?ups?)\b", text[end : end + 10]):
        named, stop = "x", end
    if named and re.search(r"[A-Za-z][-‑]$", text[max(0, start - 2) : start]) and named in ("s", "h", "x"):
        named = ""
    if named:
        return Raw(value, named, start, stop)
    if is_label(
        text, start, end, plain=not (match["suffix"] or scale or unit), decimal=bool(re.search("[.·]", digits or ""))
    ):
        return None
    if unit == "params" and re.match(
        r"\s(?:\w+\s)?(?:tokens|words|images|samples|examples|pairs)\b", text[end : end + 40]
    ):
        unit = ""
    return Raw(value, counted_at(text, end) or unit, start, end)


def _words(text: str, match: re.Match[str]) -> Raw | None:
    word = match["words"].lower()
    if word in ("several", "a few", "few"):
        return None
    value = small(word) + (0.5 if match["half"] else 0.0)
    for scale in re.findall(r"[a-z]+", match["scale"].lower()):
        value *= SCALES[scale]
    if re.match(r"[-‑][A-Z]", text[match.end() : match.end() + 2]) or _ORDER.search(text[: match.start()]):
        return None
    unit, stop = unit_at(text, match.end())
    if not unit and _MULTIPLIED.search(text[max(0, match.start() - 40) : match.start()]):
        unit, stop = "x", match.end()
    if word == "one" and not match["scale"] and unit in ("", "x", "pp"):
        return None
    if word == "zero" and not unit:
        return None
    return Raw(value, unit or counted_at(text, match.end()), match.start(), stop if unit else match.end())
