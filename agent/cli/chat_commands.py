"""The commands of a chat: one table, from which help, completion and dispatch come."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.cli import chat_look, chat_session, chat_write
from agent.errors import BadInput

if TYPE_CHECKING:
    from agent.cli.chat_desk import Desk

__all__ = ["COMMANDS", "Command", "Quit", "help_text", "respond"]


class Quit(Exception):
    """The person wants to leave."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name without the slash, what may follow, what it does, and `takes`: what completes after it."""

    name: str
    usage: str
    help: str
    run: Callable[[Desk, str], None]
    takes: str = ""


def _help(desk: Desk, _: str) -> None:
    desk.show(help_text())


def _quit(desk: Desk, _: str) -> None:
    raise Quit


COMMANDS = (
    Command("sources", "", "the papers cited so far, under their keys", chat_look.sources),
    Command("why", "N", "quote [N] of the last answer in its context, and every check", chat_look.why, "numbers"),
    Command("compare", "A B [on ASPECT]", "papers side by side; titles in quotes", chat_look.compare, "papers"),
    Command("findings", "PAPER|KEY", "the figures a paper reports, each in its sentence", chat_look.findings, "paper"),
    Command("read", "KEY|ID|TITLE", "a paper in full", chat_look.read, "paper"),
    Command("search", "[WORDS] [TERMS]", "papers found by words, by filter terms, or both", chat_look.search),
    Command("filter", "[TERMS|clear]", "only papers that pass: year>=2023 source=NAME", chat_look.narrow, "terms"),
    Command("draft", "TOPIC", "write a checked review into a new folder here", chat_write.draft),
    Command("export", "FILE.md", "write the conversation as markdown", chat_write.export),
    Command("undo", "", "take the last turn back", chat_session.undo),
    Command("sessions", "", "the conversations kept in this library", chat_session.sessions),
    Command("resume", "[ID]", "go on with one; the one before this if no ID is given", chat_session.resume, "sessions"),
    Command("forget", "ID", "remove a kept conversation", chat_session.forget, "sessions"),
    Command("model", "[NAME|none]", "who writes from now on; none: no model", chat_session.model),
    Command("cost", "", "calls, tokens and money spent on models", chat_session.cost),
    Command("help", "", "this list", _help),
    Command("quit", "", "leave (so does Ctrl-D); Ctrl-C stops an answer", _quit),
)
_BY_NAME = {command.name: command for command in COMMANDS} | {
    "save": next(command for command in COMMANDS if command.name == "export"),
    "exit": next(command for command in COMMANDS if command.name == "quit"),
}


def help_text() -> str:
    """The commands, a line each."""
    heads = [f"/{command.name} {command.usage}".rstrip() for command in COMMANDS]
    lines = [f"  {head:<25} {command.help}" for head, command in zip(heads, COMMANDS, strict=True)]
    return "\n".join(
        [
            'Type a question. A follow-up may lean on the turn before: "and on memory?" Plain orders work too:',
            '"compare A and B on memory", "list papers on quantization since 2023", "read A".',
            *lines,
        ]
    )


def respond(desk: Desk, line: str) -> None:
    """Do what one line asks. Raises Quit, or PlumblineError when it cannot be done."""
    if line.startswith("/"):
        _dispatch(desk, line)
        return
    from agent.chat.routing import route

    talk = desk.conversation
    routed = route(line, talk.library, talk.keys, tools=talk.agent is None)
    if routed is None:
        desk.answer(lambda listen: talk.ask(line, listen))
        return
    desk.remark(f"read as {routed}")
    _dispatch(desk, str(routed))


def _dispatch(desk: Desk, line: str) -> None:
    name, _, rest = line[1:].partition(" ")
    command = _BY_NAME.get(name.casefold())
    if command is None:
        near = difflib.get_close_matches(name.casefold(), list(_BY_NAME), 1)
        hint = f"did you mean /{near[0]}?" if near else "try /help"
        raise BadInput(f"there is no command /{name[:40]}; {hint}")
    command.run(desk, rest.strip())
