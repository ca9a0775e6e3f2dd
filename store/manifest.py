"""Seals a derived index: which change of the catalog it stands for, and what its files must be.

The seal is written last and taken away before the first write, so that an index which was killed while
it changed has none, and is rebuilt.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SEAL_NAME", "Seal", "break_seal", "intact", "read_seal", "seal"]

SEAL_NAME = "seal.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Seal:
    """`generation` of the catalog, `count` of entries, `form` of the index, and each file's size, time and CRC-32."""

    generation: int
    count: int
    form: str
    files: tuple[tuple[str, int, int, int], ...]


def seal(folder: Path, *, generation: int, count: int, form: str, patterns: tuple[str, ...]) -> None:
    """Write the seal over the files that the patterns find, at once or not at all. Raises OSError."""
    names = sorted(
        path
        for pattern in patterns
        for path in folder.glob(pattern)
        if path.is_file() and not path.name.startswith(SEAL_NAME) and path.suffix != ".lock"
    )
    files = [
        (path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns, checksum(path))
        for path in names
    ]
    written = folder / (SEAL_NAME + ".new")
    content = {"generation": generation, "count": count, "form": form, "files": files}
    with written.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    written.replace(folder / SEAL_NAME)


def break_seal(folder: Path) -> None:
    """Say that the index is changing. Raises OSError."""
    (folder / SEAL_NAME).unlink(missing_ok=True)


def read_seal(folder: Path) -> Seal | None:
    """The seal, or None where there is none that can be read."""
    try:
        content = json.loads((folder / SEAL_NAME).read_text(encoding="utf-8"))
        files = tuple((str(name), int(size), int(time), int(crc)) for name, size, time, crc in content["files"])
        return Seal(int(content["generation"]), int(content["count"]), str(content["form"]), files)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def intact(folder: Path, sealed: Seal, *, thorough: bool = False) -> bool:
    """True when every sealed file is there and unchanged.

    A file of the same size and time is taken for unchanged unless `thorough`; any other is read and its
    CRC-32 compared, so that a library that was copied is still sound.
    """
    for name, size, time, crc in sealed.files:
        path = folder / name
        try:
            found = path.stat()
            if found.st_size != size:
                return False
            if (thorough or found.st_mtime_ns != time) and checksum(path) != crc:
                return False
        except OSError:
            return False
    return True


def checksum(path: Path) -> int:
    """CRC-32 of a file, read in pieces. Raises OSError."""
    value = 0
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            value = zlib.crc32(piece, value)
    return value
