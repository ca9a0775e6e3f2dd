"""Does the claim affirm what the source denies?"""

from __future__ import annotations

import re

__all__ = ["negations"]

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|can't|don't|doesn't|isn't|aren't|won't|fails?|failed|unable|"
    r"lacks?|lacking|free of|hardly|barely|instead of|rather than|absence of)\b|\b\w+n['’]t\b|-free\b",
    re.I,
)


def negations(text: str) -> int:
    """How many negating words `text` has."""
    return len(_NEGATION.findall(text))
