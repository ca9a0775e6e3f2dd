"""A conversation in the library's keeping: written after every change, read back when it is resumed.

What was said is kept, and which papers it stands on; the papers' texts are not copied: they are looked up again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent.chat.state import Spending, State, Turn
from agent.types import Source
from store.errors import PlumblineError, SessionChanged, SessionDamaged, UnknownPaper, UnknownSession
from store.sessions import Session, SessionInfo, Sessions, StoredTurn, Version
from store.types import Paper, SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Record"]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is kept of a state beside its turns."""

    keys: dict[str, str]
    filters: SearchFilter = SearchFilter()
    spent: Spending = field(default_factory=Spending)


class Record:
    """Where one conversation is kept. `tell` hears, once, why it is not; the conversation goes on all the same.

    A session begins with its first turn. One that another chat has taken further meanwhile goes on as a new session,
    so that neither loses anything.
    """

    def __init__(self, sessions: Sessions, now: Callable[[], datetime], tell: Callable[[str], None]) -> None:
        self.sessions = sessions
        self._now = now
        self._tell = tell
        self._version: Version | None = None
        self._kept: tuple[StoredTurn, ...] = ()
        self._told = ""

    @property
    def session_id(self) -> int | None:
        """The session's number; None before its first turn."""
        return self._version.session_id if self._version else None

    def listed(self) -> tuple[SessionInfo, ...]:
        """Every kept session, the one changed last first. Raises StoreError."""
        return self.sessions.listed()

    def keep(self, state: State) -> None:
        """Write what has changed. What could not be written is told, and written with the next change."""
        turns = tuple(_stored(turn) for turn in state.turns)
        if self._version is None and not turns:
            return
        try:
            self._write(_rest(state), turns)
        except PlumblineError as error:
            self._warn(f"notice: this conversation is not kept: {error}")
        else:
            self._told = ""

    def resume(self, session_id: int, library: Library) -> State:
        """The session's state; from now on changes go there. Raises UnknownSession, SessionDamaged, StoreError."""
        session = self.sessions.load(session_id)
        state = _state(session, library)
        self._version, self._kept = session.version, session.turns
        return state

    def _write(self, rest: str, turns: tuple[StoredTurn, ...]) -> None:
        at = self._now().isoformat(timespec="seconds")
        if self._version is not None:
            try:
                self._save(self._version, rest, turns, at)
            except SessionChanged:
                self._reconcile(self._version, rest, turns, at)
        else:
            self._version = self.sessions.begin(rest, turns, at)
        self._kept = turns

    def _save(self, base: Version, rest: str, turns: tuple[StoredTurn, ...], at: str) -> None:
        same = _shared(self._kept, turns)
        self._version = self.sessions.save(base, rest, same, turns[same:], at)

    def _reconcile(self, base: Version, rest: str, turns: tuple[StoredTurn, ...], at: str) -> None:
        """Go on with the session where it holds no turn that is not ours too; else with a new one."""
        try:
            found = self.sessions.load(base.session_id)
        except UnknownSession:
            what = "removed"
        else:
            if _shared(found.turns, turns) == len(found.turns):
                self._kept = found.turns
                self._save(found.version, rest, turns, at)
                return
            what = "went on with"
        self._version = self.sessions.begin(rest, turns, at)
        self._tell(
            f"notice: another chat {what} conversation {base.session_id}; "
            f"this one goes on as {self._version.session_id}"
        )

    def _warn(self, message: str) -> None:
        if message != self._told:
            self._told = message
            self._tell(message)


def _shared(kept: tuple[StoredTurn, ...], turns: tuple[StoredTurn, ...]) -> int:
    """How many turns from the first on are the same."""
    for at, (old, new) in enumerate(zip(kept, turns, strict=False)):
        if old != new:
            return at
    return min(len(kept), len(turns))


def _stored(turn: Turn) -> StoredTurn:
    bare = tuple(replace(source, paper=_bare(source.paper)) for source in turn.answer.sources)
    body = asdict(replace(turn, answer=replace(turn.answer, sources=bare)))
    return StoredTurn(turn.plan.question, json.dumps(body, ensure_ascii=False))


def _bare(paper: Paper) -> Paper:
    """The paper without its text."""
    return replace(paper, abstract="", raw_abstract="", raw_title="")


def _rest(state: State) -> str:
    return json.dumps(asdict(_Rest(dict(state.keys), state.filters, state.spent)), ensure_ascii=False)


def _state(session: Session, library: Library) -> State:
    """The state kept. Raises SessionDamaged for one that this program cannot read."""
    from pydantic import TypeAdapter, ValidationError

    try:
        rest = TypeAdapter(_Rest).validate_json(session.state)
        turns = [TypeAdapter(Turn).validate_json(turn.body) for turn in session.turns]
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise SessionDamaged(
            f"conversation {session.info.session_id} cannot be read ({where}: {error.errors()[0]['msg']}); "
            "it was left as it is: go on with another, or upgrade plumbline"
        ) from error
    return State(tuple(_with_papers(turn, library) for turn in turns), rest.keys, rest.filters, rest.spent)


def _with_papers(turn: Turn, library: Library) -> Turn:
    sources = tuple(_looked_up(source, library) for source in turn.answer.sources)
    return replace(turn, answer=replace(turn.answer, sources=sources))


def _looked_up(source: Source, library: Library) -> Source:
    """The source with the paper's text; one that is no longer in the library stays bare."""
    try:
        return replace(source, paper=library.paper(source.paper.paper_id))
    except UnknownPaper:
        return source
