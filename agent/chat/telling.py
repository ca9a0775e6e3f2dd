"""What was said so far, as a model is told it: only what passed the check, fenced, the latest turns first to stay."""

from __future__ import annotations

from collections.abc import Sequence

from agent.chat.state import Turn
from agent.engines.packing import visible
from prompts import fence

__all__ = ["TURNS", "told_so_far"]

TURNS = 3
"""Turns that are told,"""
SENTENCES = 5
"""and sentences of each."""


def told_so_far(turns: Sequence[Turn]) -> str:
    """The last turns: what was asked, and what was answered."""
    if not turns:
        return fence("conversation", "nothing yet")
    first = max(len(turns) - TURNS, 0)
    return "\n\n".join(fence(f"turn {first + at}", _told(turn)) for at, turn in enumerate(turns[first:], 1))


def _told(turn: Turn) -> str:
    said = [f"answered: {visible(sentence.text)}" for sentence in turn.answer.sentences[:SENTENCES]]
    return "\n".join([f"asked: {visible(turn.plan.question)}", *(said or ["answered: nothing; the library lacks it"])])
