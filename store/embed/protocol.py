"""The one thing asked of an embedder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from store.types import EmbedderInfo, Vectors

__all__ = ["Embedder"]


class Embedder(Protocol):
    """Turns texts into unit vectors. The same text gives the same vector, whatever the batch."""

    @property
    def info(self) -> EmbedderInfo:
        """Name and dimensions; a library refuses vectors of another."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, shape (len(texts), dimensions), rounded to float16 precision.

        Raises EmbedderUnavailable.
        """
        ...
