"""Any Hugging Face NLI or checker model as a layer of the check. Needs the extra `plumbline-review[nli]`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from agent.checkers.hub import find
from agent.checkers.labels import read_labels
from agent.checkers.nli_folder import ModelCard, fingerprint, read_card
from agent.checkers.runner import Runner, load
from agent.ground.entail import Pair, Scores
from store.onnx_model import valid

__all__ = ["NliChecker"]


class NliChecker:
    """`NliChecker("org/model")` or `NliChecker("folder")`: the premise is the model's first text, the claim its second.

    Finding, and reading what the model says of itself, happen at once, so that a wrong name fails before any work;
    its weights load at the first pair. Raises CheckUnavailable.
    """

    def __init__(
        self,
        reference: str,
        *,
        find: Callable[[str], Path] = find,
        load: Callable[[Path, ModelCard], Runner] = load,
    ) -> None:
        self._folder = find(reference)
        self._title = self._folder.name if Path(reference).expanduser().is_dir() else reference
        self._card = read_card(self._folder, f"nli:{self._title}")
        self._meaning = read_labels(self._card.labels, f"nli:{self._title}")
        self._load = load

    @cached_property
    def name(self) -> str:
        """Model, a digest of its files, and what its labels leave unsaid: `nli:org/model@1f2e3d4c`."""
        note = f" ({self._meaning.note})" if self._meaning.note else ""
        return f"nli:{self._title}@{fingerprint(self._folder)}{note}"

    @cached_property
    def _runner(self) -> Runner:
        return self._load(self._folder, self._card)

    def score(self, pairs: Sequence[Pair]) -> tuple[Scores, ...]:
        """Scores for each pair, in order; each pair is run alone, and once. Raises CheckUnavailable."""
        known = {pair: self._scores(pair) for pair in dict.fromkeys(pairs)}
        return tuple(known[pair] for pair in pairs)

    def _scores(self, pair: Pair) -> Scores:
        return self._meaning.scores(self._runner.chances(Pair(valid(pair.premise), valid(pair.claim))))
