"""The form of a claim: what no sentence of an answer may carry, whatever its source says of its content.

Asked before any check of meaning. A link or markup is no fault where the cited words have it, letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agent.types import Check, Claim, Evidence, Label, Outcome, Verdict

__all__ = ["LONGEST", "form_fault"]

LONGEST = 90
"""Words of the longest claim taken: more is not one checkable sentence."""

_ACTIVE = re.compile(
    r"[a-z][a-z0-9+.-]*://\S*|\b(?:javascript|data|vbscript|file|mailto):\S*|\bwww\.\S+|</?[a-z][^<>]*>?|<!--|!?\[[^\]]*\]\([^)]*\)?|`{3,}",
    re.I,
)


def form_fault(claim: Claim, known: Sequence[Evidence]) -> Verdict | None:
    """The verdict on a claim whose form alone settles it; None for a sound one. `known`: the evidence it cites."""
    ids = {item.evidence_id for item in known}
    unknown = [cited for cited in claim.evidence_ids if cited not in ids]
    if unknown:
        return _failed("ids", f"cites {', '.join(unknown[:3])}, which is not among the quotes given")
    if not known:
        return _failed("ids", "cites no quote")
    quotes = " ".join(item.quote for item in known)
    if any(_hidden(character) for character in set(claim.text) - set(quotes)):
        return _failed("form", "holds control or invisible characters")
    words = len(claim.text.split())
    if words > LONGEST and words > len(quotes.split()):
        return _failed("form", f"has {words} words; one statement a sentence, {LONGEST} words at most")
    active = next((found[0] for found in _ACTIVE.finditer(claim.text) if found[0] not in quotes), None)
    return _failed("form", "holds a link or markup that no cited quote has") if active else None


def _hidden(character: str) -> bool:
    """True for characters a reader does not see: controls, format characters, private use, unassigned."""
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _failed(name: str, detail: str) -> Verdict:
    return Verdict(Label.NOT_ENOUGH_INFO, 0.99, (Check(name, Outcome.FAIL, detail),), ())
