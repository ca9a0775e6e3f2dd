"""Where a chat's lines come from: a person at a terminal, or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import History

__all__ = ["Lines", "at_terminal", "from_pipe"]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to answer. `interactive`: a person types them and sees each answer before the next."""

    source: Iterator[str]
    interactive: bool

    def __iter__(self) -> Iterator[str]:
        return self.source


def from_pipe() -> Lines:
    """Lines of stdin as they come, without a prompt."""
    return Lines(iter(sys.stdin), interactive=False)


def at_terminal(library: Path | None, completer: Completer) -> Lines:
    """Lines a person types, with line editing, completion, and a history kept in `library` (None: nowhere)."""
    return Lines(_typed(library, completer), interactive=True)


def _typed(library: Path | None, completer: Completer) -> Iterator[str]:
    from prompt_toolkit import PromptSession

    session: PromptSession[str] = PromptSession(
        history=_history(library), completer=completer, complete_while_typing=False, complete_in_thread=False
    )
    while True:
        try:
            yield session.prompt("> ")
        except KeyboardInterrupt:
            continue  # Ctrl-C at the prompt drops the line that was being typed
        except EOFError:
            return


def _history(library: Path | None) -> History:
    """The questions typed before, kept beside the library where it can be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    if library is None:
        return InMemoryHistory()
    path = library / "chat-history"
    try:
        path.touch()
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
