"""The bundled embedder: all-MiniLM-L6-v2, weights in 8 bits, run by onnxruntime.

`minilm/README.md` says where the files come from; `build_minilm.py` makes them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from store.onnx_model import OnnxModel, valid
from store.types import EmbedderInfo, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no types
    from tokenizers import Encoding

__all__ = ["MAX_TOKENS", "BundledEmbedder"]

MAX_TOKENS = 256  # word pieces the model was made for; the rest of a text is not seen
MAX_CHARACTERS = 20_000  # far above 256 word pieces; keeps the tokenizer off the rest of a huge text
FOLDER = Path(__file__).parent / "minilm"
INFO = EmbedderInfo(name="all-MiniLM-L6-v2/int8-weights/1", dimensions=384)


class BundledEmbedder:
    """Unit vectors of 384 dimensions, the same for a text whatever stands beside it. Loads at first use."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._model = OnnxModel(folder, "bundled embedder", MAX_TOKENS)

    @property
    def info(self) -> EmbedderInfo:
        """Name and dimensions; the name changes when the vectors would."""
        return INFO

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384), rounded to float16 precision. Raises EmbedderUnavailable."""
        vectors = np.zeros((len(texts), INFO.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        encodings = self._model.tokenizer.encode_batch([valid(text[:MAX_CHARACTERS]) for text in texts])
        for place, vector in enumerate(self._model.each(run, encodings)):
            vectors[place] = vector
        return vectors.astype(np.float16).astype(np.float32)


def run(session: InferenceSession, encoding: Encoding) -> Vectors:
    """The vector of one text, shape (384,)."""
    ids = np.array([encoding.ids], dtype=np.int64)
    outputs = session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return np.asarray(outputs[0][0], dtype=np.float32)
