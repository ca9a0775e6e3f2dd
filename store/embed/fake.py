"""An embedder that needs no model: hashed words. For tests, and for those who extend the store."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from store.types import EmbedderInfo, Vectors

__all__ = ["HashEmbedder"]

WORD = re.compile(r"\w+")


class HashEmbedder:
    """Sums one signed unit a word, so that texts that share words are near. `embedded` counts texts seen."""

    def __init__(self, dimensions: int = 64) -> None:
        self._info = EmbedderInfo(name=f"hash/{dimensions}", dimensions=dimensions)
        self.embedded = 0

    @property
    def info(self) -> EmbedderInfo:
        """Name and dimensions."""
        return self._info

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), rounded to float16 precision.

        A text without words gets the first axis.
        """
        vectors = np.zeros((len(texts), self._info.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in WORD.findall(text.casefold()):
                digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                number = int.from_bytes(digest, "big")
                vectors[row, (number >> 1) % self._info.dimensions] += 1.0 if number & 1 else -1.0
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        self.embedded += len(texts)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float16).astype(np.float32)
