"""Errors of the store, and the root of the project's error tree.

::

    PlumblineError            anything we raise on purpose; one line: what failed, on which input, what to do next
    ├── StoreError
    │   ├── LibraryNotFound       no library at the path (commands that only read)
    │   ├── LibraryPathInvalid    the path is a file, or a folder that holds something else
    │   ├── LibraryReadOnly       the folder cannot be written
    │   ├── LibraryLocked         another process is writing
    │   ├── LibraryTooNew         the schema is newer than this program
    │   ├── LibraryDamaged        the catalog itself cannot be read
    │   ├── StorageFull           the disk is full
    │   ├── EmbedderMismatch      the library was embedded by another embedder
    │   ├── EmbedderUnavailable   model file missing, wrong checksum, or endpoint unreachable
    │   ├── SearchFailed          an index could not answer (never shown as "no hits")
    │   ├── UnknownPaper          no paper of that id or title
    │   ├── UnknownSession        no conversation of that number is kept
    │   ├── SessionChanged        another chat has changed the conversation meanwhile
    │   ├── SessionDamaged        a kept conversation that this program cannot read
    │   └── InputUnreadable       a file or folder that cannot be read as papers
    │       └── UnknownFormat     no reader recognises the file
    └── AgentError                see agent/errors.py
"""

from __future__ import annotations

__all__ = [
    "EmbedderMismatch",
    "EmbedderUnavailable",
    "InputUnreadable",
    "LibraryDamaged",
    "LibraryLocked",
    "LibraryNotFound",
    "LibraryPathInvalid",
    "LibraryReadOnly",
    "LibraryTooNew",
    "PlumblineError",
    "SearchFailed",
    "SessionChanged",
    "SessionDamaged",
    "StorageFull",
    "StoreError",
    "UnknownFormat",
    "UnknownPaper",
    "UnknownSession",
]


class PlumblineError(Exception):
    """Root of every error raised on purpose; `str(error)` is the one line a user reads."""


class StoreError(PlumblineError):
    """Something about the library, its indexes or its input."""


class LibraryNotFound(StoreError):
    """No library at the path."""


class LibraryPathInvalid(StoreError):
    """The path is a file, or a folder that is not a library."""


class LibraryReadOnly(StoreError):
    """The folder cannot be written."""


class LibraryLocked(StoreError):
    """Another process is writing to the library."""


class LibraryTooNew(StoreError):
    """The catalog's schema version is newer than this program knows."""


class LibraryDamaged(StoreError):
    """The catalog cannot be read as a SQLite database of ours."""


class StorageFull(StoreError):
    """The disk is full."""


class EmbedderMismatch(StoreError):
    """The library's vectors come from another embedder."""


class EmbedderUnavailable(StoreError):
    """The embedder cannot run: a missing file, a wrong checksum, an endpoint out of reach."""


class SearchFailed(StoreError):
    """An index could not answer; different from an empty result."""


class UnknownPaper(StoreError):
    """No paper has that id or title."""


class UnknownSession(StoreError):
    """No conversation of that number is kept."""


class SessionChanged(StoreError):
    """The conversation is not as it was read: another chat has changed it."""


class SessionDamaged(StoreError):
    """A kept conversation does not read as one."""


class InputUnreadable(StoreError):
    """A file or folder that cannot be read as papers."""


class UnknownFormat(InputUnreadable):
    """No reader recognises the file."""
