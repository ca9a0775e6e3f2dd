"""The form of a claim: what no sentence of an answer may carry, whatever its source says of its content.

Asked before any check of meaning. A link or markup is no fault where the cited words have it, letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agent.types import Check, Claim, Evidence, Label, Outcome, Verdict

__all__ = ["LONGEST", "MOST_CHARACTERS", "form_fault"]

LONGEST = 90
"""Words of the longest claim taken: more is not one checkable sentence."""
MOST_CHARACTERS = 2000
"""Characters likewise; looked at before anything whose time grows faster than the text."""

_ACTIVE = re.compile(
    r"[a-z][a-z0-9+.-]*://\S*|\b(?:javascript|data|vbscript|file|mailto|tel|xmpp):\S*|script:|\bwww\.\S+|"
    r"(?<![\w/])//\w\S*|\b(?:[\w-]+\.)+[a-z]{2,}/\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]+|"
    r"<(?:/?[a-z]|[?!])[^<>]*>?|&(?:#\w+|[a-z]+);|!?\[[^\]]*\][(\[:][^)\]]*[)\]]?|!\[|`{3,}|~{3,}",
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
    if len(claim.text) > MOST_CHARACTERS and len(claim.text) > len(quotes):
        return _failed("form", f"has {len(claim.text):,} characters; {MOST_CHARACTERS:,} at most")
    words = len(claim.text.split())
    if words > LONGEST and words > len(quotes.split()):
        return _failed("form", f"has {words} words; one statement a sentence, {LONGEST} words at most")
    active = next((found[0] for found in _ACTIVE.finditer(claim.text) if found[0] not in quotes), None)
    return _failed("form", "holds a link or markup that no cited quote has") if active else None


_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
"""Joiners, fillers and selectors that are letters or marks by category, and show nothing."""


def _hidden(character: str) -> bool:
    """True for characters a reader does not see: controls, format characters, private use, unassigned, blanks."""
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    unseen = selector or character in _BLANK or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
    return unseen and character not in "\n\t"


def _failed(name: str, detail: str) -> Verdict:
    return Verdict(Label.NOT_ENOUGH_INFO, 0.99, (Check(name, Outcome.FAIL, detail),), ())
