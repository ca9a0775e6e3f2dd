"""Prompts for the agent: loaded, filled and fenced, with faults as errors of our tree."""

from __future__ import annotations

from agent.errors import PromptError
from prompts import Message, PromptFault, load

__all__ = ["message"]


def message(name: str, **values: str) -> Message:
    """The bundled prompt `name`, filled. Raises PromptError; the prompt itself is at fault, or its caller."""
    try:
        return load(name).fill(**values)
    except PromptFault as fault:
        raise PromptError(f"{fault} (a fault of this installation; install Plumbline again)") from fault
