"""Bytes to text. UTF-8 (or UTF-16 with its mark); bytes that are neither stay visible as lone surrogates.

`unreadable` finds those, so that the one record they stand in is refused and the rest of the file loads.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TextIO

from store.readers.protocol import Head

__all__ = ["head_of", "is_binary", "open_text", "unreadable"]

_HEAD_BYTES = 256 * 1024
_SURROGATE = re.compile("[\ud800-\udfff]")


def _encoding(start: bytes) -> str:
    return "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def open_text(path: Path) -> TextIO:
    """The file as text, line ends as they stand. Raises OSError."""
    with path.open("rb") as file:
        encoding = _encoding(file.read(2))
    return path.open(encoding=encoding, errors="surrogateescape" if encoding == "utf-8-sig" else "replace", newline="")


def head_of(path: Path) -> Head:
    """The file's beginning. Raises OSError."""
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES + 1)
    encoding = _encoding(start)
    text = start[:_HEAD_BYTES].decode(encoding, errors="surrogateescape" if encoding == "utf-8-sig" else "replace")
    return Head(path, text, len(start) <= _HEAD_BYTES)


def is_binary(head: Head) -> bool:
    """Whether the file is no text: many NUL or other control characters in its first part."""
    sample = head.text[:8192]
    odd = sum(1 for char in sample if char < " " and char not in "\t\r\n\f\x1b")
    return odd * 20 > len(sample)


def unreadable(text: str) -> str | None:
    """Why this text cannot be trusted, or None."""
    if "\x00" in text:
        return "NUL bytes in the text; the file is damaged here"
    if _SURROGATE.search(text):
        return "bytes that are not UTF-8; save the file as UTF-8"
    return None
