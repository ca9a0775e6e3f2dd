"""The vector index of a library, kept at the catalog's generation.

Whoever writes keeps it in step; a reader who finds it missing, stale or damaged has it built again from the
stored vectors if this process may write. Libraries of up to `store.search.IN_MEMORY` passages are searched by
an exact scan of the catalog's vectors all the same, and so are those whose index cannot be used: slower, never
wrong. `docs/decisions/0004-vector-index.md` has the measurements.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from store.catalog import Catalog
from store.database import disk_errors, full, no_space, writable
from store.errors import SearchFailed
from store.examination import Examination, State
from store.search import IN_MEMORY
from store.types import Vectors
from store.vectors import VectorIndex

__all__ = ["NearestPassages", "Rescored"]

_log = logging.getLogger(__name__)

_PART = 2000
"""Papers whose vectors are read at once."""
_REMADE = 2000
"""Passages up to which the index is made whole at each change (under a second): it then holds no deleted rows."""
_SAMPLE = 20
_MORE = 50
"""Passages asked for beyond those wanted, of which the exact scores choose."""
_DIGITS = 6


class Rescored:
    """What the index finds, scored again by the stored vectors: the order and the scores of an exact scan."""

    def __init__(self, index: VectorIndex, catalog: Catalog) -> None:
        self._index = index
        self._catalog = catalog

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Passage id and cosine of the `k` nearest, best first, equal ones by id. Raises SearchFailed."""
        found = self._index.query(vector, k + max(_MORE, k // 2))
        names, matrix = self._catalog.passage_vectors({name.rpartition(":")[0] for name, _ in found})
        scores = np.round((matrix @ vector).astype(np.float64), _DIGITS)
        return sorted(zip(names, scores.tolist(), strict=True), key=lambda hit: (-hit[1], hit[0]))[:k]


class NearestPassages:
    """The vector index of one opened library; up to `most_scanned` passages are searched without it."""

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

    def in_step(self) -> bool:
        """Whether the index's seal holds and it stands for the catalog as it is. Cheap: Chroma is not loaded."""
        index = self._index()
        return index is None or index.generation() == self._catalog.generation()

    def usable(self) -> Rescored | None:
        """The index, if so large a library is searched by one and it stands for the snapshot at work."""
        self.close()
        if self._catalog.totals().passages <= self._most_scanned or not writable(self._folder):
            return None  # Chroma writes where it reads
        index = self._index()
        if index is None or index.generation() != self._catalog.generation():
            return None
        if not index.unchanged():
            _log.warning("notice: the vector index is damaged, all stored vectors are scanned; run: plumbline doctor")
            return None
        self._open = index
        return Rescored(index, self._catalog)

    def refresh(self) -> None:
        """Bring the index to the catalog's generation; the caller holds the writer's lock. Raises SearchFailed."""
        index = self._index()
        if index is None or index.generation() == self._catalog.generation():
            return
        self.close()
        if not self._updated(index):
            self._remake(index)

    def examine(self, *, repair: bool) -> Examination:
        """How the index stands; with `repair` (and the writer's lock held) an unsound one is made again."""
        index = self._index()
        if index is None:
            return Examination("vector index", State.SOUND, "none yet")
        ids, vectors = self._sample()
        if index.generation() == self._catalog.generation() and index.sound(ids, vectors):
            detail = f"in step with the catalog; Chroma found {len(ids)} of {len(ids)} passages again"
            return Examination("vector index", State.SOUND, detail)
        if not repair:
            detail = "missing, stale or damaged; run: plumbline doctor (searches scan all vectors meanwhile)"
            return Examination("vector index", State.UNSOUND, detail)
        self.close()
        self._remake(index)
        detail = "was missing, stale or damaged; built from stored vectors"
        return Examination("vector index", State.REPAIRED, detail)

    def _index(self) -> VectorIndex | None:
        info = self._catalog.embedder()
        return None if info is None else VectorIndex(self._folder / "vectors", info)

    def _updated(self, index: VectorIndex) -> bool:
        """Whether the changes since the index's generation could be put into it."""
        reached, generation = index.generation(), self._catalog.generation()
        if reached is None or reached > generation or self._catalog.totals().passages <= _REMADE:
            return False
        ids, vectors = self._catalog.passage_vectors(self._catalog.changes_since(reached).changed)
        try:
            with disk_errors(self._folder):
                index.update(ids, vectors, self._catalog.passages_removed_since(reached), generation)
        except SearchFailed:
            return False  # its files are not what they were: it is built again
        return True

    def _remake(self, index: VectorIndex) -> None:
        with disk_errors(self._folder):
            try:
                index.rebuild(self._parts(), self._catalog.generation())
            except SearchFailed as error:
                raise full(self._folder) if no_space(self._folder) else error from error

    def _parts(self) -> Iterator[tuple[Sequence[str], Vectors]]:
        ids = self._catalog.ids()
        for first in range(0, len(ids), _PART):
            yield self._catalog.passage_vectors(ids[first : first + _PART])

    def _sample(self) -> tuple[Sequence[str], Vectors]:
        """Some passages spread over the library, and their vectors."""
        ids = self._catalog.ids()
        names, vectors = self._catalog.passage_vectors(ids[:: max(1, len(ids) // _SAMPLE)][:_SAMPLE])
        return names[:_SAMPLE], vectors[:_SAMPLE]
