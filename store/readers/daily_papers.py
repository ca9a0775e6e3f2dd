"""Saved pages of Hugging Face Daily Papers, in both layouts.

Title and abstract only; or title, abstract, then author count or organisation, "·", date and votes.
The page's own furniture (headings, subscription, byline, the page's date) is no paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from store.readers.decode import open_text
from store.readers.fields import failure_of, iso_date
from store.readers.protocol import Head
from store.types import ReadFailure, Record

__all__ = ["READER"]

_SUBSCRIBE = "Get trending papers in your email inbox!"
_BYLINE = re.compile(r"^by\s?\w+ and the research community$", re.IGNORECASE)
_FURNITURE = frozenset(
    {"new", "Subscribe", _SUBSCRIBE, "Daily Papers", "Trending Papers", "Daily", "Weekly", "Monthly"}
)
_DATED = re.compile(r"^([A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?)(?: (\d+))?$")
_COUNT = re.compile(r"^[•\s]*(\d+) authors?$")
_LONG = 250

Block = tuple[int, list[str]]


def _blocks(lines: Iterator[str]) -> Iterator[Block]:
    """Runs of non-empty lines, with the number of their first; furniture left out."""
    first, block = 0, list[str]()
    for number, line in enumerate(lines, 1):
        text = line.strip().strip("\ufeff")
        if text and text not in _FURNITURE and not _BYLINE.match(text):
            first = first if block else number
            block.append(text)
        elif block:
            yield first, block
            block = []
    if block:
        yield first, block


def _is_abstract(text: str) -> bool:
    return len(text) >= _LONG or (len(text) >= 120 and text.endswith("."))


def _with_byline(record: Record, lines: list[str]) -> Record:
    """The record with author count or organisation, date and votes from the lines under its abstract."""
    for line in lines:
        if match := _COUNT.match(line):
            record = replace(record, author_count=int(match[1]))
        elif (match := _DATED.match(line)) and (day := iso_date(match[1])):
            year = None if day.startswith("--") else int(day[:4])
            record = replace(record, date=day, year=year, votes=int(match[2]) if match[2] else None)
        elif line != "·":
            record = replace(record, organisation=line)
    return record


class DailyPapers:
    """Reads paragraph by paragraph."""

    name = "a saved page of Hugging Face Daily Papers"
    rank = 10

    def knows(self, head: Head) -> bool:
        """The page's furniture stands at the top."""
        top = [line.strip() for line in head.lines[:12]]
        return _SUBSCRIBE in top or any(_BYLINE.match(line) for line in top)

    def read(self, path: Path) -> Iterator[Record | ReadFailure]:
        """Records in the order of the page."""
        with open_text(path) as file:
            for count, item in enumerate(self._assemble(_blocks(iter(file)), str(path)), 1):
                yield replace(item, locator=f"record {count}, {item.locator}")

    def _assemble(self, blocks: Iterator[Block], path: str) -> Iterator[Record | ReadFailure]:
        title: tuple[int, str] | None = None
        record: Record | None = None
        for number, lines in blocks:
            text = " ".join(lines)
            if "·" in lines:
                if title is not None:
                    yield ReadFailure(path, f"line {title[0]}", f"no abstract ({title[1][:80]})")
                    title = None
                elif record is not None:
                    yield _checked(_with_byline(record, lines))
                    record = None
            elif _is_abstract(text) and title is not None:
                if record is not None:
                    yield _checked(record)
                record, title = Record(path, f"line {title[0]}", title[1], text), None
            elif _is_abstract(text) and record is not None:
                record = replace(record, abstract=f"{record.abstract} {text}")
            elif _is_abstract(text):
                yield ReadFailure(path, f"line {number}", "an abstract without a title")
            elif not (title is None and record is None and _DATED.match(text)):
                if title is not None:
                    yield ReadFailure(path, f"line {title[0]}", f"no abstract ({title[1][:80]})")
                title = (number, text)
        if record is not None:
            yield _checked(record)
        if title is not None:
            yield ReadFailure(path, f"line {title[0]}", f"no abstract ({title[1][:80]})")


def _checked(record: Record) -> Record | ReadFailure:
    reason = failure_of(record.title, record.abstract)
    return ReadFailure(record.path, record.locator, reason) if reason else record


READER = DailyPapers()
