"""One file a format, and the registry that sniffs (stop-gap)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from store.errors import InputUnreadable, UnknownFormat
from store.types import ReadFailure, Record

__all__ = ["read"]


def read(paths: Sequence[Path]) -> Iterator[Record | ReadFailure]:
    """Records of files and folders."""
    for path in paths:
        if not path.exists():
            raise InputUnreadable(f"{path}: no such file or folder")
        for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            text = file.read_text(encoding="utf-8", errors="replace")
            if file.suffix == ".jsonl":
                for number, line in enumerate(text.splitlines(), 1):
                    row = json.loads(line)
                    yield Record(str(file), f"line {number}", row["title"], row["abstract"], year=row.get("year"), date=row.get("date"))
            elif "Subscribe" in text[:400]:
                yield from _page(str(file), text)
            else:
                raise UnknownFormat(f"{file}: no known format")


def _page(path: str, text: str) -> Iterator[Record]:
    blocks = [b.strip() for b in re.split(r"\n\s*\n", text)]
    title, count = None, 0
    pending: Record | None = None
    for block in blocks:
        if len(block) > 250:
            if pending is not None:
                yield pending
            if title is not None:
                count += 1
                pending = Record(path, f"record {count}", title, block)
                title = None
        else:
            title = block
    if pending is not None:
        yield pending
    _ = datetime
