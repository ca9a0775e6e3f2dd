"""Readers give the first records of a large file without holding the rest."""

from __future__ import annotations

import csv
import itertools
import json
import tracemalloc
from pathlib import Path

import pytest

from store.readers import read
from store.types import Record

RECORDS = 600
LETTERS = 60_000


def _row(number: int) -> dict[str, str]:
    return {"title": f"Paper number {number} of many", "abstract": f"Number {number}. " + "-" * LETTERS}


def _write(path: Path) -> None:
    rows = [_row(number) for number in range(RECORDS)]
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, ["title", "abstract"])
            table.writeheader()
            table.writerows(rows)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        path.write_text(json.dumps({"results": rows} if path.stem == "wrapped" else rows), encoding="utf-8")


@pytest.mark.parametrize("name", ["lines.jsonl", "table.csv", "array.json", "wrapped.json"])
def test_first_records_come_without_the_rest(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    _write(path)
    next(iter(read([path])))  # what is imported once is not counted
    tracemalloc.start()
    try:
        count = sum(isinstance(item, Record) for item in itertools.islice(read([path]), 3))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 3
    assert peak < path.stat().st_size * 0.6, f"{peak:,} bytes for a file of {path.stat().st_size:,}"
