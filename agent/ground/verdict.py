"""From what the layers found to a label, a confidence, and one readable line a check.

A wrong name or number settles a claim: those layers are exact. A suspicion of the layers that read wording, scope, order
and polarity stands unless the entailment model finds the claim supported. The rest is weighed: a softmax over all layers'
numbers (`weights.json`, made by `evals/train_ground.py`), the model's among them, decides and gives the confidence.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from agent.errors import CheckUnavailable
from agent.ground.entail import Scores
from agent.ground.numbers import Match
from agent.ground.signals import FEATURES, Signals
from agent.types import Check, Label, Outcome

__all__ = [
    "LABELS",
    "Decision",
    "Weights",
    "checks_of",
    "decide",
    "exact",
    "foreign",
    "load_weights",
    "probabilities",
    "rule",
    "suspected",
    "undecided",
]

_OUTWEIGHED = 0.6
_OUTWEIGHED_NEAR = 0.9
_NEVER = 2.0
_NEAR, _COPY = 0.5, 0.8
_FIRM = 0.75
"""From what chance of support on, by the entailment model, a suspicion falls: in general, and where the layers read better
than the model, because the nearest sentence has half of the claim's words, or a word stands right under the negation. Where
both hold, and in what is nearly a copy, it stands whatever the model says."""
_APART = 0.3
"""A claim that names its paper's method must say something near to a sentence of the paper besides: of true claims of the
development set none is under 0.42, of statements made up about a name most are."""
_FAR = 0.25
"""The same for a claim without the name: no true claim of the development set is under it, 1% to 9% of free paraphrases
written by others are, and a third of true claims under a wrong paper near in subject."""
LABELS = (Label.SUPPORTED, Label.CONTRADICTED, Label.NOT_ENOUGH_INFO)
CHECKSUM = "3e40d88955b73dc3e77404f8ba995e1377b57f27f2f60a339db2e7e923ca450e"
"""SHA-256 of weights.json; another file is refused."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One row a label of LABELS: a bias, then a weight for each of FEATURES. `floor`: least support without a rule."""

    rows: tuple[tuple[float, ...], ...]
    floor: float


@dataclass(frozen=True, slots=True)
class Decision:
    """A label and how sure it is, in [0, 1]."""

    label: Label
    confidence: float


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The shipped weights. Raises CheckUnavailable when the file is not the one we shipped."""
    try:
        raw = (files("agent.ground") / "weights.json").read_bytes()
    except OSError as error:
        raise CheckUnavailable(f"agent/ground/weights.json can't be read ({error}); install plumbline again") from error
    if hashlib.sha256(raw).hexdigest() != CHECKSUM:
        raise CheckUnavailable("agent/ground/weights.json is not the file that was shipped; install plumbline again")
    stored = json.loads(raw)
    if tuple(stored["features"]) != FEATURES:
        raise CheckUnavailable("agent/ground/weights.json is for other layers; install plumbline again")
    return Weights(tuple(tuple(row) for row in stored["rows"]), stored["floor"])


def exact(signals: Signals) -> Label | None:
    """The label of what is read exactly: names, numbers, halves of two papers joined; None where no fault is found."""
    if signals.missing:
        return Label.CONTRADICTED if signals.exchanged else Label.NOT_ENOUGH_INFO
    if signals.wrong_numbers:
        conflict = any(n.match is Match.CONFLICT for n in signals.wrong_numbers)
        return Label.CONTRADICTED if conflict else Label.NOT_ENOUGH_INFO
    if signals.edit is not None and signals.edit.joined:
        return signals.edit.label
    return None


def suspected(signals: Signals) -> Label | None:
    """The label of the layers that read wording, scope, order and polarity; None where none finds a fault."""
    if signals.edit is not None:
        return signals.edit.label
    if signals.over:
        return Label.NOT_ENOUGH_INFO
    if signals.reversal or signals.swap or signals.clashes:
        return Label.CONTRADICTED
    return None


def rule(signals: Signals) -> Label | None:
    """The label that the layers which find faults settle on their own; None where none finds one that stands."""
    overlap = signals.near[0].overlap
    near, denied = overlap >= _NEAR, any(clash.weight >= _FIRM for clash in signals.clashes)
    asked = _OUTWEIGHED_NEAR if near or denied else _OUTWEIGHED
    enough = _NEVER if overlap >= _COPY or (near and denied) else asked
    sure = signals.entailment is not None and signals.entailment.entail >= enough
    return exact(signals) or (None if sure else suspected(signals))


def undecided(signals: Signals) -> bool:
    """True for what is no copy and has no wrong name or number, so that an entailment model is worth asking."""
    return exact(signals) is None and not signals.copied


def foreign(signals: Signals) -> bool:
    """True where no sentence is near in meaning, or none but for the paper's own name."""
    if signals.copied:
        return False
    if signals.apart is not None:
        return signals.apart < _APART
    return 0.0 < signals.nearest < _FAR


