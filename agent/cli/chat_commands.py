"""What a line typed in a chat does: a question, or a command that begins with a slash."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.chat_lines import COMMANDS
from agent.cli.console import emit_json, look, say
from agent.errors import BadInput

if TYPE_CHECKING:
    from agent.chat import Conversation

__all__ = ["Quit", "respond"]

_HELP = """\
Type a question. A follow-up may lean on the turn before: "and on memory?"
  /sources          the papers cited so far
  /why N            why quote [N] of the last answer passed: every check
  /filter TERMS     only papers that pass: year>=2023 year<=2024 source=NAME venue=NAME tag=NAME; /filter clear
  /save FILE.md     write the conversation as markdown
  /quit             leave (so does Ctrl-D); Ctrl-C stops an answer"""


class Quit(Exception):
    """The person wants to leave."""


def respond(conversation: Conversation, line: str, json: bool = False) -> None:
    """Answer one line on stdout. Raises Quit, or PlumblineError when it cannot be done."""
    if not line.startswith("/"):
        _answer(conversation, line, json)
        return
    command, _, rest = line.partition(" ")
    match command:
        case "/help":
            say(_HELP)
        case "/sources":
            _sources(conversation)
        case "/why":
            _why(conversation, rest.strip())
        case "/filter":
            _filter(conversation, rest.strip())
        case "/save":
            _save(conversation, rest.strip())
        case "/quit" | "/exit":
            raise Quit
        case _:
            near = difflib.get_close_matches(command, COMMANDS, 1)
            raise BadInput(f"there is no command {command}; {f'did you mean {near[0]}?' if near else 'try /help'}")


def _answer(conversation: Conversation, question: str, json: bool) -> None:
    answer = conversation.ask(question)
    if json:
        from agent.render.documents import answer_document

        emit_json(answer_document(answer))
        return
    from agent.render.answer import terminal

    say(terminal(answer, look()) + "\n")


def _sources(conversation: Conversation) -> None:
    from agent.render.escape import terminal
    from agent.render.terminal import wrap

    sources = conversation.sources()
    if not sources:
        say("No paper has been cited yet.")
    for source in sources:
        paper = source.paper
        text = f"{source.key}  {paper.title}{f' ({paper.year})' if paper.year else ''}  {paper.paper_id}"
        say("\n".join(wrap(terminal(text), look().width, rest="    ")))


def _why(conversation: Conversation, number: str) -> None:
    from agent.render.answer import why
    from agent.render.numbering import numbered

    quotes = numbered(conversation.last.answer) if conversation.last else ()
    if not quotes:
        raise BadInput("there is no quote to explain yet: ask a question first")
    chosen = [quote for quote in quotes if str(quote.number) == number.strip("[]")]
    if not chosen:
        raise BadInput(f"the last answer has quotes 1 to {len(quotes)}: write /why 1")
    say(why(chosen[0], look()))


def _filter(conversation: Conversation, terms: str) -> None:
    from agent.chat import describe_filter, narrowed
    from agent.render.escape import terminal

    if terms:
        conversation.filters = narrowed(conversation.filters, terms)
    say(f"filter: {terminal(describe_filter(conversation.filters))}")


def _save(conversation: Conversation, name: str) -> None:
    from agent.render.answer_markdown import markdown
    from agent.render.escape import terminal

    if not name:
        raise BadInput("say where: /save FILE.md")
    if not conversation.turns:
        raise BadInput("there is nothing to save yet: ask a question first")
    path = Path(name).expanduser()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(markdown(turn.answer) for turn in conversation.turns))
    except FileExistsError as error:
        raise BadInput(f"{name} exists and was left as it is: choose another name") from error
    except OSError as error:
        raise BadInput(f"cannot write {name}: {error.strerror}; choose another place") from error
    say(f"saved {len(conversation.turns)} turns in {terminal(str(path))}")
