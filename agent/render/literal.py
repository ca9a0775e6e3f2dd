"""Untrusted text as one line of literal markdown, for documents that other tools will render."""

from __future__ import annotations

from agent.render import escape

__all__ = ["literal"]


def literal(text: str) -> str:
    """`text` on one line as it stands, also where a viewer would make links or entities of bare text."""
    return escape.markdown(" ".join(text.split()))
