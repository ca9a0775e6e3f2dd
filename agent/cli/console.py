"""What every command shares: where output goes, how errors end, how the library is opened.

The answer goes to stdout; progress, warnings and notices to stderr.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from agent.render.documents import JsonObject
    from agent.settings import Settings

__all__ = ["DONE", "FAILED", "VERDICT_NO", "emit_json", "notice", "settings_of"]

DONE = 0
"""The work is done."""
VERDICT_NO = 1
"""The work ran and its verdict is "no"."""
FAILED = 2
"""The work could not be done."""


def settings_of(context: typer.Context) -> Settings:
    """The settings the root command made."""
    from agent.settings import Settings

    settings = context.find_root().obj
    if not isinstance(settings, Settings):  # pragma: no cover - a wiring mistake of ours
        raise TypeError("the root command made no settings")
    return settings


def emit_json(document: JsonObject) -> None:
    """Print one JSON document on one line of stdout; control characters are escaped by JSON itself."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def notice(message: str) -> None:
    """Print one line on stderr."""
    from agent.render.escape import terminal

    sys.stderr.write(terminal(message) + "\n")
