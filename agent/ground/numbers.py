"""Do the claim's quantities stand in the source, and if not, what does the source say instead?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from agent.ground.source import Line, Source
from agent.ground.words import words
from agent.quantities import quantities
from agent.types import Quantity

__all__ = ["Match", "NumberFinding", "agrees", "family", "match_quantities"]

_BASE = {
    "ns": ("s", 1e-9), "us": ("s", 1e-6), "ms": ("s", 1e-3), "s": ("s", 1.0), "min": ("s", 60.0), "h": ("s", 3600.0), "day": ("s", 86400.0),
    "week": ("s", 604800.0), "KB": ("B", 1e3), "MB": ("B", 1e6), "GB": ("B", 1e9), "TB": ("B", 1e12), "PB": ("B", 1e15),
    "MFLOP": ("FLOP", 1e6), "GFLOP": ("FLOP", 1e9), "TFLOP": ("FLOP", 1e12), "Hz": ("Hz", 1.0), "kHz": ("Hz", 1e3), "MHz": ("Hz", 1e6),
    "GHz": ("Hz", 1e9), "W": ("W", 1.0), "mW": ("W", 1e-3), "kW": ("W", 1e3), "J": ("J", 1.0), "mJ": ("J", 1e-3), "kJ": ("J", 1e3),
    "mm": ("m", 1e-3), "cm": ("m", 1e-2), "km": ("m", 1e3), "nm": ("m", 1e-9), "mV": ("V", 1e-3), "kV": ("V", 1e3), "pp": ("%", 1.0),
}  # fmt: skip
_ABOUT = 0.1
_BEYOND = 1.35
_METRICS = re.compile(
    r"\b(?:FIDs?|PSNR|SSIM|LPIPS|RMSE|MAE|MSE|BLEU|WER|CER|MOS|SMOS|AUC|AUROC|F1|EER|mIoU|IoU|mAP|AP|FVD|KID|ROUGE|perplexity|PPL|NDS|accuracy|Dice|score|speed-?up|ratio|error|AUPRC|kappa)\b",
    re.I,
)


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


def match_quantities(claim: str, source: Source, near: Sequence[Line]) -> tuple[NumberFinding, ...]:
    """How each quantity of the claim stands to the source; `near` are the aligned lines, nearest first."""
    found = [_find(q, source, near) for q in quantities(claim)]
    used = [f.stated for f in found if f.stated is not None]
    judged = (_rival(claim, f, near, used) if f.match is Match.ABSENT else f for f in found)
    return tuple(f for f in judged if f.match is not Match.ABSENT or not _idle(f.claimed))


def _idle(quantity: Quantity) -> bool:
    """True for "two", "three" without a unit: they count what the sentence itself lists."""
    return not quantity.unit and quantity.high <= 3 and not re.search(r"\d", quantity.text)


def _find(claimed: Quantity, source: Source, near: Sequence[Line]) -> NumberFinding:
    nearby = [q for line in near for q in line.quantities]
    for stated in (*nearby, *source.quantities):
        if agrees(claimed, stated):
            return NumberFinding(claimed, Match.SAME, stated, f'"{claimed.text}" stands in the source')
    if _stands_in_name(claimed, source):
        return NumberFinding(claimed, Match.SAME, None, f'"{claimed.text}" stands in the source')
    for stated in nearby:
        if _equivalent(claimed, stated):
            return NumberFinding(claimed, Match.DERIVED, stated, f'"{claimed.text}" is "{stated.text}" said otherwise')
    for line in near:
        for a, b in pairwise(line.quantities):
            if _follows(claimed, a, b):
                return NumberFinding(
                    claimed, Match.DERIVED, None, f'"{claimed.text}" follows from "{a.text}" and "{b.text}"'
                )
    return NumberFinding(claimed, Match.ABSENT, None, "")


def _rival(claim: str, finding: NumberFinding, near: Sequence[Line], used: Sequence[Quantity]) -> NumberFinding:
    """What the source says instead of an absent quantity, when it is the same thing that is measured."""
    claimed = finding.claimed
    ours = _measured(claim, claimed)
    best: tuple[float, Quantity] | None = None
    for rank, line in enumerate(near):
        for stated in line.quantities:
            if stated in used or not _comparable(claimed, stated):
                continue
            if claimed.unit == "" and not 0.02 < (claimed.low or 1) / (stated.low or 1) < 50:
                continue
            shared = len(ours & _measured(line.text, stated))
            if not shared and (claimed.unit in ("", "dims") or (rank > 1 and claimed.unit in ("x", "%", "pp"))):
                continue
            score = shared - rank
            if best is None or score > best[0]:
                best = (score, stated)
    if best is None:
        return NumberFinding(claimed, Match.ABSENT, None, f'"{claimed.text}" is nowhere in the source')
    return NumberFinding(
        claimed, Match.CONFLICT, best[1], f'the claim says "{claimed.text}", the source "{best[1].text}"'
    )


def _comparable(claimed: Quantity, stated: Quantity) -> bool:
    if claimed.unit == "":
        return stated.unit in ("", "params")
    return _unit(claimed)[0] == _unit(stated)[0]


def _measured(text: str, quantity: Quantity) -> frozenset[str]:
    """Stems of the words beside a quantity that say what is counted or measured."""
    before = [w for w in words(text[: quantity.start]) if w.is_content][-2:]
    after = [w for w in words(text[quantity.end :]) if w.is_content][:2]
    found = {w.stem for w in after if not re.search(r"[;:,.]", text[quantity.end : quantity.end + w.start])}
    metrics = _METRICS.findall(text[max(0, quantity.start - 45) : quantity.start]) + _METRICS.findall(
        text[quantity.end : quantity.end + 25]
    )
    found |= {m.lower().rstrip("s") for m in metrics}
    found |= {w.stem for w in before if not w.lower.isdigit() and len(w.lower) > 2}
    return frozenset(found)


def agrees(claimed: Quantity, stated: Quantity) -> bool:
    """True when the two may be the same quantity: unit, value within the claim's rounding, bounds not turned."""
    factor = _factor(claimed, stated)
    if factor is None or _turned(claimed, stated):
        return False
    theirs = (stated.low * factor, stated.high * factor)
    if claimed.low != claimed.high:
        return (
            stated.low != stated.high
            and _near(claimed, claimed.low, theirs[0])
            and _near(claimed, claimed.high, theirs[1])
        )
    if stated.low != stated.high and stated.unit == "dims":
        return False
    return any(_near(claimed, claimed.low, value) for value in theirs)


