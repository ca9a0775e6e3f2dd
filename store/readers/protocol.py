"""What a reader is. To read another format, put one module with a `READER` beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from store.types import ReadFailure, Record

__all__ = ["Head", "Reader"]


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, by which readers know it: the text, and whether that is the whole file."""

    path: Path
    text: str
    whole: bool

    @property
    def lines(self) -> list[str]:
        """Non-empty lines that are complete."""
        lines = self.text.splitlines()
        return [line for line in (lines if self.whole else lines[:-1] or lines) if line.strip()]


class Reader(Protocol):
    """Reads one format."""

    @property
    def name(self) -> str:
        """The format as a user knows it ("CSV")."""
        ...

    @property
    def rank(self) -> int:
        """Readers are asked in rising order: the more particular format first."""
        ...

    def knows(self, head: Head) -> bool:
        """Whether the file is of this format."""
        ...

    def read(self, path: Path) -> Iterator[Record | ReadFailure]:
        """Records and failures in the order of the file, in bounded memory."""
        ...
