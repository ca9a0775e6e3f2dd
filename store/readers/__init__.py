"""Files and folders to records. One file a format; see `protocol` for how to add one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from store.errors import InputUnreadable
from store.readers.protocol import Reader
from store.readers.registry import reader_of
from store.types import ReadFailure, Record

__all__ = ["read"]

_Known = tuple[Path, Reader | ReadFailure]


def _files(folder: Path) -> list[Path]:
    """Files under the folder in sorted order, hidden ones left out, links to folders not followed."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name) for name in names if not name.startswith(".") and Path(place, name).is_file()]
    return sorted(found)


def _of_folder(folder: Path) -> list[_Known]:
    known: list[_Known] = []
    for file in _files(folder):
        try:
            known.append((file, reader_of(file)))
        except InputUnreadable as error:
            known.append((file, ReadFailure(str(file), "file", str(error).removeprefix(f"{file}: "))))
    if all(isinstance(reader, ReadFailure) for _, reader in known):
        seen = f"none of its {len(known)} files is of a known format" if known else "it has no files"
        raise InputUnreadable(f"{folder}: no papers to read: {seen}; name a file or folder of records")
    return known


def _known(paths: Sequence[Path]) -> list[_Known]:
    known: list[_Known] = []
    for path in paths:
        if not path.exists():
            raise InputUnreadable(f"{path}: no such file or folder; check the path")
        if path.is_dir():
            known += _of_folder(path)
        elif path.is_file():
            known.append((path, reader_of(path)))
        else:
            raise InputUnreadable(f"{path}: not a regular file; save it as a file first")
    return list({path.resolve(): (path, reader) for path, reader in reversed(known)}.values())[::-1]


def read(paths: Sequence[Path]) -> Iterator[Record | ReadFailure]:
    """Records and failures of files and folders, in order.

    Raises InputUnreadable or UnknownFormat, before anything is read, when a path named here is unusable.
    A file that cannot be used inside a folder is a failure like any other; so is one that breaks off.
    """
    for path, reader in _known(paths):
        if isinstance(reader, ReadFailure):
            yield reader
            continue
        try:
            yield from reader.read(path)
        except OSError as error:
            yield ReadFailure(str(path), "file", f"cannot be read further ({error.strerror or error})")
