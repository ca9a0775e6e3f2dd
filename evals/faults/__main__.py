"""``python -m evals.faults``: measures every fault and prints the tables of docs/faults.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.app import open_library
from agent.settings import Settings
from evals.faults.cases import CASES
from evals.faults.measure import End, Measured, Workplace
from evals.library import DEMO_DIGESTS

__all__ = ["main", "table"]

_HEAD = ("fault", "one call", "requests", "seconds", "a question", "requests", "seconds", "fails while writing")


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="plumbline-faults-") as scratch:
        settings = Settings(library=Path(scratch) / "library")
        with open_library(settings, create=True) as library:
            library.add([DEMO_DIGESTS])
            place = Workplace(library)
            sys.stdout.write(table([place.measure(case) for case in CASES]))


def table(found: Sequence[Measured]) -> str:
    """The measurements in markdown: a table, and the lines that a reader sees."""
    rows = [_HEAD, tuple("---" for _ in _HEAD), *(_row(each) for each in found)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join((*lines, "", *_lines(found))) + "\n"


def _row(found: Measured) -> tuple[str, ...]:
    call, ask, writing = found.call, found.at_once, found.writing
    return (
        found.case.name,
        call.error or "answers",
        f"{call.requests}",
        f"{call.seconds:.1f}",
        _who(ask),
        f"{ask.requests}",
        f"{ask.seconds:.1f}",
        _who(writing),
    )


def _who(end: End) -> str:
    """Who wrote how many sentences."""
    parts = (f"{end.own} of the model" if end.own else "", f"{end.keyless} keyless" if end.keyless else "")
    return ", ".join(part for part in parts if part) or "nothing"


def _lines(found: Sequence[Measured]) -> Iterator[str]:
    for each in found:
        yield f"- {each.case.name}: {each.alone.line or 'answers'}"


if __name__ == "__main__":
    main()
