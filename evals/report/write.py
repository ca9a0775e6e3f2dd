"""Writes reports to files: whole, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from agent.render.documents import JsonObject
from evals.errors import ReportUnwritable

__all__ = ["append", "json_text", "withdraw", "write"]


def json_text(document: JsonObject) -> str:
    """The document on one line, as `--json` prints it."""
    return json.dumps(document, ensure_ascii=False) + "\n"


def withdraw(paths: Iterable[Path]) -> None:
    """Remove earlier reports where new ones are to be: if the run fails, no old pass is left to be read as its own.

    Raises ReportUnwritable for a path that could not be written to either.
    """
    for path in paths:
        try:
            if not path.parent.is_dir():
                raise ReportUnwritable(f"{path}: no such folder; make it first, the report was not written")
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ReportUnwritable(f"{path}: {error.strerror or error}; the report was not written") from None


def write(path: Path, text: str) -> None:
    """Write the file by way of a temporary one beside it. Raises ReportUnwritable."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ReportUnwritable(f"{path}: {error.strerror or error}; the report was not written") from None


def append(path: Path, text: str) -> None:
    """Add to the file that a CI service shows as the job's summary. Raises ReportUnwritable."""
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ReportUnwritable(f"{path}: {error.strerror or error}; the job summary was not written") from None
