"""Models we ship: files compared with their checksums, run by onnxruntime on one text a thread, or one on several."""

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
_WIDE = 4  # cores that one text alone is shared out to, at most
_FEW = 2  # texts alone, one after the other, until that is worth loading the model once more

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
        self._alone = 0

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
        """The graph, ready to run on one core. Raises EmbedderUnavailable."""
        return self._session(threads=1)

    @cached_property
    def _wide(self) -> InferenceSession:
        """The graph, ready to run on several cores: each product's sums are the same, as rows are shared out."""
        return self._session(threads=min(_WIDE, os.cpu_count() or 1))

    def _session(self, threads: int) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are wanted elsewhere
        options.log_severity_level = 3
        # Weights are expanded once at loading and arithmetic stays in float32: no fusion may quantise activations.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        model = verified(self.folder, "model.onnx", self.title)
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def each(self, run: Callable[[InferenceSession, Item], Result], items: Sequence[Item]) -> list[Result]:
        """`run` on each item, several at a time, each on one core, results in order; one alone on several cores.

        Run together, the last bit of a result would depend on its neighbours, and on two cores batches are no faster.
        """
        if not items:
            return []
        if len(items) == 1:
            self._alone += 1
            return [run(self._wide if self._alone > _FEW else self.session, items[0])]
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
