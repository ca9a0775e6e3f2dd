"""Plain text for a terminal: width, wrapping, colour and tables. Knows nothing of answers.

Everything takes a `Look`, so that output is decided by arguments alone. Text given to `wrap` and
the tables must have been through `escape.terminal`; colour is put on after measuring.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Look", "columns", "grid", "heading", "paint", "stacked", "wrap"]

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_GAP = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How output is shown: `width` in columns; `colour`; `unicode`: the encoding can hold ✓ and “”."""

    width: int = 80
    colour: bool = False
    unicode: bool = True


def paint(text: str, style: str, look: Look) -> str:
    """`text` in bold, dim, red, green, yellow or cyan; unchanged where colour is off."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if look.colour and text else text


def heading(text: str, look: Look) -> str:
    """A section's heading."""
    return paint(text, "bold", look)


def columns(text: str) -> int:
    """How many terminal columns `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_character_columns(character) for character in text)


def _character_columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """`text` in lines of at most `width` columns, `first` before line one and `rest` before the others.

    Words longer than a line are cut. Empty text gives one line.
    """
    lines: list[str] = []
    line, empty = first, True
    for word in _fitting(text.split(), max(width - max(columns(first), columns(rest)), 1)):
        if not empty and columns(line) + 1 + columns(word) > width:
            lines.append(line)
            line, empty = rest, True
        line = line + word if empty else f"{line} {word}"
        empty = False
    return [*lines, line]


def _fitting(words: Sequence[str], room: int) -> list[str]:
    """The words, each at most `room` columns wide."""
    fitting: list[str] = []
    for word in words:
        piece = ""
        for character in word:
            if piece and columns(piece + character) > room:
                fitting.append(piece)
                piece = ""
            piece += character
        fitting.append(piece)
    return fitting


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], look: Look, most_lines: int = 9) -> list[str] | None:
    """A table with one line of columns, or None where some row would take more than `most_lines` lines."""
    widths = _column_widths(header, rows, look.width)
    if widths is None:
        return None
    wrapped = [[wrap(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    if any(len(cell) > most_lines for row in wrapped for cell in row):
        return None
    rule = "─" if look.unicode else "-"
    head = [wrap(cell, width) for cell, width in zip(header, widths, strict=True)]
    lines = [paint(line, "bold", look) for line in _beside(head, widths)]
    lines.append(paint((" " * _GAP).join(rule * width for width in widths), "dim", look))
    airy = any(len(cell) > 1 for row in wrapped for cell in row)
    for at, row in enumerate(wrapped):
        lines += ([""] if airy and at else []) + _beside(row, widths)
    return lines


def _beside(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """Wrapped cells side by side."""
    lines = []
    for at in range(max(len(cell) for cell in cells)):
        parts = [cell[at] if at < len(cell) else "" for cell in cells]
        padded = [part + " " * (width - columns(part)) for part, width in zip(parts, widths, strict=True)]
        lines.append((" " * _GAP).join(padded).rstrip())
    return lines


def _column_widths(
    header: Sequence[str], rows: Sequence[Sequence[str]], width: int, least: int = 18
) -> list[int] | None:
    """Widths that fill at most `width`: the first column as narrow as its words allow, the rest by need.

    None where the others would get less than `least` columns each and need more.
    """
    wanted = [max(columns(line) for line in column) for column in zip(header, *rows, strict=True)]
    names = min(wanted[0], 18)
    room = width - names - _GAP * (len(wanted) - 1)
    others = list(wanted[1:])
    if sum(others) <= room:
        return [names, *others]
    widths = [0] * len(others)
    open_columns = set(range(len(others)))
    while open_columns:  # columns that need less than a fair share leave the rest to the others
        share = (room - sum(widths)) // len(open_columns)
        modest = {at for at in open_columns if others[at] <= share}
        for at in modest or open_columns:
            widths[at] = others[at] if modest else share
        open_columns -= modest or open_columns
    return None if any(got < min(least, need) for got, need in zip(widths, others, strict=True)) else [names, *widths]


def stacked(header: Sequence[str], rows: Sequence[Sequence[str]], look: Look) -> list[str]:
    """The same table as one block a row, for cells too long to stand side by side."""
    label = min(max(columns(name) for name in header[1:]), 18) if len(header) > 1 else 0
    lines: list[str] = []
    for row in rows:
        lines.append(paint(row[0], "bold", look))
        for name, cell in zip(header[1:], row[1:], strict=True):
            head = wrap(name, label)
            body = wrap(cell, look.width - label - 2 - _GAP)
            lines += ["  " + line for line in _beside([head, body], [label, look.width - label - 2 - _GAP])]
    return lines
