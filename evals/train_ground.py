"""Makes `agent/ground/weights.json`: the softmax that turns the layers' findings into a confidence.

    python -m evals.train_ground LIBRARY --claims FILE... --written GROUNDING -o agent/ground/weights.json

Rows come from four places: claims files of one's own (`{"claim", "paper", "label"}`, papers of the library), the
written claims that the entailment model has not seen (HELD_OUT of `evals/entailment/claims`, their abstracts from the
public set in GROUNDING), mutants made from the library's sentences (`evals.mutate`, by seed), and public pairs
(`--pairs FILE`: `{"claim", "evidence", "label"}`).
Verbatim sentences are no rows: they never reach the softmax. Fitting is plain gradient descent with L2, so the same
input gives the same weights. Prints accuracy by fold, folds drawn by paper.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.ground import Grounder, Item
from agent.ground.signals import FEATURES
from agent.ground.verdict import LABELS, foreign, rule
from evals.entailment.data import LABELS_OF, read_lines, strayed, written
from evals.mutate import Text, mutants
from store.embed.protocol import Embedder
from store.library import Library
from store.types import Paper

__all__ = ["main"]

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
_WEIGHTS = {"claims": 4.0, "written": 0.7, "strays": 0.6, "pairs": 0.5, "mutants": 0.4}
_STRAYED = 0.45
"""Share of the true written claims that are put under another paper too."""
CLAIMS = Path(__file__).parent / "entailment" / "claims"
_PENALTY = 0.02
_STEPS = 3000
_RATE = 0.5
_WRONG_PAPER = 0.95
_CAUTION = 0.003
_FAULTS = (
    "faint", "names_missing", "numbers_conflict", "numbers_absent", "reversed", "swapped",
    "altered", "negated", "denied", "opposite", "overreach", "refuted", "refuted_figure",
)  # fmt: skip
"""Findings of a fault may lower support, never raise it."""


HELD_OUT = ("written05", "written11", "written13")
"""Written claims that the entailment model was not trained on; of the last, other claims on the same papers were."""
LEFT_OUT = "twins_hands"
"""Written to be hard, half of it false and nearly all in words of its own: no measure of how often such claims hold."""


@dataclass(frozen=True, slots=True)
class Case:
    """A claim under its paper, before the layers look at it; `weight` in the fit."""

    part: str
    kind: str
    claim: str
    paper: Paper
    label: int
    weight: float


@dataclass(frozen=True, slots=True)
class Row:
    """One claim: features, label (index into LABELS), weight, paper, kind; `ruled`: refused, whatever the weights."""

    features: tuple[float, ...]
    label: int
    weight: float
    paper: str
    part: str
    kind: str
    ruled: bool
    copied: bool

    @property
    def group(self) -> str:
        """What it counts with where the floor is chosen."""
        if self.part.startswith(("written", "twins", "stray")):
            return "written"
        return "pairs" if self.kind == "public" else self.part

    @property
    def miscited(self) -> bool:
        """True for a true sentence under another paper."""
        return self.kind == "citation"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--claims", type=Path, nargs="*", default=[])
    parser.add_argument("--written", type=Path, metavar="GROUNDING")
    parser.add_argument("--pairs", type=Path, nargs="*", default=[])
    parser.add_argument("--pairs-limit", type=int, default=400)
    parser.add_argument("--mutants", type=int, default=120)
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    with Library.open(given.library) as library:
        cases = [case for path in given.claims for case in _claims(path, library)]
        cases += _mutants(library, given.mutants)
        cases += [case for path in given.pairs for case in _pairs(path, given.pairs_limit)]
        cases += _written(given.written, library.embedder) if given.written else []
        rows = observed(cases, Grounder(library.embedder))
    print(f"{len(rows)} rows: {[sum(r.label == k for r in rows) for k in range(len(LABELS))]} by label")
    _cross_validate(rows)
    weights = fit(rows)
    floor = _floor(rows, weights)
    raw = json.dumps({"features": FEATURES, "rows": np.round(weights, 4).tolist(), "floor": floor}, indent=1).encode()
    given.out.write_bytes(raw)
    print(f"floor {floor}; wrote {given.out}, sha256 {hashlib.sha256(raw).hexdigest()}: for verdict.py")


def _claims(path: Path, library: Library) -> Iterator[Case]:
    for row in read_lines(path):
        paper = library.find(row["paper"])
        yield Case(
            path.stem, row.get("kind", ""), row["claim"], paper, LABELS_OF[row["label"].lower()], _WEIGHTS["claims"]
        )


def _mutants(library: Library, per_class: int) -> list[Case]:
    texts = [Text(paper, library.sentences(paper.paper_id)) for paper in library.papers()]
    return [
        Case("mutants", made.kind, made.claim, library.paper(made.paper_ids[0]), _KIND[made.kind], _WEIGHTS["mutants"])
        for made in mutants(texts, per_class, _SEED)
        if made.kind in _KIND
    ]


def _pairs(path: Path, limit: int) -> Iterator[Case]:
    rows = read_lines(path)
    order = np.random.default_rng(_SEED).permutation(len(rows))[:limit]
    for index in sorted(int(i) for i in order):
        row = rows[index]
        paper = Paper(f"{path.stem}{index}", row["title"] or "", " ".join(row["evidence"]))
        claim = " ".join(row["claim"].split())
        yield Case(path.stem, "public", claim, paper, LABELS_OF[row["label"].lower()], _WEIGHTS["pairs"])


def _written(grounding: Path, embedder: Embedder) -> list[Case]:
    """The held-out written claims, and some of the true ones once more under another paper, near in subject or any."""
    files = sorted(path for path in CLAIMS.glob("*.jsonl") if path.stem != LEFT_OUT)
    every = written(grounding, files, numeric=True)
    cases = [case for case in every if case.part in HELD_OUT or case.part.endswith(".held")]
    texts = list(dict.fromkeys(text for case in cases for text in (case.claim, case.paper.title)))
    vectors = dict(zip(texts, embedder.embed(texts), strict=True))
    return [
        Case(case.part, case.kind, case.claim, case.paper, case.label, _WEIGHTS[group])
        for group, found in (("written", cases), ("strays", strayed(cases, vectors, _STRAYED, anywhere=0.5)))
        for case in found
    ]


def observed(cases: Sequence[Case], grounder: Grounder) -> list[Row]:
    """What every layer finds of each claim; claims that the source's own words settle are left out."""
    found = grounder.observe_many([Item(case.claim, (case.paper,)) for case in cases])
    return [
        Row(
            signals.features(), case.label, case.weight, case.paper.title, case.part, case.kind,
            ruled=rule(signals) is not None or foreign(signals), copied=signals.copied,
        )
        for case, signals in zip(cases, found, strict=True)
        if signals is not None
    ]  # fmt: skip


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
    """The least support asked: for the best mean of balanced accuracies on one's own claims, written ones, and pairs.

    Of floors that come within _CAUTION of it, the highest: a false claim let through is worse than a true one refused.

    Never so low that fewer than _WRONG_PAPER of the miscited sentences are refused.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    groups.pop("mutants", None)
    mixed = [group for group in groups.values() if 0 < sum(row.label == 0 for row in group) < len(group)]
    miscited = [row for row in rows if row.miscited]
    floors = [float(floor) for floor in np.arange(0.2, 0.8, 0.01)]
    safe = [floor for floor in floors if not miscited or _refused(miscited, weights, floor) >= _WRONG_PAPER]
    found = {floor: sum(_balanced(group, weights, floor) for group in mixed) / len(mixed) for floor in safe or [0.8]}
    return round(max(floor for floor, score in found.items() if score >= max(found.values()) - _CAUTION), 2)


def _refused(rows: Sequence[Row], weights: np.ndarray[tuple[int, int], np.dtype[np.float64]], floor: float) -> float:
    """The share not accepted."""
    ruled, copied = np.array([row.ruled for row in rows]), np.array([row.copied for row in rows])
    return float((ruled | (~copied & (_chances(rows, weights)[:, 0] < floor))).mean())


def _balanced(rows: Sequence[Row], weights: np.ndarray[tuple[int, int], np.dtype[np.float64]], floor: float) -> float:
    """Balanced accuracy of supported against the rest."""
    true, false = [r for r in rows if r.label == 0], [r for r in rows if r.label != 0]
    return (1.0 - _refused(true, weights, floor) + _refused(false, weights, floor)) / 2


def _chances(
    rows: Sequence[Row], weights: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    scores = np.array([(1.0, *row.features) for row in rows]) @ weights.T
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _cross_validate(rows: Sequence[Row], folds: int = 5) -> None:
    """Prints balanced accuracy (supported against the rest) and share of right labels by part, folds drawn by paper."""
    fold = {p: i % folds for i, p in enumerate(sorted({r.paper for r in rows}))}
    found: dict[str, list[tuple[Row, bool, int]]] = {}
    for k in range(folds):
        train, held = [r for r in rows if fold[r.paper] != k], [r for r in rows if fold[r.paper] == k]
        weights = fit(train)
        floor = _floor(train, weights)
        for row, chances in zip(held, _chances(held, weights), strict=True):
            accepted = not row.ruled and (row.copied or chances[0] >= floor)
            found.setdefault(row.part, []).append((row, accepted, int(chances.argmax())))
    for part, seen in sorted(found.items()):
        true = [accepted for row, accepted, _ in seen if row.label == 0]
        false = [not accepted for row, accepted, _ in seen if row.label != 0]
        kinds = {row.kind for row, *_ in seen}
        by_kind = {kind: np.mean([a == (r.label == 0) for r, a, _ in seen if r.kind == kind]) for kind in sorted(kinds)}
        print(
            f"{part}: n={len(seen)} balanced accuracy {(np.mean(true) + np.mean(false)) / 2:.3f}, "
            f"label {np.mean([r.label == label for r, _, label in seen]):.3f}; "
            + ", ".join(f"{kind} {value:.2f}" for kind, value in by_kind.items())
        )


if __name__ == "__main__":
    main()
