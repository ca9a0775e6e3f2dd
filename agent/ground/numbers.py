"""Do the claim's quantities stand in the source, and if not, what does the source say instead?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from agent.ground.agreement import agrees, decimals, ends, exact, in_words
from agent.ground.arithmetic import work_out
from agent.ground.restated import complement, equivalent
from agent.ground.rivals import counted, rival
from agent.ground.source import Line, Source
from agent.quantities import quantities
from agent.quantities.inherited import inherited
from agent.quantities.shares import shares
from agent.quantities.spans import spans
from agent.types import Quantity

__all__ = ["Match", "NumberFinding", "match_quantities"]

_CONTEXT = 12
"""Characters on each side that make two numbers' places the same."""
_NEAREST = 2
"""Lines whose complement leaves a share open."""
_RATIO = re.compile(r"\b(?:times|relative to|ratios?|OR|HR|RR|odds|-?fold)\b")


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
    """How each quantity of the claim stands to the source; `near` are the aligned lines, nearest first.

    A quantity that the source leaves open (a small count, a share whose complement it gives) has no finding.
    """
    found = [f for f in _findings(claim, source, near) if f is not None]
    used = [f.stated for f in found if f.stated is not None]
    judged = (_against(claim, f, near, used) if f.match is Match.ABSENT else f for f in found)
    return tuple(f for f in judged if f.match not in (Match.ABSENT, Match.CONFLICT) or not _idle(claim, f, near))


def _findings(claim: str, source: Source, near: Sequence[Line]) -> Iterator[NumberFinding | None]:
    """Each quantity's finding; two counts that tell a share are held against the source as that share first."""
    told: list[Quantity] = []
    for share in shares(claim):
        finding = _find(claim, share.quantity, source, near)
        absent = finding is not None and finding.match is Match.ABSENT
        counts = (_find(claim, q, source, near) for q in quantities(claim) if _overlap(q, share.quantity))
        if absent and (not share.sure or all(c is not None and c.match is Match.SAME for c in counts)):
            continue
        told.append(share.quantity)
        yield finding
    shared = {q.start: q for q in inherited(claim)}
    for quantity in quantities(claim):
        if any(_overlap(quantity, share) for share in told):
            continue
        finding = _find(claim, quantity, source, near)
        if finding is not None and finding.match is Match.ABSENT:
            for other in (shared.get(quantity.start), _as_one(quantity)):
                again = _find(claim, other, source, near) if other is not None else finding
                finding = again if again is None or again.match is not Match.ABSENT else finding
                if finding is None or finding.match is not Match.ABSENT:
                    break
        yield finding


def _overlap(quantity: Quantity, share: Quantity) -> bool:
    return share.start < quantity.end and quantity.start < share.end


def _as_one(quantity: Quantity) -> Quantity | None:
    """Two hundredths as 0.02, which is how they are said of a score."""
    places = next((n for word, n in (("hundredth", 2), ("thousandth", 3)) if word in quantity.text.lower()), 0)
    if not places or quantity.unit != "%":
        return None
    value = quantity.low / 100
    return replace(quantity, low=value, high=value, unit="", text=f"{quantity.text} ({value:.{places}f})")


def _idle(claim: str, finding: NumberFinding, near: Sequence[Line]) -> bool:
    """True for "two", "three" without a unit, which count what the sentence itself lists, unless the source counts
    the same thing otherwise."""
    quantity = finding.claimed
    if quantity.unit or quantity.high > 3 or not in_words(quantity):
        return False
    if finding.match is Match.ABSENT or finding.stated is None:
        return True
    ours = counted(claim, quantity)
    return not any(
        finding.stated in line.quantities and ours and ours == counted(line.text, finding.stated) for line in near
    )


def _find(claim: str, claimed: Quantity, source: Source, near: Sequence[Line]) -> NumberFinding | None:
    """How one quantity stands; None where the source leaves it open."""
    nearby = [q for line in near for q in _stated(line)]
    for stated in (*nearby, *source.quantities):
        if agrees(claimed, stated):
            return NumberFinding(claimed, Match.SAME, stated, f'"{claimed.text}" stands in the source')
    if _ends_stand(claimed, nearby):
        return NumberFinding(claimed, Match.SAME, None, f'both ends of "{claimed.text}" stand in the source')
    if _stands_in_name(claimed, source):
        return NumberFinding(claimed, Match.SAME, None, f'"{claimed.text}" stands in the source')
    for stated in (q for line in near for q in line.quantities):
        if equivalent(claimed, stated):
            return NumberFinding(claimed, Match.DERIVED, stated, f'"{claimed.text}" is "{stated.text}" said otherwise')
    if not _replaced(claim, claimed, near) and (worked := work_out(claim, claimed, near)):
        a, b = worked.first.text, worked.second.text
        return NumberFinding(claimed, Match.DERIVED, None, f'"{claimed.text}" is {worked.how}: "{a}" and "{b}"')
    return _left(claim, claimed, near)


def _ends_stand(claimed: Quantity, stated: Sequence[Quantity]) -> bool:
    """True where the claim goes "from 5% to 10%" and the source gives each by itself."""
    both = ends(claimed)
    return both is not None and all(any(exact(one) and agrees(end, one) for one in stated) for end in both)


@lru_cache(maxsize=8192)
def _stated(line: Line) -> tuple[Quantity, ...]:
    """What a line states: its quantities, the shares it tells as two counts, "a week", and bare ratios as multiples."""
    found = [
        *line.quantities,
        *(share.quantity for share in shares(line.text)),
        *spans(line.text),
        *inherited(line.text),
    ]
    if _RATIO.search(line.text):
        found += [replace(q, unit="x") for q in line.quantities if not q.unit and decimals(q)]
    return tuple(found)


def _left(claim: str, claimed: Quantity, near: Sequence[Line]) -> NumberFinding | None:
    """The finding on a share whose complement is stated: derived where the wording shows it, None where it is open."""
    absent = NumberFinding(claimed, Match.ABSENT, None, "")
    near_open = False
    for rank, line in enumerate(near):
        for stated in line.quantities:
            shown = complement(claim, claimed, line.text, stated)
            if shown:
                return NumberFinding(claimed, Match.DERIVED, stated, f'"{claimed.text}" is what "{stated.text}" leaves')
            near_open |= shown is None and rank < _NEAREST
    return None if near_open else absent


def _replaced(claim: str, claimed: Quantity, near: Sequence[Line]) -> bool:
    """True when a line says the same around another number: that number was exchanged, not worked with."""
    before, after = _sides(claim, claimed)
    return any(_sides(line.text, stated) == (before, after) for line in near[:3] for stated in line.quantities)


def _sides(text: str, quantity: Quantity) -> tuple[str, str]:
    return text[max(0, quantity.start - _CONTEXT) : quantity.start], text[quantity.end : quantity.end + _CONTEXT]


def _against(claim: str, finding: NumberFinding, near: Sequence[Line], used: Sequence[Quantity]) -> NumberFinding:
    """An absent quantity held against what the source says in its place, if anything."""
    claimed, stated = finding.claimed, rival(claim, finding.claimed, near, used)
    if stated is None:
        return NumberFinding(claimed, Match.ABSENT, None, f'"{claimed.text}" is nowhere in the source')
    detail = f'the claim says "{claimed.text}", the source "{stated.text}"'
    return NumberFinding(claimed, Match.CONFLICT, stated, detail)


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
