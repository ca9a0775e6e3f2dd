"""JSON lines: one record a line (arXiv snapshot, Semantic Scholar, OpenAlex, plain)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from store.readers.decode import open_text, unreadable
from store.readers.fields import record_of
from store.readers.protocol import Head
from store.types import ReadFailure, Record

__all__ = ["READER", "parse"]

_MAX_LINE = 8_000_000


def parse(text: str, path: str, locator: str) -> Record | ReadFailure:
    """One JSON object as a record."""
    if reason := unreadable(text):
        return ReadFailure(path, locator, reason)
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        what = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else "unusable"
        return ReadFailure(path, locator, f"not valid JSON: {what}")
    if not isinstance(value, dict):
        return ReadFailure(path, locator, f"a JSON {type(value).__name__} where an object is expected")
    return record_of(value, path, locator)


class JsonLines:
    """Reads line by line."""

    name = "JSON lines"
    rank = 30

    def knows(self, head: Head) -> bool:
        """A complete line that is an object with no list of records in it, or most lines opening one."""
        lines = [line.strip() for line in head.lines[:50]]
        if not lines or head.text.lstrip("\ufeff \t\r\n").startswith("["):
            return False
        whole = [line for line in lines if line.startswith("{") and line.endswith("}")]
        if len(lines) == 1 and head.path.suffix.lower() not in {".jsonl", ".ndjson"}:
            return False
        return (bool(whole) and sum(line.startswith("{") for line in lines) * 2 >= len(lines)) or (
            head.path.suffix.lower() in {".jsonl", ".ndjson"} and lines[0].startswith("{") and len(lines[0]) > 1
        )

    def read(self, path: Path) -> Iterator[Record | ReadFailure]:
        """Every line that is not blank is a record or a failure."""
        with open_text(path) as file:
            number = 0
            while line := file.readline(_MAX_LINE):
                number += 1
                if len(line) >= _MAX_LINE and not line.endswith("\n"):
                    while (rest := file.readline(_MAX_LINE)) and not rest.endswith("\n"):
                        pass
                    yield ReadFailure(str(path), f"line {number}", f"longer than {_MAX_LINE:,} characters")
                elif line.strip():
                    yield parse(line, str(path), f"line {number}")


READER = JsonLines()
