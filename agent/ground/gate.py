"""What happens to a sentence that is not supported: one policy, in one place."""

from __future__ import annotations

from enum import StrEnum

from agent.types import Label, Verdict

__all__ = ["Action", "Policy", "action_for"]


class Action(StrEnum):
    """What the gate does with a sentence."""

    KEEP = "keep"
    MARK = "mark"
    REPAIR = "repair"
    DROP = "drop"


class Policy(StrEnum):
    """STRICT drops what is not supported; LENIENT keeps it, marked."""

    STRICT = "strict"
    LENIENT = "lenient"


def action_for(verdict: Verdict, policy: Policy = Policy.STRICT) -> Action:
    """KEEP what is supported; a check that could not run is marked, never dropped as false; else by policy."""
    if verdict.label is Label.SUPPORTED:
        return Action.KEEP
    if verdict.label is Label.CHECK_FAILED or policy is Policy.LENIENT:
        return Action.MARK
    return Action.DROP
