"""What the labels of an NLI or checker model mean, read from their names in its config."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose, isfinite

from agent.errors import CheckUnavailable
from agent.ground.entail import Scores

__all__ = ["Meaning", "read_labels"]

_SAYS_SO = (
    *("entail", "entails", "entailed", "entailment", "support", "supports", "supported"),
    *("consistent", "factual", "faithful", "grounded", "attributable"),
)
_ENTAIL = {"e", *_SAYS_SO}
_CONTRADICT = {
    *("c", "contradict", "contradicts", "contradicted", "contradiction", "contradictory"),
    *("refute", "refutes", "refuted"),
}
_NEUTRAL = {"n", "neutral", "nei", "notenoughinfo", "notenoughinformation", "insufficient", "unverifiable", "unrelated"}
_DENIED = {no + word for no in ("not", "non", "un") for word in _SAYS_SO} | {
    *("hallucination", "hallucinated", "inconsistent")
}
_UNNAMED = re.compile(r"(label|class)?[\W_]*\d*", re.IGNORECASE)
SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Meaning:
    """Where among a model's outputs its labels stand; None: it has no such label. `note`: what a reader must know."""

    size: int
    entail: int
    contradict: int | None
    neutral: int | None
    note: str = ""

    def scores(self, chances: Sequence[float]) -> Scores:
        """Scores of one pair from a model's probabilities. Raises CheckUnavailable for numbers that are none."""
        if len(chances) != self.size or not all(isfinite(chance) and 0 <= chance <= 1 for chance in chances):
            raise CheckUnavailable(f"the model gives no {self.size} probabilities; its files are damaged or mixed up")
        if not isclose(sum(chances), 1, abs_tol=SUM_TOLERANCE):
            raise CheckUnavailable("the model's probabilities do not sum to 1; its files are damaged or mixed up")
        places = (self.entail, self.contradict, self.neutral)
        return Scores(*(0.0 if place is None else round(float(chances[place]), 4) for place in places))


def read_labels(labels: Sequence[str], model: str) -> Meaning:
    """What `labels` (in the order of the outputs) mean. Raises CheckUnavailable where they don't say.

    Three labels: entailment, contradiction, neutral, in any order and the spellings in use (SUPPORTS, REFUTES, NOT
    ENOUGH INFO). Two: what is "not entailed" or "unsupported" may be refuted or left open, the model does not say
    which; it counts as left open, the milder of the two, so such a model never contradicts a claim.
    """
    if not labels or any(_UNNAMED.fullmatch(label.strip()) for label in labels):
        raise CheckUnavailable(
            f"{model} does not say what its labels mean ({_shown(labels)}); write entailment, contradiction and neutral"
            " under id2label in its config.json, in the order that its card gives"
        )
    found = [_place(label) for label in labels]
    once = all(found.count(kind) <= 1 for kind in ("entail", "contradict", "neutral"))
    if "?" in found or not once or "entail" not in found or len(found) < 2:
        raise CheckUnavailable(
            f"{model} is no checker of claims: its labels are {_shown(labels)}; it needs entailment, contradiction and"
            " neutral, or two such as entailment and not_entailment"
        )
    places = {kind: place for place, kind in enumerate(found)}
    contradict, neutral = places.get("contradict"), places.get("neutral")
    return Meaning(len(labels), places["entail"], contradict, neutral, _note(labels, contradict, neutral))


def _place(label: str) -> str:
    folded = re.sub(r"[^a-z]", "", label.casefold())
    if folded in _ENTAIL:
        return "entail"
    if folded in _CONTRADICT:
        return "contradict"
    return "neutral" if folded in _NEUTRAL | _DENIED else "?"


def _note(labels: Sequence[str], contradict: int | None, neutral: int | None) -> str:
    if contradict is None and neutral is not None:
        return f"two labels, {labels[neutral]} counts as not enough information"
    if neutral is None and contradict is not None:
        return f"two labels, every claim not entailed counts as {labels[contradict]}"
    return ""


def _shown(labels: Sequence[str]) -> str:
    return ", ".join(repr(label[:30]) for label in labels[:5]) + (", ..." if len(labels) > 5 else "") or "none"
