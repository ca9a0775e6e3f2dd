"""Which library a suite runs over: its own, the bundled demo, or the one the command is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evals.errors import SuiteInvalid
from evals.suite import DEMO, Suite
from store.errors import LibraryNotFound, LibraryPathInvalid

if TYPE_CHECKING:
    from agent.settings import Settings

__all__ = ["DEMO_DIGESTS", "Libraries", "libraries"]

DEMO_DIGESTS = Path(__file__).parent / "demo" / "digests.jsonl"


class Libraries:
    """Settings for each suite's library; the demo library is built once, in `scratch`."""

    def __init__(self, settings: Settings, scratch: Path) -> None:
        self._settings = settings
        self._demo = scratch / "demo"

    def of(self, suite: Suite) -> Settings:
        """The settings that open the suite's library. Raises SuiteInvalid when it is missing."""
        path = self._demo if suite.library == DEMO else (suite.library_path or self._settings.library)
        chosen = replace(self._settings, library=path)
        if suite.library == DEMO:
            return self._with_demo(chosen)
        _must_open(chosen, suite)
        return chosen

    def _with_demo(self, chosen: Settings) -> Settings:
        from agent.app import open_library

        if not self._demo.exists():
            with open_library(chosen, create=True) as library:
                library.add([DEMO_DIGESTS])
        return chosen


@contextmanager
def libraries(settings: Settings) -> Iterator[Libraries]:
    """Libraries whose scratch folder is gone afterwards."""
    with TemporaryDirectory(prefix="plumbline-eval-") as scratch:
        yield Libraries(settings, Path(scratch))


def _must_open(chosen: Settings, suite: Suite) -> None:
    from agent.app import open_library

    try:
        open_library(chosen).close()
    except (LibraryNotFound, LibraryPathInvalid) as error:
        named = "field library: " if suite.library else ""
        raise SuiteInvalid(f"{suite.path}, {named}{error}" if named else str(error)) from None
