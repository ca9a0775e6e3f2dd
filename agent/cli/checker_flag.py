"""The option that says what judges meaning in the check, the same for every command that checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent.settings import Settings

__all__ = ["Checker", "checked_by"]

Checker = Annotated[
    str | None,
    typer.Option(
        "--checker",
        metavar="CHECKER",
        help="What judges meaning: bundled, nli:NAME_OR_FOLDER (a Hugging Face model), or judge (the configured model)"
        " [PLUMBLINE_CHECKER].",
    ),
]


def checked_by(settings: Settings, checker: str | None) -> Settings:
    """`settings` with the checker that the option names; the environment's where it names none."""
    return settings if checker is None else replace(settings, checker=checker)
