"""Runs a sequence-classification model on one pair: the only module that imports torch and transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from agent.checkers.nli_folder import ModelCard
from agent.errors import CheckUnavailable
from agent.ground.entail import Pair

__all__ = ["Runner", "load"]


class Runner(Protocol):
    """A loaded model."""

    def chances(self, pair: Pair) -> Sequence[float]:
        """The probability of each label, in the order of the model's outputs."""
        ...


def load(folder: Path, card: ModelCard) -> Runner:
    """The model in `folder`, on the CPU in float32; no network, no code of its own. Raises CheckUnavailable."""
    try:
        model, tokenizer = _model(folder), _tokenizer(folder)
    except ImportError as error:  # a tokenizer may want one more package
        raise CheckUnavailable(f"the model in {folder.name} needs a package that is missing: {_line(error)}") from error
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError) as error:
        raise CheckUnavailable(
            f"the model in {folder.name} can't be loaded ({_line(error)}); fetch it again, or name another"
        ) from error
    return _TransformersRunner(model, tokenizer, card.length(tokenizer.model_max_length))


def _tokenizer(folder: Path) -> Any:
    """The tokenizer. Raises what a reader of files does."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        if type(error) is not Exception:  # the bare ones come of a damaged tokenizer.json
            raise
        raise ValueError(str(error)) from error


def _model(folder: Path) -> Any:
    """The model, ready to judge. Raises what a reader of files does; ValueError where weights are missing."""
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForSequenceClassification
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        model, found = AutoModelForSequenceClassification.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    if found["missing_keys"]:  # transformers would go on with random numbers in their place
        raise ValueError(f"its weights lack {min(found['missing_keys'])}")
    return model.eval()


class _TransformersRunner:
    """Runs pairs one by one, so that no neighbour's padding changes a pair's scores."""

    def __init__(self, model: Any, tokenizer: Any, length: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._length = length

    def chances(self, pair: Pair) -> Sequence[float]:
        """The probability of each label. What is too long loses tokens of its longer half: the premise, as a rule."""
        import torch

        tokens = self._tokenizer(
            pair.premise, pair.claim, truncation="longest_first", max_length=self._length, return_tensors="pt"
        )
        try:
            with torch.inference_mode():
                logits = self._model(**tokens).logits[0]
        except (RuntimeError, IndexError) as error:
            raise CheckUnavailable(f"the model can't judge a pair ({_line(error)}); name another") from error
        return [float(chance) for chance in torch.softmax(logits.double(), dim=-1)]


def _line(error: Exception) -> str:
    """The first line of what a library said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
