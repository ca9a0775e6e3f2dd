"""The option that says what judges meaning in the check, the same for every command that checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent.ground.entail import Entailment
    from agent.settings import Settings

__all__ = ["Checker", "checked_by", "judging", "tell_spent"]

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
    """`settings` with the checker that the option names; the environment's where it names none. Raises BadSettings."""
    from agent.checkers.choice import parse

    chosen = settings if checker is None else replace(settings, checker=checker)
    parse(chosen.checker)
    return chosen


def judging(entailment: Entailment) -> bool:
    """True for a chat model as judge: it costs, and has limits."""
    from agent.checkers.judge import Judge

    return isinstance(entailment, Judge)


def tell_spent(entailment: Entailment) -> None:
    """Say on stderr what a judge has cost; nothing for checkers that cost nothing."""
    from agent.checkers.judge import Judge
    from agent.cli.console import notice

    if not isinstance(entailment, Judge):
        return
    spent = entailment.spent
    cost = "price unknown" if spent.cost is None else f"${spent.cost:.4f}"
    tokens = f"{spent.input_tokens + spent.output_tokens:,} tokens"
    notice(f"notice: {entailment.name}: {spent.calls} calls, {spent.cached} from recordings, {tokens}, {cost}")