def _turned(claimed: Quantity, stated: Quantity) -> bool:
    """True for "more than 85%" against "up to 85%"."""
    return {claimed.comparator[0], stated.comparator[0]} == {"<", ">"}


def _factor(claimed: Quantity, stated: Quantity) -> float | None:
    """What turns the stated number into the claim's unit; None when the units never meet."""
    (unit, scale), (other, theirs) = _unit(claimed), _unit(stated)
    if unit == other:
        return theirs / scale
    pair = {unit, other}
    if pair == {"", "%"}:
        share = claimed if unit == "" else stated
        if 0 <= share.low < 1 and "." in share.text:
            return 0.01 if unit == "" else 100.0
        return None
    if pair == {"", "x"} and unit == "" and "." in claimed.text:
        return 1.0
    if "" in pair and not pair & {"x", "dims", "s"}:
        return theirs / scale if stated.unit in ("params", "") or claimed.unit in ("params", "") else None
    return None


def _near(claimed: Quantity, ours: float, theirs: float) -> bool:
    if math.isclose(ours, theirs, rel_tol=1e-9):
        return True
    if abs(ours - theirs) <= _slack(claimed, ours, theirs) * 1.0001:
        return True
    if claimed.comparator in (">", ">="):
        return ours <= theirs <= (2.2 if "magnitude" in claimed.text else _BEYOND) * ours
    if claimed.comparator in ("<", "<="):
        return ours / _BEYOND <= theirs <= ours and claimed.comparator == "<"
    return False


def _slack(claimed: Quantity, ours: float, theirs: float) -> float:
    """How far the claim's wording lets the number lie from the source's."""
    if "magnitude" in claimed.text:
        return 0.5 * ours
    decimals = re.search(r"\.(\d+)", claimed.text)
    scale = 1.0
    suffix = re.search(r"\d([kKMBT])\b|\b(thousand|million|billion|trillion)\b", claimed.text)
    if suffix:
        scale = {"k": 1e3, "t": 1e3, "m": 1e6, "b": 1e9}.get((suffix[1] or suffix[2])[0].lower(), 1.0)
        scale = 1e12 if (suffix[1] or suffix[2]) in ("T", "trillion") else scale
    step = 0.5 * scale * 10.0 ** -len(decimals[1]) if decimals else 0.5 * scale
    rounded = (
        step if _finer(theirs / scale, len(decimals[1]) if decimals else 0) and (decimals or ours / scale >= 6) else 0.0
    )
    if claimed.comparator == "~":
        return max(rounded, _ABOUT * abs(theirs))
    if re.search(r"hal|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twentieth|dozen", claimed.text):
        return 0.05 * abs(theirs)
    return rounded


