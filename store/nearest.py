"""The vector index of a library, kept at the catalog's generation by whoever writes.

Only libraries too large to be scanned in memory (`store.search.IN_MEMORY` passages) have one. A reader uses it
when it is in step with the catalog and scans the catalog's vectors otherwise: slower, never wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from store.catalog import Catalog
from store.database import disk_errors, full, no_space, writable
from store.errors import SearchFailed
from store.examination import Examination, State
from store.search import IN_MEMORY
from store.types import Vectors
from store.vectors import VectorIndex

__all__ = ["NearestPassages"]

_PART = 2000
"""Papers whose vectors are read at once."""
_SAMPLE = 20


class NearestPassages:
    """The vector index of one opened library; `most_scanned` passages are had without one."""

    def __init__(self, folder: Path, catalog: Catalog, most_scanned: int = IN_MEMORY) -> None:
        self._folder = folder
        self._catalog = catalog
        self._most_scanned = most_scanned
        self._open: VectorIndex | None = None

    def close(self) -> None:
        """Let go of the files."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def usable(self) -> VectorIndex | None:
        """The index, if the library needs one and it stands for the generation that the snapshot at work sees."""
        self.close()
        if not self._needed() or not writable(self._folder):  # Chroma writes where it reads
            return None
        index = self._index()
        if index is None or index.generation() != self._catalog.generation():
            return None
        self._open = index
        return index

    def refresh(self) -> None:
        """Bring the index to the catalog's generation; the caller holds the writer's lock. Raises SearchFailed."""
        index = self._index() if self._needed() else None
        if index is None or index.generation() == self._catalog.generation():
            return
        self.close()
        reached = index.generation()
        with disk_errors(self._folder):
            try:
                if reached is None or reached > self._catalog.generation() or not self._updated(index, reached):
                    index.rebuild(self._parts(), self._catalog.generation())
            except SearchFailed as error:
                raise full(self._folder) if no_space(self._folder) else error from error
            finally:
                index.close()

    def examine(self, *, repair: bool) -> Examination:
        """How the index stands; with `repair` (and the writer's lock held) an unsound one is made again."""
        index = self._index() if self._needed() else None
        if index is None:
            return Examination("vector index", State.SOUND, "none needed: so few vectors are scanned")
        if index.generation() == self._catalog.generation() and index.sound(*self._sample()):
            return Examination("vector index", State.SOUND, "in step with the catalog")
        if not repair:
            detail = "missing, stale or damaged; run: plumbline doctor (searches scan all vectors meanwhile)"
            return Examination("vector index", State.UNSOUND, detail)
        self.close()
        index.rebuild(self._parts(), self._catalog.generation())
        index.close()
        return Examination("vector index", State.REPAIRED, "was missing, stale or damaged; built from stored vectors")

    def _needed(self) -> bool:
        return self._catalog.totals().passages > self._most_scanned

    def _index(self) -> VectorIndex | None:
        info = self._catalog.embedder()
        return None if info is None else VectorIndex(self._folder / "vectors", info)

    def _updated(self, index: VectorIndex, reached: int) -> bool:
        changed = self._catalog.changes_since(reached).changed
        ids, vectors = self._catalog.passage_vectors(changed)
        try:
            index.update(ids, vectors, self._catalog.passages_removed_since(reached), self._catalog.generation())
        except SearchFailed:
            return False  # its files are not what they were: it is built again
        return True

    def _parts(self) -> Iterator[tuple[Sequence[str], Vectors]]:
        ids = self._catalog.ids()
        for first in range(0, len(ids), _PART):
            yield self._catalog.passage_vectors(ids[first : first + _PART])

    def _sample(self) -> tuple[Sequence[str], Vectors]:
        """Some passages spread over the library, and their vectors."""
        ids = self._catalog.ids()
        return self._catalog.passage_vectors(ids[:: max(1, len(ids) // _SAMPLE)][:_SAMPLE])
