"""Opening our SQLite files, and SQLite's errors in our words.

The file is in WAL mode: a reader sees the last committed state and never waits for the writer. In a
folder that cannot be written SQLite cannot make its shared-memory file; there the catalog is opened
as immutable when no log stands beside it, through log and shared memory when a writer left or holds both,
and as a copy when there is a log alone: passing the log over would show an older state.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from store.errors import (
    LibraryDamaged,
    LibraryLocked,
    LibraryNotFound,
    LibraryPathInvalid,
    LibraryReadOnly,
    LibraryTooNew,
    StorageFull,
)
from store.schema import CATALOG, Schema, migrate

__all__ = ["connect", "disk_errors", "full", "no_space", "translated", "writable"]

_log = logging.getLogger(__name__)
_WAIT_SECONDS = 5.0
_CODE_MASK = 0xFF
_FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)


def writable(folder: Path) -> bool:
    """Whether files may be made in `folder`."""
    return os.access(folder, os.W_OK | os.X_OK)


def connect(
    path: Path, schema: Schema = CATALOG, *, create: bool = False, damaged: str | None = None
) -> sqlite3.Connection:
    """A connection to the file at `path`, of the schema this program knows. `damaged`: as in `translated`.

    Raises LibraryNotFound, LibraryPathInvalid, LibraryTooNew, LibraryDamaged, LibraryReadOnly.
    """
    if not create and not path.is_file():
        raise LibraryNotFound(f"no library at {path.parent}; make one with: plumbline --library {path.parent} add PATH")
    with translated(path.parent, damaged):
        connection = _open(path)
        try:
            _prepare(connection, path, schema, create=create)
        except BaseException:
            connection.close()
            raise
    return connection


def _open(path: Path) -> sqlite3.Connection:
    if writable(path.parent) and (not path.exists() or os.access(path, os.W_OK)):
        return _connection(path)
    log = path.with_name(path.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return _connection(path, "?immutable=1")
    if path.with_name(path.name + "-shm").exists():
        return _connection(path, "?mode=ro")
    return _copied(path, log)


def _connection(path: Path, options: str = "") -> _Connection:
    return sqlite3.connect(
        "file:" + quote(str(path.absolute())) + options,
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=_Connection,
    )


class _Connection(sqlite3.Connection):
    """A connection that takes with it, when it is closed, the folder made for it alone."""

    scratch: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close the file, and remove it if it is a copy."""
        super().close()
        if self.scratch is not None:
            self.scratch.cleanup()


def _copied(path: Path, log: Path) -> _Connection:
    scratch = TemporaryDirectory(prefix="plumbline-")
    with disk_errors(Path(scratch.name)):
        for file in (path, log):
            shutil.copyfile(file, Path(scratch.name) / file.name)
    _log.warning(
        "notice: the library's last writer was cut off and its folder cannot be written: a copy is read. "
        "Whoever may write there should run: plumbline doctor"
    )
    connection = _connection(Path(scratch.name) / path.name)
    connection.scratch = scratch
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, schema: Schema, *, create: bool) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > schema.version:
        raise LibraryTooNew(
            f"the {schema.what} at {path.parent} has schema {version}, this program knows up to {schema.version}; "
            "upgrade plumbline to open it"
        )
    mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
    empty = version == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not empty and mark != schema.application_id:
        raise LibraryPathInvalid(f"{path} is a database of another program; name another folder with --library")
    if empty and not create:
        raise LibraryNotFound(f"no library at {path.parent}; make one with: plumbline --library {path.parent} add PATH")
    if writable(path.parent):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    if version < schema.version:
        migrate(connection, version, schema)


@contextmanager
def translated(folder: Path, damaged: str | None = None) -> Iterator[None]:
    """Within it, SQLite's errors leave as ours, naming `folder` and what to do.

    `damaged`: what to say of a file that cannot be read, where that is not the catalog.
    """
    try:
        yield
    except sqlite3.Error as error:
        ours = _ours(error, folder)
        if damaged is not None and isinstance(ours, LibraryDamaged):
            raise LibraryDamaged(f"{damaged} ({error})") from error
        raise ours from error
    except OSError as error:
        if error.errno in _FULL_ERRNOS:
            raise full(folder) from error
        raise


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Within it, a full disk or a folder that cannot be written leaves as our error."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL_ERRNOS:
            raise full(folder) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise _read_only(folder) from error
        raise


def _ours(error: sqlite3.Error, folder: Path) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & _CODE_MASK
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and no_space(folder)):
        return full(folder)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return _read_only(folder)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryLocked(f"another process is writing to the library at {folder}; try again when it is done")
    if code == sqlite3.SQLITE_CANTOPEN and not writable(folder):
        return _read_only(folder)
    return LibraryDamaged(
        f"the catalog of the library at {folder} cannot be read ({error}); "
        f"run: plumbline --library {folder} doctor, or restore the folder from a copy"
    )


def no_space(folder: Path) -> bool:
    """Whether the disk that holds `folder` has not a byte left."""
    try:
        return os.statvfs(folder).f_bavail == 0
    except (AttributeError, OSError):
        return False


def full(folder: Path) -> StorageFull:
    """The error that says so."""
    return StorageFull(f"the disk that holds {folder} is full; what was acknowledged is kept: free space and run again")


def _read_only(folder: Path) -> LibraryReadOnly:
    return LibraryReadOnly(f"the library folder {folder} cannot be written; name another with --library")