def _finer(value: float, decimals: int) -> bool:
    """True when a number has more decimals than the claim gives."""
    return not math.isclose(value, round(value, decimals), rel_tol=1e-9)


def family(quantity: Quantity) -> str:
    """The base unit: quantities of one family can be compared."""
    return _unit(quantity)[0]


def _unit(quantity: Quantity) -> tuple[str, float]:
    return _BASE.get(quantity.unit, (quantity.unit, 1.0))


def _equivalent(claimed: Quantity, stated: Quantity) -> bool:
    """A multiple and a share that say the same: 90% less is ten times less; half of is twice less; doubled is 100% more;
    and two shares that make a whole: 21% less is 79% of."""
    if claimed.unit == stated.unit == "%" and claimed.low == claimed.high and stated.low == stated.high:
        # "21% less" is "79% of": what is saved and what remains make the whole
        less = (claimed.direction < 0) != (stated.direction < 0)
        return less and abs(claimed.low + stated.low - 100.0) <= 0.05
    if {claimed.unit, stated.unit} != {"x", "%"} or stated.low != stated.high or claimed.low != claimed.high:
        return False
    multiple, share = (claimed.low, stated.low) if claimed.unit == "x" else (stated.low, claimed.low)
    if multiple <= 1 or share <= 0:
        return False
    same = [100.0 * (1 - 1 / multiple)]
    if claimed.direction > 0 or stated.direction > 0:
        same.append(100.0 * (multiple - 1))
    if claimed.unit == "%" and not re.search(r"\d", claimed.text):
        same.append(100.0 / multiple)
    tolerance = 0.06 if claimed.comparator == "~" or not re.search(r"\d", claimed.text) else 0.015
    return any(abs(share - s) <= tolerance * s for s in same)


def _follows(claimed: Quantity, a: Quantity, b: Quantity) -> bool:
    """True when the claim is the ratio, the change or the difference of two neighbouring quantities of one unit."""
    if _unit(a)[0] != _unit(b)[0] or a.low != a.high or b.low != b.high or min(a.low, b.low) <= 0 or a.low == b.low:
        return False
    first, second = a.low * _unit(a)[1], b.low * _unit(b)[1]
    big, small = max(first, second), min(first, second)
    tolerance = _ABOUT if claimed.comparator == "~" or not re.search(r"\d", claimed.text) else 0.02
    if claimed.unit == "x" and a.unit not in ("x",):
        return abs(big / small - claimed.low) <= tolerance * claimed.low
    if claimed.unit == "%" and a.unit not in ("%", "pp", "x"):
        changes = (100 * (big - small) / first, 100 * small / big)
        return any(abs(change - claimed.low) <= tolerance * claimed.low for change in changes)
    if _unit(claimed)[0] == _unit(a)[0] and claimed.text.lower().startswith("within") and a.unit == b.unit:
        return 0 < big - small <= claimed.low < small
    return False


def _stands_in_name(quantity: Quantity, source: Source) -> bool:
    """True when the very digits stand in the source, in a name or with a unit we cannot read."""
    digits = re.search(r"\d[\d.,]*\s?[kKMBT]?(?:\s?[×x]\s?\d+)*", quantity.text)
    if digits is None or quantity.unit not in ("", "params", "dims", "bit"):
        return False
    if re.search(r"\b(?:thousand|million|billion|trillion)\b", quantity.text):
        return False  # the digits alone are another number
    wanted = re.sub(r"\s", "", digits[0].rstrip(" .,").replace("×", "x"))
    return bool(
        re.search(
            rf"(?<![\d.]){re.escape(wanted)}(?!\d|\.\d|\s?(?:%|×|x\b|times|per ?cent|dB|ms|s\b|[KMGT]B|FPS|k?Hz))",
            source.squeezed,
            re.I,
        )
    )
