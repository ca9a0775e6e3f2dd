"""Whether the source's nearest sentences entail a claim: one protocol, and the model we ship.

`minilm_nli/README.md` is the model's card; `evals/entailment/` makes it again.
"""

from __future__ import annotations

import re
from collections.abc import KeysView, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from agent.errors import CheckUnavailable
from store.errors import EmbedderUnavailable
from store.onnx_model import OnnxModel, valid

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no types

    from agent.ground.source import Line, Source

__all__ = ["PREMISE_LINES", "BundledEntailment", "Entailment", "Pair", "Scores", "masked", "numbers_of", "premise"]

PREMISE_LINES = 5
"""Source sentences a model is shown at most: those nearest to the claim."""
PREMISE_LENGTH = 1000
"""Characters they take together at most, so that no sentence is cut: about 230 tokens."""
MAX_TOKENS = 256
FOLDER = Path(__file__).parent / "minilm_nli"
_CLS, _SEP = 101, 102
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Pair(NamedTuple):
    """What a model judges: does the premise entail the claim?"""

    premise: str
    claim: str


@dataclass(frozen=True, slots=True)
class Scores:
    """How likely a premise entails, contradicts or leaves open a claim; the three sum to 1."""

    entail: float
    contradict: float
    neutral: float


class Entailment(Protocol):
    """Judges premise and claim pairs. The same pair gets the same scores, whatever stands beside it."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def score(self, pairs: Sequence[Pair]) -> Sequence[Scores]:
        """Scores for each pair, in order. Raises CheckUnavailable."""
        ...


def premise(source: Source, nearest: Sequence[Line]) -> str:
    """The first cited paper's title and the sentences `nearest` that fit, in reading order."""
    chosen: list[Line] = []
    for line in nearest[:PREMISE_LINES]:
        if not chosen or sum(len(one.text) for one in (*chosen, line)) <= PREMISE_LENGTH:
            chosen.append(line)
    titles = [title.text.rstrip(".") + "." for title in source.titles[:1] if title.text]
    return " ".join([*titles, *(line.text for line in source.lines if line in chosen)])


def masked(pair: Pair) -> Pair:
    """The pair with its numbers as signs: 1 to 9 for those that both texts name, in the claim's order; 0 for any other.

    So the bundled model sees which figure stands where, and leaves its value to the layer that reads it exactly.
    """
    stated = numbers_of(pair.premise)
    shared = [value for value in numbers_of(pair.claim) if value in stated]
    signs = {value: str(min(place, 9)) for place, value in enumerate(shared, 1)}
    return Pair(*(_NUMBER.sub(lambda found: signs.get(_value(found[0]), "0"), text) for text in pair))


def numbers_of(text: str) -> KeysView[str]:
    """The numbers that a text gives in digits, each once, in its order."""
    return dict.fromkeys(_value(found) for found in _NUMBER.findall(text)).keys()


def _value(number: str) -> str:
    """One form for the ways of writing a number: 1,500 and 1500, 6.70 and 6.7."""
    whole, point, rest = number.replace(",", "").partition(".")
    return f"{whole.lstrip('0') or '0'}.{rest}".rstrip("0").rstrip(".") if point else whole.lstrip("0") or "0"


class BundledEntailment:
    """MiniLM-L6 as a cross-encoder, trained by `evals.entailment`. Loads at first use."""

    name = "plumbline-minilm-nli/4"

    def __init__(self, folder: Path = FOLDER) -> None:
        self._model = OnnxModel(folder, "bundled entailment model")

    def score(self, pairs: Sequence[Pair]) -> tuple[Scores, ...]:
        """Scores for each pair. Raises CheckUnavailable."""
        try:
            tokenizer = self._model.tokenizer
            texts = [valid(text) for pair in map(masked, pairs) for text in (pair.claim, pair.premise)]
            encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
            ids = [_joined(one.ids, two.ids) for one, two in zip(encoded[::2], encoded[1::2], strict=True)]
            return tuple(self._model.each(_run, ids))
        except EmbedderUnavailable as error:
            raise CheckUnavailable(str(error)) from error


class _Tokens(NamedTuple):
    ids: list[int]
    claim: int


def _joined(claim: Sequence[int], stated: Sequence[int]) -> _Tokens:
    """[CLS] claim [SEP] premise [SEP] in MAX_TOKENS, cut at the end of the premise; and how many tokens the claim takes."""
    one = list(claim[: MAX_TOKENS // 2])
    two = list(stated[: MAX_TOKENS - len(one) - 3])
    return _Tokens([_CLS, *one, _SEP, *two, _SEP], len(one) + 2)


def _run(session: InferenceSession, tokens: _Tokens) -> Scores:
    import numpy as np

    ids = np.array([tokens.ids], dtype=np.int64)
    kinds = np.ones_like(ids)
    kinds[0, : tokens.claim] = 0
    chances = session.run(["chances"], {"input_ids": ids, "kinds": kinds})[0][0]
    return Scores(*(round(float(chance), 4) for chance in chances))
