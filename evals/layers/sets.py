"""The sets that layers are measured on: claims over a library, and public pairs of a claim and its evidence.

A public set is JSON lines `{"claim", "title", "evidence": [sentences], "label"}` in `NAME.SPLIT.jsonl`; labels are
SUPPORT, CONTRADICT, NEI, and PARTIAL, which counts as not enough information.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from agent.types import Label
from evals.cases import VerifyCase, read_cases
from evals.errors import SuiteInvalid
from evals.kinds.verify import label_of
from evals.resolve import Directory
from store.library import Library
from store.types import Paper

__all__ = ["PUBLIC", "ClaimSet", "Labelled", "corpus_set", "public_sets", "sample"]

PUBLIC = (
    ("scifact", "dev", "train"),
    ("checkcovid", "dev", "train"),
    ("citint", "dev", "train"),
    ("evidence_inference2", "validation", "train"),
    ("wice", "dev", None),
    ("scitldr_pos", "dev", None),
)
"""Name, split measured on, and split that thresholds are fitted on."""
_LABELS = {
    "SUPPORT": Label.SUPPORTED,
    "CONTRADICT": Label.CONTRADICTED,
    "NEI": Label.NOT_ENOUGH_INFO,
    "PARTIAL": Label.NOT_ENOUGH_INFO,
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A claim, the paper it cites, and its gold label. Claims of one `cluster` are no independent evidence."""

    claim: str
    paper: Paper
    gold: Label
    cluster: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """What is measured on, and the part, if there is one, that thresholds are fitted on."""

    name: str
    rows: tuple[Labelled, ...]
    train: tuple[Labelled, ...] = ()

    @property
    def labels(self) -> frozenset[Label]:
        """The gold labels that occur."""
        return frozenset(row.gold for row in self.rows)


@dataclass(frozen=True, slots=True)
class _PublicRow:
    """A line of a public set. (The class says what is read; other fields are passed over.)"""

    id: str
    claim: str
    title: str | None
    evidence: list[str]
    label: str


def sample(rows: Sequence[Labelled], limit: int, seed: int) -> tuple[Labelled, ...]:
    """At most `limit` rows, drawn by seed, in their order; all of them where `limit` is 0."""
    if not limit or len(rows) <= limit:
        return tuple(rows)
    chosen = Random(seed).sample(range(len(rows)), limit)  # noqa: S311  # a reproducible draw, no secret
    return tuple(rows[index] for index in sorted(chosen))


def corpus_set(path: Path, library: Library, limit: int, seed: int) -> ClaimSet:
    """The claims of a file over a library's papers. Raises SuiteInvalid."""
    directory = Directory.of(library.papers())
    rows = []
    for place, case in read_cases(path, VerifyCase):
        paper = directory.papers[directory.paper(case.paper, place, "paper")]
        rows.append(Labelled(case.claim, paper, label_of(case, place), paper.paper_id, case.kind))
    return ClaimSet(path.stem, sample(rows, limit, seed))


def public_sets(folder: Path, names: Sequence[str], limit: int, train_limit: int, seed: int) -> list[ClaimSet]:
    """The public sets named. Raises SuiteInvalid when a file is missing or malformed."""
    if not folder.is_dir():
        raise SuiteInvalid(f"{folder}: no such folder; --grounding takes the folder of the public sets")
    found = []
    for name, split, train in PUBLIC:
        if name in names:
            rows = sample(_public(folder / f"{name}.{split}.jsonl"), limit, seed)
            fitted = sample(_public(folder / f"{name}.{train}.jsonl"), train_limit, seed) if train else ()
            found.append(ClaimSet(f"{name}.{split}", rows, fitted))
    return found


def _public(path: Path) -> list[Labelled]:
    return [_row(case, f"{place}") for place, case in read_cases(path, _PublicRow, key="id", unique=False)]


def _row(case: _PublicRow, place: str) -> Labelled:
    if case.label not in _LABELS:
        raise SuiteInvalid(f"{place}, field label: {case.label!r}; known: {', '.join(_LABELS)}")
    text = " ".join(" ".join(sentence.split()) for sentence in case.evidence)
    paper_id = hashlib.sha256(f"{case.title}\n{text}".encode()).hexdigest()[:16]
    return Labelled(
        " ".join(case.claim.split()), Paper(paper_id, case.title or "", text), _LABELS[case.label], paper_id
    )
