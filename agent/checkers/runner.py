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
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
    except ImportError as error:  # a tokenizer may want one more package
        raise CheckUnavailable(f"the model in {folder.name} needs a package that is missing: {_line(error)}") from error
    except (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError) as error:
        raise CheckUnavailable(
            f"the model in {folder.name} can't be loaded ({_line(error)}); fetch it again, or name another"
        ) from error
    return _TransformersRunner(model.eval(), tokenizer, card.length(tokenizer.model_max_length))


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
