"""The bundled embedder: all-MiniLM-L6-v2, weights in 8 bits, run by onnxruntime.

`minilm/README.md` says where the files come from; `build_minilm.py` makes them again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from store.errors import EmbedderUnavailable
from store.types import EmbedderInfo, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no types
    from tokenizers import Encoding, Tokenizer

__all__ = ["MAX_TOKENS", "BundledEmbedder"]

MAX_TOKENS = 256  # word pieces the model was made for; the rest of a text is not seen
MAX_CHARACTERS = 20_000  # far above 256 word pieces; keeps the tokenizer off the rest of a huge text
THREADS = 8  # texts run at a time, where there are as many cores
FOLDER = Path(__file__).parent / "minilm"
INFO = EmbedderInfo(name="all-MiniLM-L6-v2/int8-weights/1", dimensions=384)


class BundledEmbedder:
    """Unit vectors of 384 dimensions, the same for a text whatever stands beside it. Loads at first use."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    @property
    def info(self) -> EmbedderInfo:
        """Name and dimensions; the name changes when the vectors would."""
        return INFO

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 384), rounded to float16 precision. Raises EmbedderUnavailable.

        Texts are run one by one, several at a time: run together, the last bit of a vector would depend on
        its neighbours, and on two cores batches of 32 are no faster.
        """
        vectors = np.zeros((len(texts), INFO.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        encodings = self._tokenizer.encode_batch([_valid(text[:MAX_CHARACTERS]) for text in texts])
        session = self._session
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1, len(texts))) as pool:
            for place, vector in enumerate(pool.map(partial(run, session), encodings)):
                vectors[place] = vector
        return vectors.astype(np.float16).astype(np.float32)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(verified(self._folder, "tokenizer.json").decode("utf-8"))
        tokenizer.no_padding()  # the published file pads and truncates to 128
        tokenizer.enable_truncation(MAX_TOKENS)
        return tokenizer

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one text a thread wastes less than several threads a text
        options.log_severity_level = 3
        # Weights are expanded once at loading and arithmetic stays in float32: no fusion may quantise activations.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        model = verified(self._folder, "model.onnx")
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _valid(text: str) -> str:
    """`text` as the tokenizer takes it: half a surrogate pair, from a badly encoded argument, becomes "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def run(session: InferenceSession, encoding: Encoding) -> Vectors:
    """The vector of one text, shape (384,)."""
    ids = np.array([encoding.ids], dtype=np.int64)
    outputs = session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    return np.asarray(outputs[0][0], dtype=np.float32)


def verified(folder: Path, name: str) -> bytes:
    """A file's bytes once their SHA-256 equals that in SHA256SUMS. Raises EmbedderUnavailable."""
    again = "reinstall plumbline-review"
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
        sums = {entry: digest for digest, entry in (line.split() for line in lines)}
        data = (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        raise EmbedderUnavailable(f"The bundled embedder's {name} cannot be read in {folder}: {again}.") from error
    if hashlib.sha256(data).hexdigest() != sums.get(name):
        raise EmbedderUnavailable(f"The bundled embedder's {name} in {folder} is not the file shipped: {again}.")
    return data
