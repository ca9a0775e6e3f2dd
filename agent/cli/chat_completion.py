"""Completion in a chat: commands, then what may follow each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from agent.cli.chat_commands import COMMANDS
from agent.render.escape import terminal

if TYPE_CHECKING:
    from agent.chat import Conversation
    from agent.chat.record import Record

__all__ = ["ChatCompleter"]

_TERMS = ("year>=", "year<=", "year=", "source=", "venue=", "tag=", "clear")
_MOST_TITLES = 20_000
"""Papers from which on titles are not completed: reading them all would keep a person waiting."""
_SHOWN = 40
"""Titles offered at once."""


class ChatCompleter(Completer):
    """Completes names of commands, citation keys, titles, quote numbers, filter terms and sessions."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._after = {f"/{command.name}": command.takes for command in COMMANDS}
        self._kinds: dict[str, Callable[[str], Iterator[Completion]]] = {
            "paper": lambda text: self._paper(text, quoted=False),
            "papers": lambda text: self._paper(_last_name(text), quoted=True),
            "numbers": self._number,
            "terms": lambda text: _beginning(text.rpartition(" ")[2], _TERMS),
            "sessions": self._session,
        }

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What may stand at the end of the line."""
        line = document.text_before_cursor
        command, blank, rest = line.partition(" ")
        if not line.startswith("/"):
            return
        if not blank:
            yield from _beginning(command, [name + " " * bool(takes) for name, takes in self._after.items()])
        elif takes := self._after.get(command):
            yield from self._kinds[takes](rest)

    def _paper(self, text: str, *, quoted: bool) -> Iterator[Completion]:
        """Keys given out so far that begin so, then titles that hold the words."""
        wanted = text.strip('"').casefold()
        yield from _beginning(wanted, sorted(self._talk.keys.values()), len(text))
        words = wanted.split()
        fitting = [title for title in self._titles if words and all(word in title.casefold() for word in words)]
        for title in fitting[:_SHOWN]:
            put = f'"{title.replace(chr(34), "")}"' if quoted else title
            yield Completion(put, start_position=-len(text), display=title)

    def _number(self, text: str) -> Iterator[Completion]:
        from agent.render.numbering import numbered

        last = self._talk.last
        yield from _beginning(text, [str(quote.number) for quote in (numbered(last.answer) if last else ())])

    def _session(self, text: str) -> Iterator[Completion]:
        from store.errors import StoreError

        record: Record | None = self._talk.record
        try:
            infos = record.listed() if record is not None else ()
        except StoreError:
            return
        for info in infos:
            if str(info.session_id).startswith(text):
                yield Completion(str(info.session_id), -len(text), display_meta=terminal(info.title))

    @cached_property
    def _titles(self) -> list[str]:
        """The library's titles, made harmless, in order."""
        catalog = self._talk.library.catalog
        if catalog.totals().papers > _MOST_TITLES:
            return []
        return sorted(terminal(paper.title) for paper in self._talk.library.papers())


def _last_name(text: str) -> str:
    """The name at the end that is still being typed: from an open quote, else from the last blank or comma."""
    if text.count('"') % 2:
        return text[text.rindex('"') :]
    return text[max(text.rfind(" "), text.rfind(",")) + 1 :]


def _beginning(text: str, options: Iterable[str], length: int | None = None) -> Iterator[Completion]:
    """Those of the options that begin with `text`, in the place of the last `length` characters."""
    for option in options:
        if option.startswith(text):
            yield Completion(option, start_position=-(len(text) if length is None else length))
