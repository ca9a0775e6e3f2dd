"""Is the library sound? Each part is examined, what can be repaired is, and what was done is said.

Repairs need the writer's lock and never touch a paper's text: passages, sentences and vectors are made
again from it, and the indexes from those. Only a catalog that SQLite itself cannot read is beyond repair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from store.check import catalog_file, conversations, interrupted_runs, text_spans, vectors
from store.errors import LibraryLocked, LibraryReadOnly, StoreError
from store.examination import Examination, State
from store.lock import writer_lock

if TYPE_CHECKING:
    from store.embed.protocol import Embedder
    from store.library import Library

__all__ = ["examine", "examine_embedder", "examine_tokens", "is_damaged"]


def examine(library: Library, *, repair: bool = True) -> tuple[Examination, ...]:
    """Examine every part of an opened library, repairing what can be. Raises LibraryDamaged."""
    if not repair:
        return tuple(_parts(library, repair=False))
    try:
        with writer_lock(library.folder):
            return tuple(_parts(library, repair=True))
    except (LibraryLocked, LibraryReadOnly) as error:
        return (Examination("repairs", State.NOTED, f"none made: {error}"), *_parts(library, repair=False))


def _parts(library: Library, *, repair: bool) -> Iterator[Examination]:
    catalog = library.catalog
    file = catalog_file(catalog, repair=repair)
    yield file
    if file.state is State.UNSOUND:
        return  # what stands in it is not to be trusted
    yield _examined("spans", lambda: text_spans(catalog, library.embedder, repair=repair))
    yield _examined("vectors", lambda: vectors(catalog, library.embedder, repair=repair))
    yield _examined("lexical index", lambda: library.indexes.examine(repair=repair))
    yield _examined("vector index", lambda: library.nearest.examine(repair=repair))
    yield from interrupted_runs(catalog)
    yield _examined("conversations", lambda: conversations(library.folder))


def is_damaged(found: Sequence[Examination]) -> bool:
    """Whether the catalog itself is beyond repair in place; `store.rescue` takes what can be read to a new one."""
    return any(one.part == "catalog" and one.state is State.UNSOUND for one in found)


def examine_embedder(embedder: Embedder) -> Examination:
    """Whether the embedder loads and answers with vectors of the size it names."""

    def embedded() -> Examination:
        width = embedder.embed(["A plumb line shows what is upright."]).shape[1]
        if width != embedder.info.dimensions:
            return Examination("embedder", State.UNSOUND, f"{embedder.info.name} gives {width} dimensions")
        return Examination("embedder", State.SOUND, f"{embedder.info.name}, {width} dimensions")

    return _examined("embedder", embedded)


def examine_tokens() -> Examination:
    """Whether token counts come from the bundled ranks."""

    def counted() -> Examination:
        from store.tokens import count

        tokens = count("tokenization")
        if tokens != _TOKENIZATION:
            return Examination("token ranks", State.UNSOUND, "count other than o200k_base: reinstall plumbline-review")
        return Examination("token ranks", State.SOUND, "o200k_base")

    return _examined("token ranks", counted)


_TOKENIZATION = 2
"""Tokens of the word "tokenization" in o200k_base."""


def _examined(part: str, examination: Callable[[], Examination]) -> Examination:
    """The examination, or the error that kept it from ending."""
    try:
        return examination()
    except (StoreError, OSError) as error:
        return Examination(part, State.UNSOUND, str(error))
