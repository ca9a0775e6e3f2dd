"""Which reader reads a file: every module beside this one that has a `READER` is asked."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from store.errors import InputUnreadable, UnknownFormat
from store.readers.decode import head_of, is_binary
from store.readers.protocol import Reader

__all__ = ["reader_of", "readers"]


@cache
def readers() -> tuple[Reader, ...]:
    """All readers, the most particular format first."""
    package = importlib.import_module("store.readers")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"store.readers.{name}") for name in names]
    found: list[Reader] = [module.READER for module in modules if hasattr(module, "READER")]
    return tuple(sorted(found, key=lambda reader: reader.rank))


def reader_of(path: Path) -> Reader:
    """The reader that knows the file. Raises InputUnreadable, UnknownFormat."""
    try:
        head = head_of(path)
    except OSError as error:
        raise InputUnreadable(f"{path}: cannot be read ({error.strerror or error}); check the file") from error
    if not head.text.strip():
        raise InputUnreadable(f"{path}: the file is empty; nothing to add")
    if not is_binary(head):
        for reader in readers():
            if reader.knows(head):
                return reader
    formats = ", ".join(reader.name for reader in readers())
    raise UnknownFormat(f"{path}: not a format Plumbline reads; it reads {formats}")
