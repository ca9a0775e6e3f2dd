"""A JSON document: an array of records, an object that wraps one ("results", "data"...), or a single record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from store.readers.decode import open_text
from store.readers.json_lines import parse
from store.readers.protocol import Head
from store.types import ReadFailure, Record

__all__ = ["READER"]

_CHUNK = 1 << 20
_MAX_RECORD = 8_000_000
_WRAPPED = re.compile(r'"(?:results|data|papers|items|records|works|entries)"\s*:\s*\[')
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|["{}\[\]]', re.DOTALL)


class _Elements:
    """The top-level objects of an array, cut out by their braces so that a damaged one harms no other."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.left = ""

    def __iter__(self) -> Iterator[str]:
        """The source text of each element."""
        buffer, at, start, depth = self.left, 0, -1, 0
        while True:
            match = _MARK.search(buffer, at)
            if match is None or match[0] == '"' or (match.end() == len(buffer) and match[0][0] == '"'):
                more = self._file.read(_CHUNK)
                keep = start if start >= 0 else (match.start() if match else len(buffer))
                at = (match.start() if match else len(buffer)) - keep
                start = 0 if start >= 0 else -1
                buffer = buffer[keep:] + more
                if not more or len(buffer) > _MAX_RECORD + _CHUNK:
                    self.left = buffer if start >= 0 else ""
                    return
                continue
            at = match.end()
            if match[0] in "{[":
                if depth == 0:
                    start = match.start()
                depth += 1
            elif match[0] in "}]":
                if depth == 0:
                    self.left = ""
                    return
                depth -= 1
                if depth == 0:
                    yield buffer[start:at]
                    buffer, at, start = buffer[at:] if at > _CHUNK else buffer, 0 if at > _CHUNK else at, -1


class JsonDocument:
    """Reads records one at a time, so that the size of the file does not matter."""

    name = "JSON"
    rank = 40

    def knows(self, head: Head) -> bool:
        """An array of objects, or an object."""
        text = head.text.lstrip("\ufeff \t\r\n")
        return bool(re.match(r"\[\s*(?:\{|\]|$)", text)) or bool(re.match(r'\{\s*(?:"|\}|$)', text))

    def read(self, path: Path) -> Iterator[Record | ReadFailure]:
        """Records by their index, from 0."""
        with open_text(path) as file:
            head = file.read(_CHUNK).lstrip("\ufeff \t\r\n")
            elements = _Elements(file)
            wrapped = _WRAPPED.search(head[:65536]) if head.startswith("{") else None
            if wrapped and not re.search(r'"(?:title|display_name)"\s*:', head[: wrapped.start()]):
                elements.left = head[wrapped.end() :]
            else:
                elements.left = head[1:] if head.startswith("[") else head
            index = 0
            for text in elements:
                yield parse(text, str(path), f"index {index}")
                index += 1
            if elements.left.strip():
                yield ReadFailure(str(path), f"index {index}", "the JSON breaks off inside this record")


READER = JsonDocument()
