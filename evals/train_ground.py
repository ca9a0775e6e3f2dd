"""Makes `agent/ground/weights.json`: the softmax that turns the layers' findings into a confidence.

    python -m evals.train_ground LIBRARY --claims FILE... --pairs FILE... -o agent/ground/weights.json

Rows come from three places: claims files of one's own (`{"claim", "paper", "label"}`, papers of the library), mutants
made from the library's sentences (`evals.mutate`, by seed), and public pairs (`{"claim", "evidence", "label"}`).
Verbatim sentences are no rows: they never reach the softmax. Fitting is plain gradient descent with L2, so the same
input gives the same weights. Prints accuracy by fold, folds drawn by paper.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agent.ground.align import align
from agent.ground.signals import FEATURES, observe
from agent.ground.source import read
from agent.ground.verdict import LABELS, rule
from evals.mutate import Text, mutants
from store.library import Library
from store.types import Paper, Vectors

__all__ = ["main"]

_LABELS = {
    "supported": 0,
    "support": 0,
    "contradicted": 1,
    "contradict": 1,
    "not_enough_info": 2,
    "nei": 2,
    "partial": 2,
}
_KIND = {
    "rewritten": 0,
    "number": 1,
    "unit": 1,
    "direction": 1,
    "name": 2,
    "swap": 1,
    "negation": 1,
    "scope": 2,
    "citation": 2,
}
_SEED = 20261121
_PENALTY = 0.02
_STEPS = 3000
_RATE = 0.5
_WRONG_PAPER = 0.95
_FAULTS = (
    "faint", "names_missing", "numbers_conflict", "numbers_absent", "reversed", "swapped",
    "altered", "negated", "denied", "opposite", "overreach",
)  # fmt: skip
"""Findings of a fault may lower support, never raise it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One claim: features, label (index into LABELS), weight, the paper it is on, whether ruled, whether miscited."""

    features: tuple[float, ...]
    label: int
    weight: float
    paper_id: str
    ruled: bool
    miscited: bool = False


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--claims", type=Path, nargs="*", default=[])
    parser.add_argument("--pairs", type=Path, nargs="*", default=[])
    parser.add_argument("--pairs-limit", type=int, default=400)
    parser.add_argument("--mutants", type=int, default=120)
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    with Library.open(given.library) as library:
        rows = [row for path in given.claims for row in _claims(path, library)]
        rows += _mutants(library, given.mutants)
        rows += [row for path in given.pairs for row in _pairs(path, library, given.pairs_limit)]
    print(f"{len(rows)} rows: {[sum(r.label == k for r in rows) for k in range(len(LABELS))]} by label")
    _cross_validate(rows)
    weights = fit(rows)
    floor = _floor(rows, weights)
    raw = json.dumps({"features": FEATURES, "rows": np.round(weights, 4).tolist(), "floor": floor}, indent=1).encode()
    given.out.write_bytes(raw)
    print(f"floor {floor}; wrote {given.out}, sha256 {hashlib.sha256(raw).hexdigest()}: for verdict.py")


def _claims(path: Path, library: Library) -> Iterator[Row]:
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    vectors = library.embedder.embed([case["claim"] for case in cases])
    for case, vector in zip(cases, vectors, strict=True):
        paper = library.find(case["paper"])
        yield _row(case["claim"], paper, library.sentence_vectors(paper.paper_id), vector, _LABELS[case["label"]], 4.0)


def _mutants(library: Library, per_class: int) -> list[Row]:
    texts = [Text(paper, library.sentences(paper.paper_id)) for paper in library.papers()]
    made = [m for m in mutants(texts, per_class, _SEED) if m.kind in _KIND]
    vectors = library.embedder.embed([m.claim for m in made])
    rows = []
    for mutant, vector in zip(made, vectors, strict=True):
        paper = library.paper(mutant.paper_ids[0])
        stored = library.sentence_vectors(paper.paper_id)
        row = _row(mutant.claim, paper, stored, vector, _KIND[mutant.kind], 0.5)
        rows.append(replace(row, miscited=mutant.kind == "citation"))
    return rows


def _pairs(path: Path, library: Library, limit: int) -> Iterator[Row]:
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    order = np.random.default_rng(_SEED).permutation(len(cases))[:limit]
    for index in sorted(int(i) for i in order):
        case = cases[index]
        paper = Paper(f"pair{index}", case["title"] or "", " ".join(case["evidence"]))
        lines = [line.text for line in read([paper]).lines]
        vectors = library.embedder.embed([case["claim"], *lines])
        yield _row(case["claim"], paper, vectors[1:], vectors[0], _LABELS[case["label"].lower()], 0.5)


def _row(claim: str, paper: Paper, stored: Vectors, vector: Vectors, label: int, weight: float) -> Row:
    source = read([paper])
    signals = observe(claim, source, align(claim, source, [float(c) for c in stored @ vector]))
    return Row(signals.features(), label, weight, paper.paper_id, rule(signals) is not None)


def fit(rows: Sequence[Row]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Softmax weights, shape (labels, 1 + features), by gradient descent; fault features stay on their side of zero."""
    x = np.array([(1.0, *row.features) for row in rows])
    y = np.eye(len(LABELS))[[row.label for row in rows]]
    counts = np.array([sum(r.weight for r in rows if r.label == k) for k in range(len(LABELS))])
    w = np.array([row.weight / counts[row.label] for row in rows])
    w /= w.sum()
    weights = np.zeros((len(LABELS), x.shape[1]))
    bounded = [1 + FEATURES.index(name) for name in _FAULTS]
    for _ in range(_STEPS):
        scores = x @ weights.T
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances = powers / powers.sum(axis=1, keepdims=True)
        gradient = ((chances - y) * w[:, None]).T @ x + _PENALTY * np.c_[np.zeros(len(LABELS)), weights[:, 1:]] / 10
        weights -= _RATE * gradient
        weights[0, bounded] = np.minimum(weights[0, bounded], 0.0)
    return weights


def _floor(rows: Sequence[Row], weights: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    """The least support asked where no rule speaks: enough that _WRONG_PAPER of the miscited sentences are refused."""
    miscited = [row for row in rows if row.miscited]
    support = _chances(miscited, weights)[:, 0]
    ruled = np.array([row.ruled for row in miscited])
    for floor in np.arange(0.05, 0.75, 0.01):
        if (ruled | (support < floor)).mean() >= _WRONG_PAPER:
            return round(float(floor), 2)
    return 0.75


def _chances(
    rows: Sequence[Row], weights: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    scores = np.array([(1.0, *row.features) for row in rows]) @ weights.T
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _cross_validate(rows: Sequence[Row], folds: int = 5) -> None:
    fold = {p: i % folds for i, p in enumerate(sorted({r.paper_id for r in rows}))}
    for own in (True, False):
        right = total = 0
        for k in range(folds):
            weights = fit([r for r in rows if fold[r.paper_id] != k])
            held = [r for r in rows if fold[r.paper_id] == k and (r.weight >= 4.0) is own]
            if held:
                right += int((_chances(held, weights).argmax(axis=1) == [r.label for r in held]).sum())
                total += len(held)
        if total:
            name = "claims files" if own else "mutants and pairs"
            print(f"{name}: label right in {right} of {total} held-out rows ({right / total:.3f})")


if __name__ == "__main__":
    main()
