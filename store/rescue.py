"""What can still be read of a damaged catalog, in a sound one.

The damaged file is kept beside it, never changed. Papers, records and vectors are read from both ends up to
the damage; passages and sentences are made again from the text; texts without a vector are left to the doctor.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from store.catalog import CATALOG_NAME, Catalog, Source
from store.database import disk_errors
from store.errors import LibraryDamaged
from store.examination import Examination, State
from store.ingest import entry_of
from store.lock import writer_lock
from store.rows import PAPER_COLUMNS, paper_of_row
from store.types import EmbedderInfo, Paper

__all__ = ["DAMAGED_NAME", "RESCUE_NAME", "rescue"]

DAMAGED_NAME = CATALOG_NAME + ".damaged"
RESCUE_NAME = "rescued"
_DERIVED = ("lexical", "vectors", "vectors.new", "vectors.old")
_PART = 500


def rescue(folder: Path) -> Examination:
    """Put a sound catalog of everything that can be read in the place of the damaged one.

    Raises LibraryDamaged where no paper can be read, LibraryLocked, LibraryReadOnly, StorageFull.
    """
    with writer_lock(folder), disk_errors(folder):
        scratch = folder / RESCUE_NAME
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        papers = _copy(folder / CATALOG_NAME, scratch)
        if not papers:
            shutil.rmtree(scratch)
            raise LibraryDamaged(
                f"nothing can be read of the catalog of the library at {folder}: restore the folder from a copy, "
                "or remove it and add the files again"
            )
        for name in _DERIVED:
            shutil.rmtree(folder / name, ignore_errors=True)
        for ending in ("-wal", "-shm", ""):
            file = folder / (CATALOG_NAME + ending)
            if file.exists():
                file.replace(folder / (DAMAGED_NAME + ending))
        (scratch / CATALOG_NAME).replace(folder / CATALOG_NAME)
        shutil.rmtree(scratch)
    detail = f"was damaged: {papers} papers rescued, the damaged file kept as {DAMAGED_NAME}; add your files again"
    return Examination("catalog", State.REPAIRED, f"{detail} to bring back what may be lost")


def _copy(damaged: Path, scratch: Path) -> int:
    """Number of papers carried over from the damaged file."""
    with closing(sqlite3.connect(damaged, isolation_level=None)) as old, closing(Catalog(scratch, create=True)) as new:
        meta = {str(key): str(value) for key, value in _readable(old, "meta", "key, value")}
        if "embedder_name" in meta:
            new.remember_embedder(EmbedderInfo(meta["embedder_name"], int(meta.get("embedder_dimensions", 0))))
        sources: defaultdict[str, list[Source]] = defaultdict(list)
        for key, paper_id, path, locator in _readable(old, "records", "record_key, paper_id, path, locator"):
            sources[str(paper_id)].append(Source(key, path, locator))
        papers = list(_papers(old))
        for first in range(0, len(papers), _PART):
            part = papers[first : first + _PART]
            new.store([entry_of(paper, sources[paper.paper_id]) for paper in part], {})
        new.store_vectors({bytes(key): vector for key, vector in _readable(old, "vectors", "text_hash, vector")})
        new.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(papers)


def _papers(old: sqlite3.Connection) -> Iterator[Paper]:
    for row in _readable(old, "papers", ", ".join(PAPER_COLUMNS)):
        try:
            paper = paper_of_row(row)
        except (ValueError, TypeError):
            continue  # a row that is no paper any more
        if paper.abstract:
            yield paper


def _readable(old: sqlite3.Connection, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Rows from the table's beginning up to the damage, then from its end back to it, each once."""
    found: dict[Any, tuple[Any, ...]] = {}
    order = "rowid" if table in ("papers", "vectors") else "1"
    for direction in ("", " DESC"):
        try:
            for row in old.execute(f"SELECT {columns} FROM {table} ORDER BY {order}{direction}"):
                found.setdefault(row[0], row)
        except sqlite3.DatabaseError:
            continue  # as far as this direction goes
    return [found[key] for key in sorted(found)]
