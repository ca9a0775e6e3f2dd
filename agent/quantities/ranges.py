"""Numbers that belong together: ranges, and lists that share a unit."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.quantities.raw import Raw

__all__ = ["joined_ranges", "with_shared_units"]

_JOIN = re.compile(
    r"^\s?(?:-|–|—|‑|~|∼|to)\s?$|^\s?(?:to|and|or)\s(?:about |up to |nearly |almost |as (?:much|many) as )?$", re.I
)
_LIST = re.compile(
    r"^(?:,?\s?(?:and|or|to)\s|,\s|/|\s?[-–~∼]\s?|\svs\.?\s|\sversus\s)(?:about |up to |nearly |almost |over )?$", re.I
)

_INTERVAL = re.compile(r"\s?(?:CI|CrI|HPDI|confidence|credible|interval)", re.I)
"""The 95% of a confidence interval shares nothing with the estimate before it."""


def with_shared_units(text: str, raws: list[Raw]) -> list[Raw]:
    """Give "3.7" of "3.7 and 6.6 times" the unit of its neighbour."""
    done = list(raws)
    for index in range(len(done) - 2, -1, -1):
        here, following = done[index], done[index + 1]
        if here.unit or following.unit in ("", "dims") or not _LIST.match(text[here.end : following.start]):
            continue
        if _alike(text, here, following) and not _INTERVAL.match(text, following.end):
            done[index] = replace(here, unit=following.unit)
    return done


def _alike(text: str, here: Raw, following: Raw) -> bool:
    """True for two numbers in digits or two in words: "one round rather than four and 40% of" is no list."""
    return text[here.start].isdigit() == text[following.start].isdigit() and not following.loose


def joined_ranges(text: str, raws: list[Raw]) -> list[Raw]:
    """Join "1.4-5.2x", "two to seven times", "between 2 and 5"; "from 12.6 GB to 2.5 GB" stays two."""
    joined: list[Raw] = []
    for raw in raws:
        last = joined[-1] if joined else None
        if last is not None and last.high is None and raw.high is None and _spans(text, last, raw):
            joined[-1] = replace(last, unit=raw.unit or last.unit, high=raw.value, end=raw.end)
        else:
            joined.append(raw)
    return joined


def _spans(text: str, last: Raw, raw: Raw) -> bool:
    between = text[last.end : raw.start]
    if not _JOIN.match(between) or last.value >= raw.value or (last.unit not in ("", raw.unit) and raw.unit):
        return False
    if "respectively" in text[raw.end :] and not re.fullmatch(r"[-–—‑]", between):
        return False
    if re.match(r"\s?(?:and|or)\b", between):
        return bool(re.search(r"\bbetween\s(?:about )?$", text[: last.start]))
    return True
