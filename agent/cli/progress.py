"""A progress bar on stderr for work on the library; silent where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from store.types import IngestProgress

__all__ = ["ingest_bar"]


@contextmanager
def ingest_bar() -> Iterator[Callable[[IngestProgress], None] | None]:
    """What to hand to `Library.add` as `progress`; None when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with typer.progressbar(length=1, label="adding papers", file=sys.stderr) as bar:

        def show(progress: IngestProgress) -> None:
            bar.length = max(progress.total or progress.done, 1)
            bar.update(progress.done - bar.pos)

        yield show
