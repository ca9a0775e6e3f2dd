"""The library: the face that everything above the store uses.

::

    with Library.open(path, create=True) as library:
        report = library.add([Path("export.jsonl")])
        hits = library.search("zeroth-order fine-tuning", k=5)

Reading never waits for a writer. Writing takes the library's lock for as long as it lasts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from store.catalog import CATALOG_NAME, Catalog
from store.database import disk_errors, writable
from store.errors import (
    EmbedderMismatch,
    LibraryLocked,
    LibraryNotFound,
    LibraryPathInvalid,
    LibraryReadOnly,
    SearchFailed,
    StorageFull,
    StoreError,
    UnknownPaper,
)
from store.indexes import Indexes
from store.lock import LOCK_NAME, writer_lock
from store.sessions import SESSIONS_NAME
from store.types import (
    EmbedderInfo,
    Hit,
    IngestProgress,
    IngestReport,
    Paper,
    Passage,
    PathLike,
    ScoredSentence,
    SearchFilter,
    Sentence,
    Vectors,
)

if TYPE_CHECKING:
    from store.embed.protocol import Embedder
    from store.nearest import NearestPassages
    from store.search import Searcher

__all__ = ["Library"]

_log = logging.getLogger(__name__)  # with nothing set up, a warning is one line on stderr

_OURS = frozenset(
    {CATALOG_NAME, CATALOG_NAME + "-wal", CATALOG_NAME + "-shm", LOCK_NAME, "lexical"}
    | {"vectors", "vectors.new", "vectors.old"}
    | {SESSIONS_NAME, SESSIONS_NAME + "-wal", SESSIONS_NAME + "-shm", "chat-history"}
)


class Library:
    """One library folder, opened. Make it with `Library.open`; use it as a context manager."""

    def __init__(self, folder: Path, catalog: Catalog, embedder: Embedder | None) -> None:
        self.folder = folder
        self.catalog = catalog
        self._embedder = embedder
        self._indexes = Indexes(folder, catalog)
        self._nearest: NearestPassages | None = None
        self._in_step = -1
        self._search_cache: tuple[int, Searcher] | None = None
        self._sentence_cache: tuple[int, list[Sentence], Vectors] | None = None

    @classmethod
    def open(cls, path: PathLike, *, embedder: Embedder | None = None, create: bool = False) -> Library:
        """The library at `path`. `embedder` None means the bundled one; `create` makes a missing folder a library.

        Raises LibraryNotFound, LibraryPathInvalid, LibraryTooNew, LibraryDamaged, LibraryReadOnly, EmbedderMismatch.
        """
        folder = Path(path)
        _check_folder(folder, create=create)
        catalog = Catalog(folder, create=create)
        library = cls(folder, catalog, embedder)
        if embedder is not None:
            try:
                library._check(embedder.info)
            except StoreError:
                catalog.close()
                raise
        return library

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; the library cannot be used afterwards."""
        self._search_cache = None
        self._indexes.close()
        if self._nearest is not None:
            self._nearest.close()
        self.catalog.close()

    @property
    def embedder(self) -> Embedder:
        """What turns text into this library's vectors. Raises EmbedderMismatch, EmbedderUnavailable."""
        if self._embedder is None:
            from store.embed.bundled import BundledEmbedder

            embedder = BundledEmbedder()
            self._check(embedder.info)
            self._embedder = embedder
        return self._embedder

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of the texts, shape (len(texts), dimensions)."""
        return self.embedder.embed(texts)

    # writing

    def add(self, paths: Sequence[PathLike], progress: Callable[[IngestProgress], None] | None = None) -> IngestReport:
        """Read files and folders into the library; what failed is in the report.

        Raises LibraryLocked, LibraryReadOnly, StorageFull, InputUnreadable, UnknownFormat, EmbedderUnavailable.
        What was committed before an error stays; run again to go on.
        """
        from store.ingest import Ingest
        from store.readers import read

        files = [Path(path) for path in paths]
        with writer_lock(self.folder):
            self.catalog.remember_embedder(self.embedder.info)
            report = Ingest(self.catalog, self.embedder, progress=progress).run(read(files), files)
            self._refresh()
        return report

    def remove(self, *paper_ids: str) -> None:
        """Forget those papers, all or none. Raises UnknownPaper, LibraryLocked, LibraryReadOnly."""
        with writer_lock(self.folder):
            self.catalog.remove(paper_ids)
            self._refresh()

    # reading

    def papers(self, filters: SearchFilter = SearchFilter()) -> tuple[Paper, ...]:
        """The papers that pass the filters, by id."""
        with self.catalog.snapshot():
            return self.catalog.papers(self.catalog.ids(filters))

    def paper(self, paper_id: str) -> Paper:
        """That paper. Raises UnknownPaper."""
        return self.catalog.paper(paper_id)

    def find(self, reference: str) -> Paper:
        """The paper of that id, DOI, arXiv id or title (exact after folding, else the one that is clearly meant).

        Raises UnknownPaper, with suggestions.
        """
        from store.find import find_paper

        return find_paper(self.catalog, reference)

    def passages(self, paper_id: str) -> tuple[Passage, ...]:
        """The paper's passages in order. Raises UnknownPaper."""
        with self.catalog.snapshot():
            return self.catalog.passages(paper_id)

    def sentences(self, paper_id: str) -> tuple[Sentence, ...]:
        """The paper's sentences in order. Raises UnknownPaper."""
        with self.catalog.snapshot():
            return self.catalog.sentences(paper_id)

    def passage_at(self, paper_id: str, start: int, end: int) -> Passage:
        """The first passage that holds most of the span. Raises UnknownPaper."""
        found = self.passages(paper_id)
        if not found:
            raise UnknownPaper(f"paper {paper_id} has no text; see: plumbline papers show {paper_id}")
        return max(found, key=lambda passage: (min(end, passage.end) - max(start, passage.start), -passage.start))

    def search(self, query: str, k: int = 10, filters: SearchFilter = SearchFilter()) -> tuple[Hit, ...]:
        """The `k` best papers, each with its best passage. Raises SearchFailed, EmbedderUnavailable."""
        if not query.strip():
            raise SearchFailed("the query is empty; say what to look for")
        self._prepare()
        with self.catalog.snapshot():
            return self._searcher().search(query, k, filters)

    def rank_sentences(
        self, query: str, paper_ids: Collection[str] | None = None, k: int = 50
    ) -> tuple[ScoredSentence, ...]:
        """The `k` sentences of those papers (None: all) most similar to the query, by exact cosine."""
        import numpy as np

        sentences, matrix = self._sentence_matrix(paper_ids)
        if not sentences:
            return ()
        scores = matrix @ self.embed([query])[0]
        order = np.lexsort((np.arange(len(sentences)), -scores))[:k]
        return tuple(ScoredSentence(sentences[row], float(scores[row])) for row in order)

    def sentence_vectors(self, paper_id: str) -> Vectors:
        """One row for each of the paper's sentences, in order. Raises UnknownPaper."""
        self.paper(paper_id)
        return self._sentence_matrix([paper_id])[1]

    @property
    def indexes(self) -> Indexes:
        """The lexical index, for the doctor."""
        return self._indexes

    @property
    def nearest(self) -> NearestPassages:
        """The vector index, for the doctor."""
        from store.nearest import NearestPassages

        if self._nearest is None:
            self._nearest = NearestPassages(self.folder, self.catalog)
        return self._nearest

    def content_hash(self) -> str:
        """SHA-256 over papers and embedder: the same for the same content on any machine."""
        return self.catalog.content_hash()

    # inside

    def _prepare(self) -> None:
        """Bring the derived indexes to what was committed where they are not, if this process may write.

        Whatever keeps it from that does not keep it from reading: the search then stands on the catalog alone.
        """
        generation = self.catalog.generation()
        if self._in_step == generation or not generation:
            return
        if not (self._indexes.in_step() and self.nearest.in_step()):
            if not writable(self.folder):
                return
            try:
                with writer_lock(self.folder):
                    _log.warning("notice: a search index is missing, stale or damaged: built again from what is stored")
                    self._refresh()
            except LibraryLocked:
                return
            except (LibraryReadOnly, SearchFailed, StorageFull) as error:
                _log.warning("notice: %s (the search goes on without)", error)
                return
        self._in_step = generation

    def _refresh(self) -> None:
        """Bring the derived indexes to what was committed; the writer's lock is held."""
        self._indexes.refresh()
        self.nearest.refresh()

    def _searcher(self) -> Searcher:
        """The searcher of the generation that the snapshot at work sees."""
        from store.search import Searcher

        generation = self.catalog.generation()
        if self._search_cache is None or self._search_cache[0] != generation:
            nearest = self.nearest.usable()
            searcher = Searcher(self.catalog, self._indexes.lexical(), self.embedder, nearest)
            self._search_cache = (generation, searcher)
        return self._search_cache[1]

    def _sentence_matrix(self, paper_ids: Collection[str] | None) -> tuple[list[Sentence], Vectors]:
        with self.catalog.snapshot():
            if paper_ids is not None:
                return self.catalog.sentence_vectors(paper_ids)
            generation = self.catalog.generation()
            if self._sentence_cache is None or self._sentence_cache[0] != generation:
                self._sentence_cache = (generation, *self.catalog.sentence_vectors())
            return self._sentence_cache[1:]

    def _check(self, info: EmbedderInfo) -> None:
        stored = self.catalog.embedder()
        if stored is not None and stored != info:
            raise EmbedderMismatch(
                f"the library at {self.folder} was embedded by {stored.name} ({stored.dimensions} dimensions), "
                f"not {info.name} ({info.dimensions}); choose that embedder, or add the papers to a new --library"
            )


def _check_folder(folder: Path, *, create: bool) -> None:
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise LibraryPathInvalid(f"{place} is a file, a library is a folder; name another with --library")
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if CATALOG_NAME in names:
        return
    if names - _OURS:
        raise LibraryPathInvalid(
            f"the folder {folder} is not a library and holds something else; name another with --library"
        )
    if not create:
        raise LibraryNotFound(f"no library at {folder}; make one with: plumbline --library {folder} add PATH")
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
