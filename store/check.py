"""The doctor's examinations of the catalog and of kept conversations, and the repairs that their contents allow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from store.catalog import Catalog, text_hash
from store.embed.protocol import Embedder
from store.examination import Examination, State
from store.ingest import entry_of, vectors_of
from store.sessions import Sessions
from store.types import Vectors

__all__ = ["catalog_file", "conversations", "interrupted_runs", "text_spans", "vectors"]

_BATCH = 32
_SAMPLE = 8
_NORM_TOLERANCE = 0.01
_SAME_VECTOR = 0.999


def catalog_file(catalog: Catalog, *, repair: bool) -> Examination:
    """SQLite's own check of the file. Indexes inside it can be made again, pages cannot."""
    faults = _faults(catalog)
    if not faults:
        totals = catalog.totals()
        return Examination("catalog", State.SOUND, f"{totals.papers} papers, {totals.passages} passages")
    if repair:
        catalog.tidy()
        if not (left := _faults(catalog)):
            return Examination("catalog", State.REPAIRED, f"made its inner indexes again ({faults[0]})")
        faults = left
    paths = sorted({path for row in catalog.rows("SELECT paths FROM runs") for path in json.loads(row[0])})
    again = f"; its papers came from {', '.join(paths)}" if paths else ""
    return Examination(
        "catalog",
        State.UNSOUND,
        f"{faults[0]}: restore the folder from a copy, or add the files again to a new --library{again}",
    )


def _faults(catalog: Catalog) -> list[str]:
    found = [str(row[0]) for row in catalog.rows("PRAGMA integrity_check(5)")]
    orphans = catalog.rows("PRAGMA foreign_key_check")
    lost = [f"{len(orphans)} rows belong to no paper"] if orphans else []
    return [" ".join(line.split()) for line in found if line != "ok"] + lost


def text_spans(catalog: Catalog, embedder: Embedder, *, repair: bool) -> Examination:
    """Every passage and sentence is the stored text between its offsets, and every text has some."""
    broken = [paper_id for paper_id in catalog.ids() if not _spans_hold(catalog, paper_id)]
    if not broken:
        return Examination("spans", State.SOUND, "every passage and sentence equals the text at its offsets")
    found = f"{len(broken)} papers had passages or sentences that differ from their text ({broken[0]}...)"
    if lost := [paper.paper_id for paper in catalog.papers(broken) if not paper.abstract]:
        detail = f"{len(lost)} papers have lost their text: run plumbline papers remove {' '.join(lost[:5])}, add again"
        return Examination("spans", State.UNSOUND, detail)
    if not repair:
        return Examination("spans", State.UNSOUND, f"{found}; run: plumbline doctor")
    waiting = iter(broken)
    while batch := list(islice(waiting, _BATCH)):
        entries = [entry_of(paper) for paper in catalog.papers(batch)]
        catalog.store(entries, vectors_of(entries, catalog, embedder))
    return Examination("spans", State.REPAIRED, f"{found}; made again from the text")


def _spans_hold(catalog: Catalog, paper_id: str) -> bool:
    abstract = catalog.paper(paper_id).abstract
    cut = "SELECT {}, start, end, text_hash FROM {} WHERE paper_id = ? ORDER BY start"
    passages = catalog.rows(cut.format("passage_id", "passages"), [paper_id])
    sentences = catalog.rows(cut.format("position", "sentences"), [paper_id])
    return (
        bool(passages and sentences)
        and all(_is_text(abstract, *row[1:]) for row in (*passages, *sentences))
        and [row[0] for row in passages] == [f"{paper_id}:{start}-{end}" for _, start, end, _ in passages]
        and [row[0] for row in sentences] == list(range(len(sentences)))
        and sentences[-1][2] == passages[-1][2]
    )


def _is_text(abstract: str, start: int, end: int, digest: bytes) -> bool:
    return 0 <= start < end <= len(abstract) and text_hash(abstract[start:end]) == digest


