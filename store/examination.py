"""What the doctor says of one part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Examination", "State"]


class State(StrEnum):
    """How a part was found, or left."""

    SOUND = "sound"
    REPAIRED = "repaired"
    NOTED = "noted"
    UNSOUND = "unsound"


@dataclass(frozen=True, slots=True)
class Examination:
    """One part: its name, its state, and in words what was found and done."""

    part: str
    state: State
    detail: str
