"""From what the layers found to a label, a confidence, and one readable line a check.

Rules come first and give the grounds; a softmax over the layers' numbers (`weights.json`, made by
`evals/train_ground.py`) gives the confidence, and decides where no rule speaks but little supports the claim.
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
from agent.ground.numbers import Match
from agent.ground.signals import FEATURES, Signals
from agent.types import Check, Label, Outcome

__all__ = ["LABELS", "Decision", "Weights", "checks_of", "decide", "load_weights", "probabilities", "rule"]

LABELS = (Label.SUPPORTED, Label.CONTRADICTED, Label.NOT_ENOUGH_INFO)
CHECKSUM = "bddb62ef47fce06b3f2642b4b46a8753871a0471610566b07f32034a0ff07689"
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


def rule(signals: Signals) -> Label | None:
    """The label the exact layers give on their own; None where none finds a fault."""
    wrong = signals.wrong_numbers
    if signals.missing:
        return Label.CONTRADICTED if signals.exchanged else Label.NOT_ENOUGH_INFO
    if wrong:
        conflict = any(n.match is Match.CONFLICT for n in wrong)
        return Label.CONTRADICTED if conflict else Label.NOT_ENOUGH_INFO
    if signals.edit is not None:
        return signals.edit.label
    if signals.over:
        return Label.NOT_ENOUGH_INFO
    if signals.reversal or signals.swap or signals.clashes:
        return Label.CONTRADICTED
    return None


def probabilities(features: Sequence[float], weights: Weights) -> tuple[float, ...]:
    """Softmax over LABELS."""
    scores = [row[0] + sum(w * x for w, x in zip(row[1:], features, strict=True)) for row in weights.rows]
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return tuple(power / sum(powers) for power in powers)


def decide(signals: Signals, weights: Weights) -> Decision:
    """The label and its confidence."""
    chances = dict(zip(LABELS, probabilities(signals.features(), weights), strict=True))
    ruled = rule(signals)
    if ruled is not None:
        return Decision(ruled, max(chances[ruled], 0.34))
    if chances[Label.SUPPORTED] < weights.floor and not signals.copied:
        return Decision(Label.NOT_ENOUGH_INFO, max(1.0 - chances[Label.SUPPORTED], 0.34))
    return Decision(Label.SUPPORTED, max(chances[Label.SUPPORTED], 0.34))


def checks_of(signals: Signals, decision: Decision) -> tuple[Check, ...]:
    """One check a layer, in the order they are read."""
    best = signals.near[0]
    nearness = f"nearest sentence shares {best.overlap:.0%} of the claim's words" + (
        f", cosine {best.cosine:.2f}" if best.cosine else ""
    )
    faint = decision.label is Label.NOT_ENOUGH_INFO and rule(signals) is None
    missing, turned, placed = signals.missing, signals.reversal, signals.swap
    names = f"not in the source: {', '.join(missing)}" + (f"; it has {signals.exchanged}" if signals.exchanged else "")
    return (
        _check("names", names if missing else "", "every name stands in the source"),
        _check("numbers", "; ".join(n.detail for n in signals.wrong_numbers), _numbers_pass(signals)),
        _check("wording", signals.edit.detail if signals.edit else "", "no telling word of a copied sentence was altered"),
        _check("scope", f'"{signals.over}" says more than the source' if signals.over else "", "no more than the source says"),
        _check("comparison", f'the source says it the other way round: "{turned.stated.text}"' if turned else "", "no comparison is turned round"),
        _check("roles", f'"{placed.joined[0]}" and "{placed.joined[1]}" do not go together in the source' if placed else "", "nothing has changed places"),
        _check("polarity", "; ".join(f'"{c.claimed}" against the source\'s "{c.stated}"' for c in signals.clashes), "nothing is denied that the source affirms, or affirmed that it denies"),
        _check("alignment", f"no sentence says this: {nearness}" if faint else "", nearness),
    )  # fmt: skip


def _numbers_pass(signals: Signals) -> str:
    derived = [n.detail for n in signals.numbers if n.match is Match.DERIVED]
    if derived:
        return "; ".join(derived)
    return "every number stands in the source" if signals.numbers else "the claim has no number"


def _check(name: str, fault: str, good: str) -> Check:
    return Check(name, Outcome.FAIL if fault else Outcome.PASS, fault or good)
