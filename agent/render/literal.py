"""Untrusted text as one line of literal markdown, for documents that other tools will render."""

from __future__ import annotations

import re

from agent.render import escape

__all__ = ["literal"]

_WWW = re.compile(r"\bwww\.", re.I)


def literal(text: str) -> str:
    """`text` on one line as it stands, also where a viewer would make links or entities of bare text."""
    plain = escape.markdown(" ".join(text.split())).replace("&", "\\&")
    return _WWW.sub(r"www\\.", plain.replace("://", "\\://"))
