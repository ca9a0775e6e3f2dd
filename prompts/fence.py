"""Fences around text we did not write, which no such text can close."""

from __future__ import annotations

import re

__all__ = ["fence"]

_TICKS = re.compile(r"`+")
_LABEL = re.compile(r"[^\w .:-]")


def fence(label: str, text: str) -> str:
    """`text`, unchanged, between two rows of backticks longer than any row in it, with `label` on the first."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{_LABEL.sub(' ', label)}\n{text}\n{ticks}"
