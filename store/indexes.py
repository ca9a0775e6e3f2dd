"""The derived indexes of a library, kept at the catalog's generation.

They are checked when first used. One that is missing, stale or damaged is brought up to date from the
catalog, without embedding anything, when the writer's lock is free; otherwise (somebody is writing, or the
folder cannot be written) this process makes one of its own in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from store.catalog import Catalog
from store.database import disk_errors, full, no_space, writable
from store.errors import SearchFailed
from store.examination import Examination, State
from store.lexical import LexicalIndex
from store.types import Paper

__all__ = ["Indexes"]

_PART = 1000
_SMALL = 20_000
"""Papers up to which the index is made whole at each change (about two seconds). tantivy counts deleted papers in
its statistics until it merges, so that an index that was changed in place scores a little differently; and a
reader who cannot wait makes one of its own rather than use one that lags behind."""


class Indexes:
    """The indexes of one opened library."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self._folder = folder
        self._catalog = catalog
        self._path = folder / "lexical"
        self._lexical: LexicalIndex | None = None
        self._stands_for = -1
        self._copy: TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Let go of what was made for reading."""
        self._lexical = None
        if self._copy is not None:
            self._copy.cleanup()

    def in_step(self) -> bool:
        """Whether the index's seal holds and it stands for the catalog as it is. Cheap: tantivy is not loaded."""
        generation = self._catalog.generation()
        return self._stands_for == generation or LexicalIndex(self._path).generation() == generation

    def refresh(self) -> None:
        """Bring the indexes to the catalog's generation; the caller holds the writer's lock. Raises SearchFailed."""
        generation = self._catalog.generation()
        index = LexicalIndex(self._path)
        reached = index.generation()
        if reached == generation:
            return
        if reached is None or reached > generation or not self._updated(index, reached, generation):
            self._remake(index)

    def _updated(self, index: LexicalIndex, reached: int, generation: int) -> bool:
        if self._catalog.totals().papers <= _SMALL:
            return False
        changes = self._catalog.changes_since(reached)
        try:
            index.update(self._papers(changes.changed), changes.removed, generation)
        except SearchFailed:
            return False  # its files are not what they were: it is built again
        return True

    def lexical(self) -> LexicalIndex:
        """The lexical index of the generation that the snapshot at work sees. Raises SearchFailed."""
        wanted = self._catalog.generation()
        if self._lexical is None or self._stands_for != wanted:
            self._lexical = self._usable(wanted) or self._of_its_own(wanted)
            self._stands_for = wanted
        return self._lexical

    def _usable(self, wanted: int) -> LexicalIndex | None:
        """The index on disk if it opens and stands for the catalog well enough."""
        index = LexicalIndex(self._place_to_read())
        reached = index.generation()
        if reached is None or (reached != wanted and not self._good_enough(reached)):
            return None
        return index if index.sound(thorough=False) else None

    def _place_to_read(self) -> Path:
        """The index's folder; a copy of it where the folder cannot be written, since tantivy locks what it reads."""
        if writable(self._folder) or not self._path.is_dir():
            return self._path
        if self._copy is None:
            self._copy = TemporaryDirectory(prefix="plumbline-")
            with disk_errors(Path(self._copy.name)):
                for file in self._path.iterdir():
                    shutil.copyfile(file, Path(self._copy.name) / file.name)
        return Path(self._copy.name)

    def _of_its_own(self, wanted: int) -> LexicalIndex:
        index = LexicalIndex(None)
        index.rebuild(self._papers(self._catalog.ids()), wanted)
        return index

    def _good_enough(self, reached: int) -> bool:
        """Whether an index that lags behind is better used than made anew: in a large library that lost no paper."""
        return self._catalog.totals().papers > _SMALL and not self._catalog.changes_since(reached).removed

    def examine(self, *, repair: bool) -> Examination:
        """How the lexical index stands; with `repair` (and the writer's lock held) an unsound one is made again."""
        index = LexicalIndex(self._path)
        if index.generation() == self._catalog.generation() and index.sound():
            return Examination("lexical index", State.SOUND, "in step with the catalog")
        elif repair:
            self._remake(index)
            return Examination("lexical index", State.REPAIRED, "was missing, stale or damaged; built again")
        else:
            detail = "missing, stale or damaged; run: plumbline doctor (searches build their own meanwhile)"
            return Examination("lexical index", State.UNSOUND, detail)

    def _remake(self, index: LexicalIndex) -> None:
        with disk_errors(self._folder):
            try:
                index.rebuild(self._papers(self._catalog.ids()), self._catalog.generation())
            except SearchFailed as error:
                raise full(self._folder) if no_space(self._folder) else error from error

    def _papers(self, ids: tuple[str, ...]) -> Iterator[Paper]:
        for first in range(0, len(ids), _PART):
            yield from self._catalog.papers(ids[first : first + _PART])
