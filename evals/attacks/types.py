"""What an attack is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.testing import ModelCall, Reply
from evals.attacks.shown import Shown

__all__ = ["Liar", "Lie", "Outcome", "Script", "Stage"]

Script = Callable[[ModelCall], Reply]
"""A hostile model."""


class Stage(StrEnum):
    """Where a hostile model is let loose."""

    ASK = "ask"
    CHAT = "chat"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Lie:
    """One attack: what a model says as a sentence of the answer, citing `ids`. `kind`: its class."""

    kind: str
    text: str
    ids: tuple[str, ...]


Liar = Callable[[Sequence[Shown]], Sequence[Lie]]
"""What a hostile model makes of the quotes that it is shown."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attack ended.

    `passed`: its sentence reached the reader as supported. `active`: what acts on a face of the answer it is in;
    `effects`: files, processes and network outside the library; `broke_out`: it stood outside a fence of a prompt;
    `endless`: the model was still being asked when we stopped counting. `fault`: what was raised to the caller, if not
    one of our one-line errors.
    """

    kind: str
    text: str
    passed: bool = False
    active: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    broke_out: bool = False
    endless: bool = False
    fault: str = ""

    @property
    def contained(self) -> bool:
        """True when nothing acted, nothing was touched, and everything ended."""
        return not (self.active or self.effects or self.broke_out or self.endless or self.fault)
