"""What every command shares: where output goes, how it is made safe, how bad usage is told.

The answer goes to stdout; progress, warnings and notices to stderr.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from agent.render.documents import JsonObject
    from agent.render.terminal import Look
    from agent.settings import Settings

__all__ = [
    "DONE",
    "FAILED",
    "VERDICT_NO",
    "emit_json",
    "look",
    "notice",
    "say",
    "settings_of",
    "speak_safely",
    "usage_error",
]

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


def speak_safely() -> None:
    """Let no character and no closed stream stop us: what an encoding lacks is `?`, a closed stream is empty."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - stays open to the end
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def emit_json(document: JsonObject) -> None:
    """Print one JSON document on one line of stdout; control characters are escaped by JSON itself.

    Where stdout can't hold all of Unicode, other characters are escaped too, so that nothing is lost.
    """
    whole = _holds(getattr(sys.stdout, "encoding", None) or "utf-8", "\u2713\U0001f4da")
    sys.stdout.write(json.dumps(document, ensure_ascii=not whole) + "\n")


def look() -> Look:
    """How stdout shows text: its width on a terminal (at most 100 columns), else 80 and no colour."""
    from agent.render.terminal import Look
    from agent.settings import colour_wanted

    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    is_terminal = sys.stdout.isatty()
    width = os.get_terminal_size(sys.stdout.fileno()).columns if is_terminal else 80
    return Look(min(max(width, 40), 100), colour_wanted(is_terminal), _holds(encoding, "✓“”─"))


def _holds(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def say(text: str = "") -> None:
    """Print rendered text on stdout: already made safe by what rendered it."""
    sys.stdout.write(text + "\n")


def notice(message: str) -> None:
    """Print one line on stderr."""
    from agent.render.escape import terminal

    sys.stdout.flush()
    sys.stderr.write(terminal(message) + "\n")


def usage_error(error: typer.TyperException) -> None:
    """Tell bad usage in one line, with the command that shows the right one."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # `plumbline` alone: the help is the message
        sys.stderr.write(error.format_message() + "\n")
        return
    command = context.command_path if context is not None else "plumbline"
    notice(f"error: {error.format_message().rstrip('.')}. Try: {command} --help")
