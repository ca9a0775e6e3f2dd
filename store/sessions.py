"""Conversations kept beside the papers: sessions, each with its turns, in a SQLite file of their own.

The file knows texts only; what a turn says is the affair of who keeps it. One call is one transaction. Two programs
may keep sessions at once; both may even have read the same one: a change made from an old state is refused, never
merged in silence. The catalog is not touched, so a library opens the same with this file or without.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from store.database import connect, translated, writable
from store.errors import LibraryReadOnly, SessionChanged, UnknownSession
from store.schema import SESSIONS

__all__ = ["SESSIONS_NAME", "Session", "SessionInfo", "Sessions", "StoredTurn", "Version"]

SESSIONS_NAME = "sessions.sqlite3"


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One turn: what was asked, for lists, and everything about it, as text."""

    question: str
    body: str


@dataclass(frozen=True, slots=True)
class Version:
    """A session as it stood after its change number `revision`."""

    session_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session in a list. `started` and `changed` are ISO 8601 in UTC; `title` is the first question."""

    session_id: int
    started: str
    changed: str
    title: str
    turns: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session in full."""

    info: SessionInfo
    version: Version
    state: str
    turns: tuple[StoredTurn, ...]


class Sessions:
    """The sessions of one library folder. The file is made when the first one is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / SESSIONS_NAME
        self._lock = RLock()
        self._opened: sqlite3.Connection | None = None
        self._damaged = (
            f"the conversations kept in {self.path} cannot be read: restore the file from a copy, "
            "or move it away to begin anew"
        )

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            with self._lock, translated(self.folder, self._damaged):
                self._opened.close()
            self._opened = None

    def listed(self) -> tuple[SessionInfo, ...]:
        """Every session, the one changed last first. Raises LibraryDamaged, LibraryTooNew."""
        if not self.path.exists():
            return ()
        rows = self._rows(
            "SELECT session_id, started, changed,"
            " coalesce((SELECT question FROM turns t WHERE t.session_id = s.session_id ORDER BY number LIMIT 1), ''),"
            " (SELECT count(*) FROM turns t WHERE t.session_id = s.session_id)"
            " FROM sessions s ORDER BY changed DESC, session_id DESC"
        )
        return tuple(SessionInfo(int(i), str(begun), str(at), str(title), int(n)) for i, begun, at, title, n in rows)

    def load(self, session_id: int) -> Session:
        """That session. Raises UnknownSession, LibraryDamaged, LibraryTooNew."""
        infos = {info.session_id: info for info in self.listed()}
        if session_id not in infos:
            kept = f"there are {', '.join(map(str, sorted(infos)[-9:]))}" if infos else "none is kept yet"
            raise UnknownSession(f"no conversation {session_id} is kept in {self.folder}; {kept}")
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT revision, state FROM sessions WHERE session_id = ?", [session_id]
            ).fetchone()
            rows = connection.execute(
                "SELECT question, body FROM turns WHERE session_id = ? ORDER BY number", [session_id]
            ).fetchall()
        turns = tuple(StoredTurn(str(question), str(body)) for question, body in rows)
        return Session(infos[session_id], Version(session_id, int(found[0])), str(found[1]), turns)

    def begin(self, state: str, turns: Sequence[StoredTurn], at: str) -> Version:
        """A new session with these turns. Raises LibraryReadOnly, LibraryLocked, StorageFull, LibraryDamaged."""
        with self._transaction(write=True) as connection:
            cursor = connection.execute(
                "INSERT INTO sessions (started, changed, revision, state) VALUES (?, ?, 1, ?)", [at, at, state]
            )
            made = Version(int(cursor.lastrowid or 0), 1)
            _insert(connection, made.session_id, 0, turns)
        return made

    def save(self, base: Version, state: str, keep: int, turns: Sequence[StoredTurn], at: str) -> Version:
        """The session with its first `keep` turns, then `turns`: all or nothing.

        Raises SessionChanged where it is not as `base` says any more; else as `begin`.
        """
        made = Version(base.session_id, base.revision + 1)
        with self._transaction(write=True) as connection:
            done = connection.execute(
                "UPDATE sessions SET changed = ?, revision = ?, state = ? WHERE session_id = ? AND revision = ?",
                [at, made.revision, state, base.session_id, base.revision],
            )
            if done.rowcount != 1:
                raise SessionChanged(f"conversation {base.session_id} was changed by another chat meanwhile")
            connection.execute("DELETE FROM turns WHERE session_id = ? AND number > ?", [base.session_id, keep])
            _insert(connection, base.session_id, keep, turns)
        return made

    def forget(self, session_id: int) -> None:
        """Remove that session and its turns. Raises UnknownSession; else as `begin`."""
        self.load(session_id)
        with self._transaction(write=True) as connection:
            connection.execute("DELETE FROM sessions WHERE session_id = ?", [session_id])

    def faults(self) -> tuple[str, ...]:
        """What SQLite's own check of the file finds; empty when it is sound or not there. Raises LibraryDamaged."""
        if not self.path.exists():
            return ()
        return tuple(str(row[0]) for row in self._rows("PRAGMA integrity_check(5)") if row[0] != "ok")

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._transaction() as connection:
            return connection.execute(sql).fetchall()

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        if write and not writable(self.folder):
            raise LibraryReadOnly(f"the library folder {self.folder} cannot be written; the conversation is not kept")
        with self._lock, translated(self.folder, self._damaged):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = connect(self.path, SESSIONS, create=True, damaged=self._damaged)
        return self._opened


def _insert(connection: sqlite3.Connection, session_id: int, after: int, turns: Sequence[StoredTurn]) -> None:
    connection.executemany(
        "INSERT INTO turns VALUES (?, ?, ?, ?)",
        [(session_id, after + number, turn.question, turn.body) for number, turn in enumerate(turns, 1)],
    )