def probabilities(features: Sequence[float], weights: Weights) -> tuple[float, ...]:
    """Softmax over LABELS."""
    scores = [row[0] + sum(w * x for w, x in zip(row[1:], features, strict=True)) for row in weights.rows]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return tuple(power / sum(powers) for power in powers)


def decide(signals: Signals, weights: Weights) -> Decision:
    """The label and its confidence."""
    chances = dict(zip(LABELS, probabilities(signals.features(), weights), strict=True))
    found = rule(signals)
    if found is not None:
        return Decision(found, max(1.0 - chances[Label.SUPPORTED], 0.34))
    if foreign(signals):
        return Decision(Label.NOT_ENOUGH_INFO, max(chances[Label.NOT_ENOUGH_INFO], 0.5))
    if signals.copied or chances[Label.SUPPORTED] >= weights.floor:
        return Decision(Label.SUPPORTED, max(chances[Label.SUPPORTED], 0.34))
    refuted = chances[Label.CONTRADICTED] > chances[Label.NOT_ENOUGH_INFO]
    return Decision(Label.CONTRADICTED if refuted else Label.NOT_ENOUGH_INFO, max(1.0 - chances[Label.SUPPORTED], 0.34))


def checks_of(signals: Signals, decision: Decision) -> tuple[Check, ...]:
    """One check a layer, in the order they are read."""
    best = signals.near[0]
    nearness = f"nearest sentence shares {best.overlap:.0%} of the claim's words" + (
        f", cosine {best.cosine:.2f}" if best.cosine else ""
    )
    refused = decision.label is not Label.SUPPORTED
    alone = refused and rule(signals) is None
    faint = alone and decision.label is Label.NOT_ENOUGH_INFO
    apart = _far(signals) if alone and foreign(signals) else ""
    missing, turned, placed = signals.missing, signals.reversal, signals.swap
    names = f"not in the source: {', '.join(missing)}" + (f"; it has {signals.exchanged}" if signals.exchanged else "")
    clashes = "; ".join(f'"{c.claimed}" against the source\'s "{c.stated}"' for c in signals.clashes)
    stands = rule(signals) is not None
    return (
        _check("names", names if missing else "", "every name stands in the source"),
        _check("numbers", "; ".join(n.detail for n in signals.wrong_numbers), _numbers_pass(signals)),
        _doubt("wording", signals.edit.detail if signals.edit else "", "no telling word of a copied sentence was altered", stands),
        _doubt("scope", f'"{signals.over}" says more than the source' if signals.over else "", "no more than the source says", stands),
        _doubt("comparison", f'the source says it the other way round: "{turned.stated.text}"' if turned else "", "no comparison is turned round", stands),
        _doubt("roles", f'"{placed.joined[0]}" and "{placed.joined[1]}" do not go together in the source' if placed else "", "nothing has changed places", stands),
        _doubt("polarity", clashes, "nothing is denied that the source affirms, or affirmed that it denies", stands),
        _check("alignment", apart or (f"no sentence says this: {nearness}" if faint else ""), nearness),
        _entailment(signals.entailment, alone and not apart),
    )  # fmt: skip


def _entailment(scores: Scores | None, fails: bool) -> Check:
    if scores is None:
        return Check("entailment", Outcome.SKIP, "not asked: the checks above settle it")
    said = (
        f"read as supported {scores.entail:.0%}, contradicted {scores.contradict:.0%}, "
        f"not said {scores.neutral:.0%} by the entailment model"
    )
    return Check("entailment", Outcome.FAIL if fails else Outcome.PASS, said)


def _numbers_pass(signals: Signals) -> str:
    derived = [n.detail for n in signals.numbers if n.match is Match.DERIVED]
    if derived:
        return "; ".join(derived)
    return "every number stands in the source" if signals.numbers else "the claim has no number"


def _check(name: str, fault: str, good: str) -> Check:
    return Check(name, Outcome.FAIL if fault else Outcome.PASS, fault or good)


def _far(signals: Signals) -> str:
    if signals.apart is None:
        return f"no sentence is near in meaning (cosine {signals.nearest:.2f})"
    return f"but for the name, no sentence is near (cosine {signals.apart:.2f})"


def _doubt(name: str, fault: str, good: str, stands: bool) -> Check:
    """A check whose suspicion the entailment model can outweigh."""
    if fault and not stands:
        return Check(name, Outcome.PASS, f"{fault}: outweighed by the entailment model")
    return _check(name, fault, good)
