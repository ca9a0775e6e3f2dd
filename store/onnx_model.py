"""Models we ship: files compared with their checksums, run by onnxruntime on one text a thread."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from store.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no types
    from tokenizers import Tokenizer

__all__ = ["OnnxModel", "valid", "verified"]

THREADS = 8  # texts run at a time, where there are as many cores

Item = TypeVar("Item")
Result = TypeVar("Result")


class OnnxModel:
    """A folder with `model.onnx`, `tokenizer.json` and `SHA256SUMS`. Loads at first use; `title` names it in errors.

    `max_tokens`: where the tokenizer cuts a text; None: nowhere.
    """

    def __init__(self, folder: Path, title: str, max_tokens: int | None = None) -> None:
        self.folder = folder
        self.title = title
        self._max_tokens = max_tokens

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, without padding. Raises EmbedderUnavailable."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(verified(self.folder, "tokenizer.json", self.title).decode("utf-8"))
        tokenizer.no_padding()  # the published file pads and truncates to 128
        if self._max_tokens is None:
            tokenizer.no_truncation()
        else:
            tokenizer.enable_truncation(self._max_tokens)
        return tokenizer

    @cached_property
    def session(self) -> InferenceSession:
        """The graph, ready to run. Raises EmbedderUnavailable."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one text a thread wastes less than several threads a text
        options.log_severity_level = 3
        # Weights are expanded once at loading and arithmetic stays in float32: no fusion may quantise activations.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        model = verified(self.folder, "model.onnx", self.title)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def each(self, run: Callable[[InferenceSession, Item], Result], items: Sequence[Item]) -> list[Result]:
        """`run` on each item, several at a time, results in order.

        Run together, the last bit of a result would depend on its neighbours, and on two cores batches are no faster.
        """
        if not items:
            return []
        session = self.session
        with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1, len(items))) as pool:
            return list(pool.map(lambda item: run(session, item), items))


def valid(text: str) -> str:
    """`text` as a tokenizer takes it: half a surrogate pair, from a badly encoded argument, becomes "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")


def verified(folder: Path, name: str, title: str) -> bytes:
    """A file's bytes once their SHA-256 equals that in SHA256SUMS. Raises EmbedderUnavailable."""
    again = "reinstall plumbline-review"
    try:
        lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
        sums = {entry: digest for digest, entry in (line.split() for line in lines)}
        data = (folder / name).read_bytes()
    except (OSError, ValueError) as error:
        raise EmbedderUnavailable(f"The {title}'s {name} cannot be read in {folder}: {again}.") from error
    if hashlib.sha256(data).hexdigest() != sums.get(name):
        raise EmbedderUnavailable(f"The {title}'s {name} in {folder} is not the file shipped: {again}.")
    return data
