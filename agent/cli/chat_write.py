"""Commands of a chat that write files: a review, the conversation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import BadInput

if TYPE_CHECKING:
    from agent.cli.chat_desk import Desk

__all__ = ["draft", "export"]


def draft(desk: Desk, topic: str) -> None:
    """`/draft TOPIC`."""
    from agent.chat.drafting import draft_into
    from agent.render.drafts import draft_document, draft_lines
    from agent.render.escape import terminal

    made = draft_into(topic, desk.conversation, desk.place, desk.remark)
    desk.document(
        lambda: draft_document(made.draft, made.folder, made.files),
        lambda: "\n".join(
            [*draft_lines(made.draft, made.folder, made.files), f"written to {terminal(str(made.folder))}"]
        ),
    )


def export(desk: Desk, name: str) -> None:
    """`/export FILE.md`. A file that exists is left as it is."""
    from agent.chat.show import conversation_markdown
    from agent.render.escape import terminal
    from agent.render.numbering import many

    talk = desk.conversation
    if not name:
        raise BadInput("say where: /export FILE.md")
    if not talk.turns:
        raise BadInput("there is nothing to write yet: ask a question first")
    path = desk.place / Path(name).expanduser()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(conversation_markdown(talk.turns, talk.sources()))
    except FileExistsError as error:
        raise BadInput(f"{name} exists and was left as it is: choose another name") from error
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "not a usable file name"
        raise BadInput(f"cannot write {name}: {reason}; choose another place") from error
    desk.show(f"wrote {many(len(talk.turns), 'turn')} to {terminal(str(path))}")
