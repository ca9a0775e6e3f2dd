"""The vector index: nearest passages, by Chroma. The only module that imports chromadb.

Derived from the catalog, sealed like the lexical index (see `store.manifest`), and holding ids and vectors
alone. Chroma gives wrong neighbours without an error when its vector file is cut short, and takes the process
down when it is garbled, so nothing is opened before the seal's checksums agree, and `sound` opens it in a
process of its own. Every change is made to a copy that then takes the index's place: whoever reads goes on
with the old one, and a kill leaves the old one or none. One writer at a time: take the library's lock first.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from store.errors import SearchFailed
from store.manifest import break_seal, intact, read_seal, seal
from store.types import EmbedderInfo, Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

__all__ = ["VectorIndex"]

FORM = "chroma/2"  # raise it when the collection's settings change: older indexes are then rebuilt
COLLECTION = "passages"
FILES = ("*/*.bin", "*/*.pickle")  # the catalog inside Chroma changes whenever it is opened: it is not sealed
BATCH = 5_000  # Chroma takes 5,461 at once
SETTINGS: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_search": 200,  # candidates that a query looks at; can only be set when the collection is made
    "ef_construction": 200,
    # Every batch is written out: rows left in Chroma's log are played into the vector file by whoever reads next,
    # who would then break the seal.
    "batch_size": 1,
    "sync_threshold": 1,
}
PROBE_SECONDS = 300
NEAR = 1e-3  # cosine distance within which a vector is found again
CATALOG = "chroma.sqlite3"
NEW, OLD = ".new", ".old"  # endings of the folders that exist while the index is exchanged


class VectorIndex:
    """Nearest neighbours by cosine among the passages of a library."""

    def __init__(self, path: Path, info: EmbedderInfo) -> None:
        self._path = path
        self._form = f"{FORM} {info.name} {info.dimensions}"
        self._client: ClientAPI | None = None
        sealed = read_seal(path)
        usable = sealed is not None and sealed.form == self._form and self._whole() and intact(path, sealed)
        self._sealed = sealed if usable else None

    def close(self) -> None:
        """Let go of the files."""
        if self._client is not None:
            self._client.close()  # type: ignore[attr-defined]  # of the concrete client
            self._client = None

    def generation(self) -> int | None:
        """The catalog's generation that is indexed; None where there is no sound index."""
        return None if self._sealed is None else self._sealed.generation

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Passage id and cosine of the `k` nearest, best first, equal ones by id. Raises SearchFailed."""
        if self._sealed is None:
            raise SearchFailed(f"the vector index in {self._path} is not sound; run: plumbline doctor")
        k = min(k, self._sealed.count)
        if k < 1:
            return []
        try:
            with self._errors("searched"):
                found = self._collection().query(query_embeddings=vector[None, :], n_results=k, include=["distances"])
        except SearchFailed as error:
            self._check_not_exchanged(error)
            raise
        distances = found["distances"]
        if distances is None or len(found["ids"][0]) != len(distances[0]):
            raise SearchFailed(f"the vector index in {self._path} answers in an unknown form; run: plumbline doctor")
        self._check_not_exchanged()
        hits = [(name, 1.0 - float(far)) for name, far in zip(found["ids"][0], distances[0], strict=True)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def _check_not_exchanged(self, cause: SearchFailed | None = None) -> None:
        """Raises SearchFailed when a writer has put another index in this one's place since it was opened."""
        if read_seal(self._path) != self._sealed:
            raise SearchFailed(
                f"the vector index in {self._path} was exchanged while it was searched; search again"
            ) from cause

    def rebuild(self, parts: Iterable[tuple[Sequence[str], Vectors]], generation: int) -> None:
        """Index these ids and vectors, part by part, in the place of what is there. Raises SearchFailed."""
        self.close()
        self._sealed = None
        with self._errors("made again"):
            fresh = self._cleared()
            fresh.mkdir(parents=True)
            with closing(open_client(fresh)) as client:  # type: ignore[type-var]  # of the concrete client
                collection = client.create_collection(
                    COLLECTION,
                    embedding_function=None,
                    configuration={"hnsw": SETTINGS},
                )
                for ids, vectors in parts:
                    upsert(collection, ids, vectors)
                count = collection.count()
            self._exchange(fresh, generation, count)

    def update(self, ids: Sequence[str], vectors: Vectors, removed: Sequence[str], generation: int) -> None:
        """Put in these vectors, take out the removed ids. Raises SearchFailed where the index is not sound."""
        if not self.unchanged():
            raise SearchFailed(f"the vector index in {self._path} is not sound; run: plumbline doctor")
        self.close()
        self._sealed = None
        with self._errors("written"):
            fresh = self._cleared()
            shutil.copytree(self._path, fresh)
            break_seal(fresh)
            with closing(open_client(fresh)) as client:  # type: ignore[type-var]  # of the concrete client
                collection = client.get_collection(COLLECTION, embedding_function=None)
                for start in range(0, len(removed), BATCH):
                    collection.delete(ids=list(removed[start : start + BATCH]))
                upsert(collection, ids, vectors)
                count = collection.count()
            self._exchange(fresh, generation, count)

    def unchanged(self) -> bool:
        """True when every byte is as it was sealed: before Chroma reads files that could take the process down."""
        return self._sealed is not None and intact(self._path, self._sealed, thorough=True)

    def sound(self, ids: Sequence[str], vectors: Vectors) -> bool:
        """True when the files are those that were sealed, the count agrees, and this sample is found again.

        Chroma is asked in a process of its own: a damaged index may take that process down, not this one.
        """
        if self._sealed is None or not self.unchanged():
            return False
        self.close()
        try:
            if os.access(self._path, os.W_OK):
                answer = asked(self._path, ids, vectors)
            else:  # Chroma writes where it reads
                with TemporaryDirectory(prefix="plumbline-") as name:
                    copy = shutil.copytree(self._path, Path(name) / "vectors", copy_function=shutil.copyfile)
                    answer = asked(Path(copy), ids, vectors)
        except OSError:
            return False
        return answer == {"count": self._sealed.count, "lost": 0, "faults": 0}

    def _cleared(self) -> Path:
        """The folder to build in, once nothing is left of an exchange that was killed."""
        for ending in (NEW, OLD):
            folder = self._path.with_name(self._path.name + ending)
            if folder.exists():
                shutil.rmtree(folder)
        return self._path.with_name(self._path.name + NEW)

    def _exchange(self, fresh: Path, generation: int, count: int) -> None:
        """Seal what was built and put it in the index's place."""
        seal(fresh, generation=generation, count=count, form=self._form, patterns=FILES)
        old = self._path.with_name(self._path.name + OLD)
        if self._path.exists():
            self._path.rename(old)
        fresh.rename(self._path)
        shutil.rmtree(old, ignore_errors=True)
        self._sealed = read_seal(self._path)

    def _whole(self) -> bool:
        """Whether Chroma's own catalog is a SQLite file of the length that its header says."""
        try:
            with (self._path / CATALOG).open("rb") as file:
                header = file.read(100)
                size = file.seek(0, 2)
        except OSError:
            return False
        page = int.from_bytes(header[16:18], "big")
        pages = int.from_bytes(header[28:32], "big")
        return header[:16] == b"SQLite format 3\0" and size >= (65536 if page == 1 else page) * pages

    def _collection(self) -> Collection:
        if self._client is None:
            self._client = open_client(self._path)
        return self._client.get_collection(COLLECTION, embedding_function=None)

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            reason = (" ".join(str(error).split()) or type(error).__name__)[:200]
            raise SearchFailed(
                f"the vector index in {self._path} could not be {done} ({reason}); run: plumbline doctor"
            ) from error


