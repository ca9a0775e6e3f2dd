"""Which checker judges meaning, as `--checker` and PLUMBLINE_CHECKER name it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from agent.errors import BadSettings

__all__ = ["CheckerChoice", "CheckerKind", "parse"]

SHOWN = 60


class CheckerKind(Enum):
    """Who judges whether a source entails a claim."""

    BUNDLED = "bundled"
    NLI = "nli"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class CheckerChoice:
    """A checker; `model` is the name or folder of an NLI model, empty for the others."""

    kind: CheckerKind
    model: str = ""


def parse(text: str) -> CheckerChoice:
    """The checker that `text` names: `bundled`, `nli:NAME_OR_FOLDER` or `judge`. Raises BadSettings."""
    kind, colon, model = text.strip().partition(":")
    kind, model = kind.strip().casefold(), model.strip()
    if kind == CheckerKind.NLI.value and model and model.isprintable():
        return CheckerChoice(CheckerKind.NLI, model)
    if not colon and kind in (CheckerKind.BUNDLED.value, CheckerKind.JUDGE.value):
        return CheckerChoice(CheckerKind(kind))
    raise BadSettings(f"no checker is called {text[:SHOWN]!r}; --checker takes bundled, nli:NAME_OR_FOLDER, or judge")
