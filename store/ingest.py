"""Records into the library: identity, passages, vectors, committed batch by batch.

Each batch is one transaction that holds papers with all their vectors, so a kill at any instant loses at
most the batch at work. A record's fingerprint is remembered with its paper; run again, records already
loaded are skipped and texts whose vectors are stored are not embedded.

Counts say what this run did: `added` papers that were new, `updated` papers of earlier runs that a record
changed, `duplicates` records that told of a paper another record had given and changed no earlier paper.
A record loaded by an earlier run counts nowhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from store.catalog import Catalog, Entry, Source, text_hash
from store.chunk import passages, sentences
from store.embed.protocol import Embedder
from store.identity import keys, merge, near_duplicates, paper_of
from store.text import fold
from store.types import IngestProgress, IngestReport, Paper, ReadFailure, Record

__all__ = ["BATCH", "WINDOW", "Ingest", "entry_of", "fingerprint", "vectors_of"]

BATCH = 32
"""Papers committed at once."""
COMPARED = 20_000
"""Papers up to which new ones are compared with all others for likeness."""
WINDOW = 4096
"""Records looked at before their papers are embedded; what bounds memory."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def fingerprint(record: Record, occurrence: int) -> bytes:
    """16 bytes for the `occurrence`-th record of this content in a file of this name."""
    content = [Path(record.path).name, occurrence, *astuple(replace(record, path="", locator=""))]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).digest()[:16]


def entry_of(paper: Paper, sources: Sequence[Source] = ()) -> Entry:
    """The paper with everything the catalog keeps of it. Readers refuse records without an abstract."""
    if not paper.abstract:
        raise ValueError(f"paper {paper.paper_id} has no abstract")
    return Entry(paper, fold(paper.title), identity_keys(paper), passages(paper), sentences(paper), sources)


def identity_keys(paper: Paper) -> tuple[str, ...]:
    """What the paper is known by, strongest first; last its id, which stays with it when other keys change."""
    return (*keys(paper), f"id:{paper.paper_id}")


@dataclass(slots=True)
class _Pending:
    """A paper that this window changes."""

    paper: Paper
    known: Paper | None
    keys: dict[str, None] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    replaces: list[str] = field(default_factory=list)
    replaces_sources: bool = False