def open_client(path: Path) -> ClientAPI:
    """A client of the files in a folder, telemetry off."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))


def upsert(collection: Collection, ids: Sequence[str], vectors: Vectors) -> None:
    """Put these vectors into the collection."""
    for start in range(0, len(ids), BATCH):
        part = slice(start, start + BATCH)
        collection.upsert(ids=list(ids[part]), embeddings=vectors[part])


def asked(path: Path, ids: Sequence[str], vectors: Vectors) -> dict[str, int]:
    """What `probe` says in a process of its own; empty where that process came to grief. Raises OSError."""
    question = {"path": str(path.absolute()), "ids": list(ids), "vectors": np.asarray(vectors).tolist()}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "store.vectors"],
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            cwd=Path(__file__).parents[1],
            check=False,
        )
        answer: dict[str, int] = json.loads(done.stdout) if done.returncode == 0 else {}
    except (ValueError, subprocess.TimeoutExpired):
        return {}
    return answer


def probe(path: Path, ids: Sequence[str], vectors: Sequence[Sequence[float]]) -> dict[str, int]:
    """Number of entries, how many of the sample are not found where they should be, and faults of Chroma's catalog."""
    with closing(sqlite3.connect(path / CATALOG)) as catalog:
        faults = sum(row != ("ok",) for row in catalog.execute("PRAGMA quick_check"))
    collection = open_client(path).get_collection(COLLECTION, embedding_function=None)
    lost = 0
    for name, vector in zip(ids, vectors, strict=True):
        row = np.array([vector], dtype=np.float32)
        found = collection.query(query_embeddings=row, n_results=1, include=["distances"])
        near = found["distances"]
        kept = collection.get(ids=[name], include=[])["ids"] == [name]
        if not kept or near is None or not near[0] or near[0][0] > NEAR:
            lost += 1
    return {"count": collection.count(), "lost": lost, "faults": faults}


if __name__ == "__main__":
    request = json.load(sys.stdin)
    json.dump(probe(Path(request["path"]), request["ids"], request["vectors"]), sys.stdout)
