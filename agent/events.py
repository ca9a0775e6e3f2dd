"""What happens while an answer is made, told to whoever listens.

A sentence is `Wrote`, then `Passed` or `Failed`. Only a `Passed` one may stay in front of a reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from agent.types import CheckedSentence, Plan, Verdict

__all__ = ["Event", "Failed", "Found", "Listener", "Noted", "Passed", "Planned", "Used", "Wrote", "unheard"]


@dataclass(frozen=True, slots=True)
class Planned:
    """The question is understood."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence is at hand: so many sentences of so many papers."""

    papers: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Used:
    """A model looks something up, with a tool of that name."""

    tool: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """A sentence that nobody has checked yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A sentence the gate lets through. `place` is where it stands in the answer: higher comes later."""

    sentence: CheckedSentence
    place: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A sentence the gate refuses. `again`: it will be asked for again; else it is dropped."""

    text: str
    verdict: Verdict
    again: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the reader should know, in one line."""

    text: str


Event: TypeAlias = Planned | Found | Used | Wrote | Passed | Failed | Noted
Listener: TypeAlias = Callable[[Event], None]


def unheard(event: Event) -> None:
    """The listener of those who only want the answer."""
