"""One writer at a time: an operating system lock on a file, which dies with its process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.database import disk_errors
from store.errors import LibraryLocked

__all__ = ["LOCK_NAME", "writer_lock"]

LOCK_NAME = "writer.lock"


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Hold the library's only right to write. Never waits.

    Raises LibraryLocked at once when somebody else holds it, LibraryReadOnly, StorageFull.
    """
    path = folder / LOCK_NAME
    with disk_errors(folder):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not _take(descriptor):
            raise LibraryLocked(
                f"{_holder(descriptor)} is writing to the library at {folder}; try again when it is done"
            )
        with disk_errors(folder):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        pid = os.read(descriptor, 20).decode("ascii", "replace").strip()
    except OSError:  # Windows refuses to read what another process has locked
        pid = ""
    return f"another process ({pid})" if pid.isdigit() else "another process"


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # past the text, so that the holder's id stays readable
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
