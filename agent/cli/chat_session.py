"""Commands of a chat about the conversation itself: kept ones, going back, who writes, what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli.console import look
from agent.errors import BadInput

if TYPE_CHECKING:
    from agent.chat.record import Record
    from agent.cli.chat_desk import Desk

__all__ = ["cost", "forget", "model", "resume", "sessions", "undo"]


def sessions(desk: Desk, _: str) -> None:
    """`/sessions`."""
    from agent.chat.show import session_lines

    record = _record(desk)
    lines = list(session_lines(record.listed(), record.session_id, look()))
    desk.show("\n".join(lines) or "no conversation is kept yet; this one will be from its first answer on")


def resume(desk: Desk, text: str) -> None:
    """`/resume [ID]`."""
    from agent.chat.filters import describe_filter
    from agent.render.escape import terminal
    from agent.render.numbering import many

    record = _record(desk)
    desk.conversation.resume(_number(text) if text else _before(record))
    talk = desk.conversation
    desk.remark(
        f"conversation {record.session_id}: {many(len(talk.turns), 'turn')}, filter: {describe_filter(talk.filters)}"
    )
    if talk.last and not desk.json:
        desk.show(f"> {terminal(talk.last.plan.question)}")
        desk.show_answer(talk.last.answer)


def forget(desk: Desk, text: str) -> None:
    """`/forget ID`."""
    record = _record(desk)
    if not text:
        raise BadInput("say which conversation: /forget ID; /sessions lists them")
    number = _number(text)
    if number == record.session_id:
        raise BadInput(f"conversation {number} is the one at hand: leave it first, with /quit or /resume")
    record.sessions.forget(number)
    desk.show(f"conversation {number} is removed")


def undo(desk: Desk, _: str) -> None:
    """`/undo`."""
    from agent.render.escape import terminal

    taken = desk.conversation.undo()
    desk.show(f"taken back: {terminal(taken.plan.question)}")


def model(desk: Desk, name: str) -> None:
    """`/model [NAME|none]`."""
    from agent.render.escape import terminal

    if name:
        desk.switch(name)
    desk.show(f"answers are written by: {terminal(desk.writer())}")


def cost(desk: Desk, _: str) -> None:
    """`/cost`."""
    from agent.chat.show import spending_line

    desk.show(spending_line(desk.conversation.spent))


def _record(desk: Desk) -> Record:
    if desk.conversation.record is None:
        raise BadInput("this conversation is not kept and knows of no other: leave out --no-save")
    return desk.conversation.record


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadInput(f"{text[:40]!r} is no conversation's number; /sessions lists them")
    return int(text)


def _before(record: Record) -> int:
    """The conversation changed last, other than the one at hand."""
    for info in record.listed():
        if info.session_id != record.session_id:
            return info.session_id
    raise BadInput("no other conversation is kept in this library")
