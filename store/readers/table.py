"""CSV with a header row (also semicolons and tabs)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from store.readers.decode import open_text
from store.readers.fields import TITLE_NAMES, record_of
from store.readers.protocol import Head
from store.types import ReadFailure, Record

__all__ = ["READER"]

_MAX_CELL = 1_000_000
_HEADS = {name.replace("_", "") for name in TITLE_NAMES}


def _columns(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _delimiter(line: str) -> str | None:
    """The delimiter under which the header has a title column and the most columns."""
    best = None
    for delimiter in ",;\t":
        columns = _columns(line, delimiter)
        if {"".join(c.lower().split()).replace("_", "") for c in columns} & _HEADS and len(columns) > 1:
            best = max(best or (0, ""), (len(columns), delimiter))
    return best[1] if best else None


class Table:
    """Reads row by row."""

    name = "CSV"
    rank = 50

    def knows(self, head: Head) -> bool:
        """The first line names a title column and at least one more."""
        return bool(head.lines) and len(head.lines[0]) < 20_000 and _delimiter(head.lines[0]) is not None

    def read(self, path: Path) -> Iterator[Record | ReadFailure]:
        """Every row is a record or a failure, placed by the line where it ends."""
        csv.field_size_limit(_MAX_CELL)
        with open_text(path) as file:
            header = ""
            while not header.strip():
                header = file.readline()
            delimiter = _delimiter(header.strip("\r\n")) or ","
            columns = _columns(header.strip("\r\n"), delimiter)
            rows = csv.reader(file, delimiter=delimiter, strict=True)
            offset = 1
            while True:
                first = rows.line_num + offset + 1
                try:
                    row = next(rows)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield ReadFailure(str(path), f"line {first}", f"not valid CSV: {error}")
                    continue
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) != len(columns):
                    reason = f"{len(row)} columns where the header has {len(columns)}"
                    yield ReadFailure(str(path), f"line {first}", reason)
                    continue
                yield record_of(dict(zip(columns, row, strict=True)), str(path), f"line {first}")


READER = Table()
