"""What is compared: two baselines, each layer alone, and all of them together. Each gives every claim a label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from agent.ground.polarity import Polarity
from agent.ground.signals import Signals
from agent.ground.verdict import rule
from agent.types import Label
from evals.layers.observed import Observed

__all__ = ["BASELINES", "TOGETHER", "Score", "fit_threshold", "labels_by_system"]

Score = Callable[[Observed], float]
"""How much speaks for the claim; higher is more."""


def _nearness(seen: Observed) -> float:
    return seen.signals.nearness if seen.signals is not None else 0.0


BASELINES: dict[str, Score] = {
    "baseline: word overlap": lambda seen: seen.words,
    "baseline: embedding": lambda seen: seen.cosine,
}
FITTED: dict[str, Score] = {**BASELINES, "alignment": _nearness}
"""Systems that are a score and a threshold."""
TOGETHER = "all together"

_RULES: dict[str, tuple[str, ...]] = {
    "numbers": ("numbers",),
    "names": ("missing", "exchanged"),
    "wording": ("edit",),
    "scope": ("over",),
    "comparison": ("reversal",),
    "roles": ("swap",),
    "polarity": ("polarity",),
}
"""Layers that find faults, with the fields of Signals they fill."""
_NOTHING: dict[str, object] = {
    "numbers": (),
    "missing": (),
    "exchanged": "",
    "edit": None,
    "over": "",
    "reversal": None,
    "swap": None,
    "polarity": Polarity((), 0),
    "entailment": None,
}
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class _Fit:
    """The claims a threshold is fitted on, for each claim it is applied to."""

    pools: tuple[Sequence[Observed], ...]
    of: tuple[int, ...]


def labels_by_system(
    seen: Sequence[Observed], train: Sequence[Observed], elsewhere: Sequence[Observed]
) -> dict[str, list[Label]]:
    """The label each system gives each claim. A system that could not be fitted, or has no model, is left out.

    Thresholds are fitted on `train`; without it, on the other folds of `seen`, folds drawn by paper; where all of
    `seen` is supported, on `elsewhere`.
    """
    fit = _fit(seen, train, elsewhere)
    found = {name: _thresholded(seen, score, fit) for name, score in FITTED.items()} if fit is not None else {}
    found |= {name: [_ruled(one.signals, used) for one in seen] for name, used in _RULES.items()}
    if seen and any(one.entailment is not None for one in seen):
        found["entailment"] = [_entailed(one) for one in seen]
    return found | {TOGETHER: [one.verdict.label if one.verdict else Label.CHECK_FAILED for one in seen]}


def fit_threshold(scores: Sequence[float], supported: Sequence[bool]) -> float:
    """The score from which on a claim is taken as supported, for best balanced accuracy; the lowest of equals."""
    values, gold = np.asarray(scores), np.asarray(supported)
    candidates = np.unique(values)
    accepted = values[None, :] >= candidates[:, None]
    quality = accepted[:, gold].mean(axis=1) + (~accepted[:, ~gold]).mean(axis=1)
    return float(candidates[int(np.argmax(np.round(quality, 9)))])


def _fit(seen: Sequence[Observed], train: Sequence[Observed], elsewhere: Sequence[Observed]) -> _Fit | None:
    if _both(train):
        return _Fit((train,), (0,) * len(seen))
    if _both(seen):
        fold = {cluster: index % _FOLDS for index, cluster in enumerate(sorted({one.row.cluster for one in seen}))}
        of = tuple(fold[one.row.cluster] for one in seen)
        pools = tuple([one for one, own in zip(seen, of, strict=True) if own != k] for k in range(_FOLDS))
        return _Fit(pools, of) if all(_both(pools[k]) for k in set(of)) else None
    return _Fit((elsewhere,), (0,) * len(seen)) if _both(elsewhere) else None


def _both(seen: Sequence[Observed]) -> bool:
    """True when supported claims and others are there."""
    return len({one.row.gold is Label.SUPPORTED for one in seen}) == 2


def _thresholded(seen: Sequence[Observed], score: Score, fit: _Fit) -> list[Label]:
    cuts = {
        k: fit_threshold(
            [score(one) for one in fit.pools[k]], [one.row.gold is Label.SUPPORTED for one in fit.pools[k]]
        )
        for k in sorted(set(fit.of))
    }
    return [
        Label.SUPPORTED if score(one) >= cuts[k] else Label.NOT_ENOUGH_INFO for one, k in zip(seen, fit.of, strict=True)
    ]


def _ruled(signals: Signals | None, used: Sequence[str]) -> Label:
    """What the rules say when one layer alone has looked; SUPPORTED where it finds no fault."""
    if signals is None:
        return Label.NOT_ENOUGH_INFO
    known = {field.name for field in fields(Signals)}
    hidden = {name: nothing for name, nothing in _NOTHING.items() if name in known and name not in used}
    return rule(replace(signals, **hidden)) or Label.SUPPORTED  # type: ignore[arg-type]  # each is its field's nothing


def _entailed(one: Observed) -> Label:
    if one.entailment is None:
        return Label.NOT_ENOUGH_INFO
    scores = {
        Label.SUPPORTED: one.entailment.entail,
        Label.CONTRADICTED: one.entailment.contradict,
        Label.NOT_ENOUGH_INFO: one.entailment.neutral,
    }
    return max(scores, key=lambda label: scores[label])