class Ingest:
    """One `add`: feed it what the readers yield; what it committed stays, whatever happens next."""

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        committed: Callable[[], None] = lambda: None,
        progress: Callable[[IngestProgress], None] | None = None,
    ) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._committed = committed
        self._progress = progress
        self._occurrences: Counter[bytes] = Counter()
        self._seen: set[bytes] = set()
        self._new: set[str] = set()
        self._updated: set[str] = set()
        self._failed: list[ReadFailure] = []
        self._duplicates = self._read = self._done = 0

    def run(self, items: Iterable[Record | ReadFailure], paths: Sequence[Path]) -> IngestReport:
        """Load everything; the report. Raises StoreError when the work cannot go on."""
        run = self._catalog.begin_run([str(path) for path in paths], _now())
        stream = iter(items)
        while window := list(islice(stream, WINDOW)):
            self._load(window)
        self._catalog.finish_run(run, _now(), (len(self._new), len(self._updated), self._duplicates), self._failed)
        totals = self._catalog.totals()
        return IngestReport(
            added=len(self._new),
            updated=len(self._updated),
            duplicates=self._duplicates,
            failed=tuple(self._failed),
            papers=totals.papers,
            passages=totals.passages,
            near_duplicates=self._near(),
        )

    def _near(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a paper of this run and another that may be the same, as far as they can be compared quickly."""
        new = self._new | self._updated
        among = self._catalog.ids() if self._catalog.totals().papers <= COMPARED else tuple(sorted(new))
        if not new or len(among) > COMPARED:
            return ()
        pairs = near_duplicates(self._catalog.papers(among))
        return tuple(pair for pair in pairs if not new.isdisjoint(pair))

    def _load(self, window: Sequence[Record | ReadFailure]) -> None:
        self._failed += [item for item in window if isinstance(item, ReadFailure)]
        records = [item for item in window if isinstance(item, Record)]
        pending = list(self._resolve(records).values())
        self._read += len(records)
        total = self._done + len(pending)
        self._report(total)
        for first in range(0, len(pending), BATCH):
            batch = pending[first : first + BATCH]
            self._commit(batch)
            self._done += len(batch)
            self._report(total)

    def _report(self, total: int) -> None:
        if self._progress is not None:
            self._progress(IngestProgress(self._read, self._done, total))

    def _resolve(self, records: Sequence[Record]) -> dict[str, _Pending]:
        """Which paper each new record tells of, and what becomes of it; by paper id in order of arrival."""
        prints = [self._fingerprint(record) for record in records]
        loaded = self._catalog.known_records(prints)
        self._seen |= loaded
        pending: dict[str, _Pending] = {}
        owners: dict[str, str] = {}
        for record, key in zip(records, prints, strict=True):
            if key not in loaded:
                self._place(paper_of(record), Source(key, record.path, record.locator), pending, owners)
                self._seen.add(key)
        return pending

    def _place(self, paper: Paper, source: Source, pending: dict[str, _Pending], owners: dict[str, str]) -> None:
        """Make the record's paper a new one, or part of the one it is the same as."""
        same = self._same(paper, owners)
        if not same:
            self._new.add(paper.paper_id)
            change = pending[paper.paper_id] = _Pending(paper, None)
        else:
            change = self._fetch(same[0], pending)
            for other in same[1:]:
                self._absorb(change, other, pending)
            self._merge(change, paper, source)
        change.sources.append(source)
        change.keys |= dict.fromkeys([*identity_keys(paper), *identity_keys(change.paper)])
        owners.update(dict.fromkeys(change.keys, change.paper.paper_id))

    def _same(self, paper: Paper, owners: Mapping[str, str]) -> list[str]:
        """Ids of papers that share an identity key with `paper`, strongest key first."""
        ordered = identity_keys(paper)
        stored = self._catalog.paper_ids_of(ordered)
        found = [owners.get(key) or stored.get(key) for key in ordered]
        return list(dict.fromkeys(paper_id for paper_id in found if paper_id is not None))

    def _fetch(self, paper_id: str, pending: dict[str, _Pending]) -> _Pending:
        if paper_id not in pending:
            paper = self._catalog.paper(paper_id)
            pending[paper_id] = _Pending(paper, paper)
        return pending[paper_id]

    def _absorb(self, change: _Pending, other: str, pending: dict[str, _Pending]) -> None:
        """Two papers turn out to be one: `other` becomes part of `change`."""
        absorbed = self._fetch(other, pending)
        del pending[other]
        self._new.discard(other)
        change.paper = replace(merge(change.paper, absorbed.paper), paper_id=change.paper.paper_id)
        change.sources += absorbed.sources
        change.keys |= absorbed.keys | dict.fromkeys(identity_keys(absorbed.paper))
        change.replaces += [*absorbed.replaces, *([other] if absorbed.known else [])]

    def _merge(self, change: _Pending, paper: Paper, source: Source) -> None:
        before, paper_id = change.paper, change.paper.paper_id
        if self._edited(change, source):
            change.replaces_sources = True
            change.paper = replace(paper, paper_id=paper_id, source=before.source)
        else:
            change.paper = replace(merge(before, paper), paper_id=paper_id)
        if change.paper != before and paper_id not in self._new | self._updated:
            self._updated.add(paper_id)
        else:
            self._duplicates += 1

    def _edited(self, change: _Pending, source: Source) -> bool:
        """Whether the paper's only records stood in this very file and stand there no longer."""
        if change.known is None or change.sources or change.replaces:
            return False
        earlier = self._catalog.record_sources(change.known.paper_id)
        return bool(earlier) and all(s.path == source.path and s.record_key not in self._seen for s in earlier)

    def _commit(self, batch: Sequence[_Pending]) -> None:
        entries = [
            replace(
                entry_of(change.paper, change.sources),
                keys=tuple(change.keys),
                replaces=tuple(change.replaces),
                replaces_sources=change.replaces_sources,
            )
            for change in batch
        ]
        self._catalog.store(entries, vectors_of(entries, self._catalog, self._embedder))
        self._committed()

    def _fingerprint(self, record: Record) -> bytes:
        content = fingerprint(record, 0)
        self._occurrences[content] += 1
        return fingerprint(record, self._occurrences[content])


def vectors_of(entries: Iterable[Entry], catalog: Catalog, embedder: Embedder) -> dict[bytes, bytes]:
    """Vectors (float16, little-endian) of the entries' texts that the catalog does not have yet, by text hash."""
    parts = [text for e in entries for text in (*(p.text for p in e.passages), *(s.text for s in e.sentences))]
    texts = {text_hash(text): text for text in parts}
    known = catalog.known_hashes(texts)
    missing = {key: text for key, text in texts.items() if key not in known}
    if not missing:
        return {}
    vectors = embedder.embed(list(missing.values())).astype("<f2")
    return {key: row.tobytes() for key, row in zip(missing, vectors, strict=True)}