def vectors(catalog: Catalog, embedder: Embedder, *, repair: bool) -> Examination:
    """Every text has a vector of the right shape and length, and a sample is what the embedder gives today."""
    info = catalog.embedder()
    if info is None:
        return Examination("vectors", State.SOUND, "none yet")
    broken = [digest for digest, blob in _stored(catalog) if not _usable(blob, info.dimensions)]
    if broken and not repair:
        return Examination("vectors", State.UNSOUND, f"{len(broken)} missing or unusable; run: plumbline doctor")
    for first in range(0, len(broken), _BATCH):
        part = broken[first : first + _BATCH]
        catalog.store_vectors(dict(zip(part, _encoded(embedder, _texts(catalog, part)), strict=True)))
    if not _agrees(catalog, embedder):
        detail = f"a sample differs from what {embedder.info.name} gives now: add the papers to a new --library"
        return Examination("vectors", State.UNSOUND, detail)
    if broken:
        return Examination("vectors", State.REPAIRED, f"{len(broken)} were missing or unusable; embedded again")
    return Examination("vectors", State.SOUND, f"of {info.name}, {info.dimensions} dimensions")


def _stored(catalog: Catalog) -> Iterator[tuple[bytes, bytes | None]]:
    """Hash and vector of every text of a passage or sentence, by hash."""
    rows = catalog.rows(
        "SELECT text_hash, vector FROM (SELECT text_hash FROM passages UNION SELECT text_hash FROM sentences)"
        " LEFT JOIN vectors USING (text_hash) ORDER BY text_hash"
    )
    yield from ((bytes(digest), blob) for digest, blob in rows)


def _usable(blob: bytes | None, dimensions: int) -> bool:
    if blob is None or len(blob) != 2 * dimensions:
        return False
    norm = float(np.linalg.norm(_decoded(blob)))
    return abs(norm - 1) <= _NORM_TOLERANCE  # false for NaN and infinity


def _agrees(catalog: Catalog, embedder: Embedder) -> bool:
    """Whether a few vectors, spread over the library, are what the embedder gives for their texts."""
    stored = list(_stored(catalog))
    chosen = stored[:: max(1, len(stored) // _SAMPLE)][:_SAMPLE]
    texts = _texts(catalog, [digest for digest, _ in chosen])
    if not texts:
        return True
    today = embedder.embed(texts)
    pairs = zip((_decoded(blob or b"") for _, blob in chosen), today, strict=True)
    return all(len(kept) == len(new) and float(kept @ new) >= _SAME_VECTOR for kept, new in pairs)


def _texts(catalog: Catalog, digests: Sequence[bytes]) -> list[str]:
    """The text of each hash, taken from a passage or sentence that has it."""
    found = []
    for digest in digests:
        for table in ("passages", "sentences"):
            rows = catalog.rows(
                f"SELECT substr(abstract, start + 1, end - start) FROM {table} JOIN papers USING (paper_id)"
                " WHERE text_hash = ? LIMIT 1",
                [digest],
            )
            if rows:
                found.append(str(rows[0][0]))
                break
    return found


def _encoded(embedder: Embedder, texts: Sequence[str]) -> list[bytes]:
    return [row.tobytes() for row in embedder.embed(texts).astype("<f2")]


def _decoded(blob: bytes) -> Vectors:
    return np.frombuffer(blob, dtype="<f2").astype(np.float32)


def interrupted_runs(catalog: Catalog) -> Iterator[Examination]:
    """A note where the last `add` did not end: what it committed is kept, the rest waits."""
    rows = catalog.rows("SELECT started, finished, paths FROM runs ORDER BY run_id DESC LIMIT 1")
    for started, finished, paths in rows:
        if finished is None:
            again = " ".join(json.loads(paths))
            detail = f"the last add (begun {started}) did not end; go on with: plumbline add {again}"
            yield Examination("add", State.NOTED, detail)


def conversations(folder: Path) -> Examination:
    """Whether the conversations kept with the library can be read. Raises LibraryDamaged, LibraryTooNew."""
    with closing(Sessions(folder)) as sessions:
        faults = sessions.faults()
        kept = len(sessions.listed())
    if faults:
        detail = f"{faults[0]}: restore {sessions.path.name} from a copy, or move it away to begin anew"
        return Examination("conversations", State.UNSOUND, detail)
    return Examination("conversations", State.SOUND, f"{kept} kept" if kept else "none yet")
