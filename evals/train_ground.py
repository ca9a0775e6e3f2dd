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
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from agent.ground.align import Aligned, align
from agent.ground.entail import BundledEntailment, Pair, premise
from agent.ground.signals import FEATURES, observe
from agent.ground.source import Source, read
from agent.ground.verdict import LABELS, rule, undecided
from evals.entailment.data import written
from evals.mutate import Text, mutants
from store.embed.protocol import Embedder
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
_VECTORS: dict[Paper, Vectors] = {}
"""Of the sentences of papers outside the library, embedded once each."""
CLAIMS = Path(__file__).parent / "entailment" / "claims"
_PENALTY = 0.02
_STEPS = 3000
_RATE = 0.5
_WRONG_PAPER = 0.95
_FAULTS = (
    "faint", "names_missing", "numbers_conflict", "numbers_absent", "reversed", "swapped",
    "altered", "negated", "denied", "opposite", "overreach", "refuted", "refuted_figure",
)  # fmt: skip
"""Findings of a fault may lower support, never raise it."""


HELD_OUT = ("written05", "written11", "written13")
"""Written claims that the entailment model was not trained on; of the last, other claims on the same papers were."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A claim placed beside its source, before the layers look at it."""

    part: str
    kind: str
    claim: str
    source: Source
    aligned: tuple[Aligned, ...]
    label: int
    weight: float


@dataclass(frozen=True, slots=True)
class Row:
    """One claim: features, label (index into LABELS), weight, its paper, what it is, and the exact layers' label."""

    features: tuple[float, ...]
    label: int
    weight: float
    paper_id: str
    part: str
    kind: str
    ruled: bool
    copied: bool

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
        placed = [one for path in given.claims for one in _claims(path, library)]
        placed += _mutants(library, given.mutants)
        placed += [one for path in given.pairs for one in _pairs(path, library, given.pairs_limit)]
        placed += list(_written(given.written, library)) if given.written else []
    rows = observed(placed)
    print(f"{len(rows)} rows: {[sum(r.label == k for r in rows) for k in range(len(LABELS))]} by label")
    _cross_validate(rows)
    weights = fit(rows)
    floor = _floor(rows, weights)
    raw = json.dumps({"features": FEATURES, "rows": np.round(weights, 4).tolist(), "floor": floor}, indent=1).encode()
    given.out.write_bytes(raw)
    print(f"floor {floor}; wrote {given.out}, sha256 {hashlib.sha256(raw).hexdigest()}: for verdict.py")


def _claims(path: Path, library: Library) -> Iterator[Observed]:
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    vectors = library.embedder.embed([case["claim"] for case in cases])
    for case, vector in zip(cases, vectors, strict=True):
        paper = library.find(case["paper"])
        stored = library.sentence_vectors(paper.paper_id)
        yield _placed(
            path.stem, case.get("kind", ""), case["claim"], paper, stored, vector, _LABELS[case["label"]], 8.0
        )


def _mutants(library: Library, per_class: int) -> list[Observed]:
    texts = [Text(paper, library.sentences(paper.paper_id)) for paper in library.papers()]
    made = [m for m in mutants(texts, per_class, _SEED) if m.kind in _KIND]
    vectors = library.embedder.embed([m.claim for m in made])
    placed = []
    for mutant, vector in zip(made, vectors, strict=True):
        paper = library.paper(mutant.paper_ids[0])
        stored = library.sentence_vectors(paper.paper_id)
        placed.append(_placed("mutants", mutant.kind, mutant.claim, paper, stored, vector, _KIND[mutant.kind], 0.5))
    return placed


def _pairs(path: Path, library: Library, limit: int) -> Iterator[Observed]:
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    order = np.random.default_rng(_SEED).permutation(len(cases))[:limit]
    for index in sorted(int(i) for i in order):
        case = cases[index]
        paper = Paper(f"{path.stem}{index}", case["title"] or "", " ".join(case["evidence"]))
        yield _fresh(path.stem, "public", case["claim"], paper, library.embedder, _LABELS[case["label"].lower()], 0.5)


def _written(grounding: Path, library: Library) -> Iterator[Observed]:
    """The held-out written claims, and the true ones once more under another paper, near in subject or any."""
    files = [CLAIMS / f"{name}.jsonl" for name in HELD_OUT]
    cases = list(written(grounding, files, numeric=True))
    papers = list(dict.fromkeys(case.paper for case in cases))
    titles = library.embedder.embed([paper.title for paper in papers])
    claims = library.embedder.embed([case.claim for case in cases])
    random = Random(_SEED)  # noqa: S311  # reproducible draws, no secret
    for case, vector in zip(cases, claims, strict=True):
        yield _fresh("written", case.kind, case.claim, case.paper, library.embedder, case.label, 0.7)
        if case.label == 0:
            near = [papers[int(i)] for i in np.argsort(-(titles @ vector), kind="stable")[:4]]
            others = [paper for paper in random.choice((near, papers)) if paper != case.paper]
            yield _fresh("strays", "other_paper", case.claim, random.choice(others), library.embedder, 2, 0.7)


def _fresh(part: str, kind: str, claim: str, paper: Paper, embedder: Embedder, label: int, weight: float) -> Observed:
    if paper not in _VECTORS:
        _VECTORS[paper] = embedder.embed([line.text for line in read([paper]).lines])
    stored = _VECTORS[paper]
    return _placed(part, kind, claim, paper, stored, embedder.embed([claim])[0], label, weight)


def _placed(
    part: str, kind: str, claim: str, paper: Paper, stored: Vectors, vector: Vectors, label: int, weight: float
) -> Observed:
    source = read([paper])
    return Observed(part, kind, claim, source, align(claim, source, [float(c) for c in stored @ vector]), label, weight)


def observed(placed: Sequence[Observed]) -> list[Row]:
    """What every layer finds of each claim."""
    found = [observe(one.claim, one.source, one.aligned) for one in placed]
    asked = [index for index, signals in enumerate(found) if undecided(signals)]
    pairs = [Pair(premise(placed[i].source, [near.line for near in placed[i].aligned]), placed[i].claim) for i in asked]
    scores = dict(zip(asked, BundledEntailment().score(pairs), strict=True))
    rows = []
    for index, (one, bare) in enumerate(zip(placed, found, strict=True)):
        signals = replace(bare, entailment=scores.get(index))
        paper_id = one.source.papers[0].paper_id
        ruled = rule(signals) is not None
        rows.append(Row(signals.features(), one.label, one.weight, paper_id, one.part, one.kind, ruled, signals.copied))
    return rows


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
    """The least support asked where no exact layer speaks: the best balanced accuracy on claims people might write.

    Never so low that fewer than _WRONG_PAPER of the miscited sentences are refused.
    """
    written_ones = [row for row in rows if row.part != "mutants"]
    miscited = [row for row in rows if row.miscited]
    floors = [float(floor) for floor in np.arange(0.2, 0.8, 0.01)]
    safe = [floor for floor in floors if not miscited or _refused(miscited, weights, floor) >= _WRONG_PAPER]
    best = max(safe or [0.8], key=lambda floor: _balanced(written_ones, weights, float(floor)))
    return round(best, 2)


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
    fold = {p: i % folds for i, p in enumerate(sorted({r.paper_id for r in rows}))}
    found: dict[str, list[tuple[Row, bool, int]]] = {}
    for k in range(folds):
        train, held = [r for r in rows if fold[r.paper_id] != k], [r for r in rows if fold[r.paper_id] == k]
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
