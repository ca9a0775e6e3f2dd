"""The record of truth: papers, passages, sentences and vectors in one SQLite file.

Vectors are kept once a text, under the hash of the text, so that no text is ever embedded twice. Each
committed change raises the generation; the derived indexes carry the generation they were built from.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

from store.database import connect, translated
from store.errors import LibraryDamaged, UnknownPaper
from store.rows import PAPER_COLUMNS, paper_of_row, row_of_paper
from store.schema import CATALOG
from store.types import EmbedderInfo, Paper, Passage, ReadFailure, SearchFilter, Sentence, Vectors

__all__ = ["CATALOG_NAME", "Catalog", "Changes", "Entry", "Source", "Totals", "text_hash"]

CATALOG_NAME = "catalog.sqlite3"
_PAPER_SELECT = f"SELECT {', '.join('p.' + name for name in PAPER_COLUMNS)} FROM papers p"


def text_hash(text: str) -> bytes:
    """16 bytes that stand for `text` wherever its vector is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


@dataclass(frozen=True, slots=True)
class Source:
    """One record that a paper was read from: its fingerprint, and where it stood."""

    record_key: bytes
    path: str
    locator: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as it is to be stored, with its passages, sentences, identity keys and new records."""

    paper: Paper
    folded_title: str
    keys: Sequence[str]
    passages: Sequence[Passage]
    sentences: Sequence[Sentence]
    sources: Sequence[Source]
    replaces: Sequence[str] = ()
    replaces_sources: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened after a generation: ids of papers stored or changed, and ids of papers removed."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """How much the library holds."""

    papers: int
    passages: int


class Catalog:
    """The catalog of one library folder. Reads see the last commit; writes need the writer's lock."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self.path = folder / CATALOG_NAME
        self._lock = RLock()
        self._depth = 0
        self._connection = connect(self.path, CATALOG, create=create)

    def close(self) -> None:
        """Close the file; the catalog cannot be used afterwards."""
        with self._lock, translated(self.folder):
            self._connection.close()

    # reading

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within it, every read sees one and the same state, whatever a writer commits meanwhile."""
        with self._lock, translated(self.folder):
            if not self._depth and not self._connection.in_transaction:
                self._connection.execute("BEGIN")
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth and self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def generation(self) -> int:
        """A number that rises with each committed change."""
        return int(self._meta("generation") or 0)

    def totals(self) -> Totals:
        """Numbers of papers and passages."""
        ((papers, passages),) = self.rows("SELECT (SELECT count(*) FROM papers), (SELECT count(*) FROM passages)")
        return Totals(int(papers), int(passages))

    def embedder(self) -> EmbedderInfo | None:
        """The embedder whose vectors are stored; None while none are."""
        name = self._meta("embedder_name")
        return None if name is None else EmbedderInfo(name, int(self._meta("embedder_dimensions") or 0))

    def ids(self, filters: SearchFilter = SearchFilter()) -> tuple[str, ...]:
        """Ids of the papers that pass, sorted."""
        clauses, values = _conditions(filters)
        where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
        return tuple(str(row[0]) for row in self.rows(f"SELECT paper_id FROM papers p{where} ORDER BY 1", values))

    def papers(self, ids: Sequence[str]) -> tuple[Paper, ...]:
        """Those papers, in the order asked; ids that are not in the library are left out."""
        rows = self.rows(f"{_PAPER_SELECT} WHERE paper_id IN (SELECT value FROM json_each(?))", [json.dumps(ids)])
        found = {str(row[0]): paper_of_row(row) for row in rows}
        return tuple(found[paper_id] for paper_id in ids if paper_id in found)

    def paper(self, paper_id: str) -> Paper:
        """That paper. Raises UnknownPaper."""
        for row in self.rows(f"{_PAPER_SELECT} WHERE paper_id = ?", [paper_id]):
            return paper_of_row(row)
        raise UnknownPaper(f"no paper {paper_id!r} in the library at {self.folder}; see: plumbline papers list")

    def passages(self, paper_id: str) -> tuple[Passage, ...]:
        """The paper's passages in order. Raises UnknownPaper."""
        abstract = self.paper(paper_id).abstract
        rows = self.rows(
            "SELECT passage_id, start, end, tokens FROM passages WHERE paper_id = ? ORDER BY start, end", [paper_id]
        )
        return tuple(Passage(i, paper_id, start, end, abstract[start:end], tokens) for i, start, end, tokens in rows)

    def sentences(self, paper_id: str) -> tuple[Sentence, ...]:
        """The paper's sentences in order. Raises UnknownPaper."""
        abstract = self.paper(paper_id).abstract
        rows = self.rows("SELECT position, start, end FROM sentences WHERE paper_id = ? ORDER BY position", [paper_id])
        return tuple(Sentence(paper_id, i, start, end, abstract[start:end]) for i, start, end in rows)

    def passage_vectors(self, paper_ids: Collection[str] | None = None) -> tuple[list[str], Vectors]:
        """Ids of the passages of those papers (None: all), sorted, and their vectors. Raises LibraryDamaged."""
        where = "" if paper_ids is None else " WHERE paper_id IN (SELECT value FROM json_each(?))"
        rows = self.rows(
            f"SELECT passage_id, vector FROM passages LEFT JOIN vectors USING (text_hash){where} ORDER BY passage_id",
            [] if paper_ids is None else [json.dumps(sorted(paper_ids))],
        )
        return [str(row[0]) for row in rows], self._matrix([row[1] for row in rows])

    def sentence_vectors(self, paper_ids: Collection[str] | None = None) -> tuple[list[Sentence], Vectors]:
        """Sentences of those papers (None: all), by paper id and position, and their vectors. Raises LibraryDamaged."""
        where = "" if paper_ids is None else " WHERE paper_id IN (SELECT value FROM json_each(?))"
        rows = self.rows(
            "SELECT paper_id, position, start, end, substr(abstract, start + 1, end - start), vector"
            f" FROM sentences JOIN papers USING (paper_id) LEFT JOIN vectors USING (text_hash){where}"
            " ORDER BY paper_id, position",
            [] if paper_ids is None else [json.dumps(sorted(paper_ids))],
        )
        return [Sentence(*row[:5]) for row in rows], self._matrix([row[5] for row in rows])

    def changes_since(self, generation: int) -> Changes:
        """Papers stored, changed or removed after `generation`, sorted."""
        changed = self.rows("SELECT paper_id FROM papers WHERE generation > ? ORDER BY 1", [generation])
        removed = self.rows("SELECT paper_id FROM removals WHERE generation > ? ORDER BY 1", [generation])
        return Changes(tuple(str(row[0]) for row in changed), tuple(str(row[0]) for row in removed))

    def passages_removed_since(self, generation: int) -> tuple[str, ...]:
        """Ids of passages that were there once and went after `generation`, sorted."""
        rows = self.rows("SELECT passage_id FROM removed_passages WHERE generation > ? ORDER BY 1", [generation])
        return tuple(str(row[0]) for row in rows)

    def by_folded_title(self, folded: str) -> tuple[str, ...]:
        """Ids of the papers whose folded title is `folded`, sorted."""
        return tuple(
            str(r[0]) for r in self.rows("SELECT paper_id FROM papers WHERE folded_title = ? ORDER BY 1", [folded])
        )

    def folded_titles(self) -> tuple[tuple[str, str], ...]:
        """Id and folded title of every paper, by id."""
        return tuple((str(i), str(t)) for i, t in self.rows("SELECT paper_id, folded_title FROM papers ORDER BY 1"))

    def content_hash(self) -> str:
        """SHA-256 over the embedder and every paper in order of id: the same on any machine."""
        digest = hashlib.sha256()
        with self.snapshot():
            info = self.embedder()
            digest.update(json.dumps([info.name, info.dimensions] if info else None).encode())
            for row in self.rows(f"{_PAPER_SELECT} ORDER BY paper_id"):
                digest.update(b"\n" + json.dumps(list(row), ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def paper_ids_of(self, keys: Collection[str]) -> dict[str, str]:
        """For each identity key that is known, the id of its paper."""
        rows = self.rows(
            "SELECT key, paper_id FROM identities WHERE key IN (SELECT value FROM json_each(?))",
            [json.dumps(sorted(keys))],
        )
        return {str(key): str(paper_id) for key, paper_id in rows}

    def known_records(self, keys: Collection[bytes]) -> set[bytes]:
        """Those of the record fingerprints that have been loaded."""
        return self._known("records", "record_key", keys)

    def known_hashes(self, hashes: Collection[bytes]) -> set[bytes]:
        """Those of the text hashes whose vector is stored."""
        return self._known("vectors", "text_hash", hashes)

    def record_sources(self, paper_id: str) -> tuple[Source, ...]:
        """Every record the paper was read from, by path and fingerprint."""
        rows = self.rows(
            "SELECT record_key, path, locator FROM records WHERE paper_id = ? ORDER BY path, record_key", [paper_id]
        )
        return tuple(Source(*row) for row in rows)

    # writing: the caller holds the writer's lock

    def remember_embedder(self, info: EmbedderInfo) -> None:
        """Record whose vectors these are, once."""
        with self._transaction():
            for key, value in (("embedder_name", info.name), ("embedder_dimensions", str(info.dimensions))):
                self._execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", [key, value])

    def store(self, entries: Iterable[Entry], vectors: Mapping[bytes, bytes]) -> None:
        """Commit the entries and the vectors of their texts (float16, little-endian): all or nothing."""
        with self._transaction():
            generation = self._advance()
            self._many("INSERT OR IGNORE INTO vectors VALUES (?, ?)", vectors.items())
            for entry in entries:
                self._store(entry, generation)
                for replaced in entry.replaces:
                    self._replace(replaced, entry.paper.paper_id, generation)

    def store_vectors(self, vectors: Mapping[bytes, bytes]) -> None:
        """Put these vectors in the place of those of the same text hash."""
        with self._transaction():
            self._advance()
            self._many("INSERT OR REPLACE INTO vectors VALUES (?, ?)", vectors.items())

    def tidy(self) -> None:
        """Make SQLite's own indexes again, and drop what belongs to no paper."""
        with self._transaction():
            self._advance()
            self._execute("REINDEX")
            for table in ("passages", "sentences", "identities", "records"):
                self._execute(f"DELETE FROM {table} WHERE paper_id NOT IN (SELECT paper_id FROM papers)")
            self._purge()

    def remove(self, paper_ids: Sequence[str]) -> None:
        """Forget papers and every text and vector that only they have, all or none. Raises UnknownPaper."""
        with self._transaction():
            generation = self._advance()
            for paper_id in paper_ids:
                self.paper(paper_id)
                self._drop(paper_id, generation)
            self._purge()

    def begin_run(self, paths: Sequence[str], started: str) -> int:
        """Write to the log that an `add` began; the number of its run."""
        with self._transaction():
            cursor = self._execute(
                "INSERT INTO runs (started, paths) VALUES (?, ?)", [started, json.dumps(list(paths))]
            )
        return int(cursor.lastrowid or 0)

    def finish_run(
        self, run: int, finished: str, counts: tuple[int, int, int], failures: Sequence[ReadFailure]
    ) -> None:
        """Write to the log how an `add` ended: added, updated, duplicates, and what failed."""
        with self._transaction():
            self._execute(
                "UPDATE runs SET finished = ?, added = ?, updated = ?, duplicates = ?, failed = ? WHERE run_id = ?",
                [finished, *counts, len(failures), run],
            )
            self._many(
                "INSERT INTO failures VALUES (?, ?, ?, ?)", [(run, f.path, f.locator, f.reason) for f in failures]
            )

    # inside

    def _store(self, entry: Entry, generation: int) -> None:
        paper_id = entry.paper.paper_id
        values = [*row_of_paper(entry.paper), entry.folded_title, generation]
        names = [*PAPER_COLUMNS, "folded_title", "generation"]
        updates = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        self._execute(
            f"INSERT INTO papers ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            f" ON CONFLICT (paper_id) DO UPDATE SET {updates}",
            values,
        )
        self._execute("DELETE FROM removals WHERE paper_id = ?", [paper_id])
        for table in ("passages", "sentences", *(("identities", "records") if entry.replaces_sources else ())):
            self._execute(f"DELETE FROM {table} WHERE paper_id = ?", [paper_id])
        self._many(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            [(p.passage_id, paper_id, p.start, p.end, p.tokens, text_hash(p.text)) for p in entry.passages],
        )
        self._many(
            "INSERT INTO sentences VALUES (?, ?, ?, ?, ?)",
            [(paper_id, s.index, s.start, s.end, text_hash(s.text)) for s in entry.sentences],
        )
        self._many("INSERT OR REPLACE INTO identities VALUES (?, ?)", [(key, paper_id) for key in entry.keys])
        self._many(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)",
            [(s.record_key, paper_id, s.path, Path(s.path).name, s.locator) for s in entry.sources],
        )

    def _replace(self, replaced: str, paper_id: str, generation: int) -> None:
        for table in ("records", "identities"):
            self._execute(f"UPDATE {table} SET paper_id = ? WHERE paper_id = ?", [paper_id, replaced])
        self._drop(replaced, generation)

    def _drop(self, paper_id: str, generation: int) -> None:
        self._execute("DELETE FROM papers WHERE paper_id = ?", [paper_id])
        self._execute("INSERT OR REPLACE INTO removals VALUES (?, ?)", [paper_id, generation])

    def _purge(self) -> None:
        self._execute(
            "DELETE FROM vectors WHERE text_hash NOT IN (SELECT text_hash FROM passages)"
            " AND text_hash NOT IN (SELECT text_hash FROM sentences)"
        )

    def _advance(self) -> int:
        generation = self.generation() + 1
        self._execute("UPDATE meta SET value = ? WHERE key = 'generation'", [str(generation)])
        return generation

    def _known(self, table: str, column: str, keys: Collection[bytes]) -> set[bytes]:
        known: set[bytes] = set()
        ordered = sorted(keys)
        for first in range(0, len(ordered), 500):
            part = ordered[first : first + 500]
            marks = ", ".join("?" * len(part))
            known.update(
                bytes(r[0]) for r in self.rows(f"SELECT {column} FROM {table} WHERE {column} IN ({marks})", part)
            )
        return known

    def _matrix(self, blobs: Sequence[bytes | None]) -> Vectors:
        info = self.embedder()
        width = info.dimensions if info else 0
        if any(blob is None or len(blob) != 2 * width for blob in blobs):
            missing = sum(blob is None or len(blob) != 2 * width for blob in blobs)
            raise LibraryDamaged(
                f"{missing} vectors are missing from the library at {self.folder}; "
                f"run: plumbline --library {self.folder} doctor"
            )
        flat = np.frombuffer(b"".join(blob for blob in blobs if blob), dtype="<f2")
        return flat.reshape(len(blobs), width).astype(np.float32)

    def _meta(self, key: str) -> str | None:
        rows = self.rows("SELECT value FROM meta WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a statement that only reads gives; for the store itself."""
        with self._lock, translated(self.folder):
            return self._connection.execute(sql, values).fetchall()

    def _execute(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def _many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.executemany(sql, rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, translated(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _conditions(filters: SearchFilter) -> tuple[list[str], list[object]]:
    """SQL conditions on `papers p` that say the same as `filters`, and their values."""
    listed = "(SELECT value FROM json_each(?))"
    clauses: list[str] = []
    values: list[object] = []

    def need(clause: str, value: object) -> None:
        clauses.append(clause)
        values.append(value)

    if filters.year_from is not None:
        need("p.year >= ?", filters.year_from)
    if filters.year_to is not None:
        need("p.year <= ?", filters.year_to)
    if filters.sources:
        need(f"p.paper_id IN (SELECT paper_id FROM records WHERE source IN {listed})", json.dumps(filters.sources))
    if filters.venues:
        need(f"p.venue IN {listed}", json.dumps(filters.venues))
    if filters.paper_ids:
        need(f"p.paper_id IN {listed}", json.dumps(filters.paper_ids))
    if filters.tags:
        need(f"EXISTS (SELECT 1 FROM json_each(p.tags) WHERE value IN {listed})", json.dumps(filters.tags))
    return clauses, values
