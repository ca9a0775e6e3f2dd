"""Rows the entailment model is trained and judged on: a claim, the source sentences nearest to it, a label.

    python -m evals.entailment.data --grounding DIR -o rows.jsonl

`DIR` holds the public sets as JSON lines (`scifact.train.jsonl` and so on; DATA_CARD.md says what each is). Beside them
stand the claims written for this project (`claims/*.jsonl`, over abstracts of the training parts and made ones) and
mutants of SciTLDR sentences made by rule. Premises are chosen by the alignment that the check uses. Same input, same
rows.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from agent.ground.align import align
from agent.ground.entail import Pair, masked, numbers_of, premise
from agent.ground.source import Line, Source, read
from evals.edits import EDITS, REWRITES, Material, names_in
from store.embed.bundled import BundledEmbedder
from store.types import Paper, Vectors

__all__ = ["KINDS", "LABELS_OF", "Case", "Row", "kept_back", "main", "read_lines", "strayed", "written"]

SEED = 20261121
KINDS = {"rewritten": 0, "direction": 1, "swap": 1, "negation": 1, "name": 2, "scope": 2}
"""The label each rule-made kind gets: 0 supported, 1 contradicted, 2 not enough information. Numbers are another
layer's work: the model sees every number as 0, so no row may hang on one."""
LABELS_OF = {
    "support": 0,
    "contradict": 1,
    "nei": 2,
    "partial": 2,
    "supported": 0,
    "contradicted": 1,
    "not_enough_info": 2,
}
LINES = (3, 3, 5, 5, 5)
"""Sentences a premise has, one of these by lot: as many as the check shows, or fewer, which cost less."""
_TEMPLATED = 3000
_NEAR = 8
_WRITTEN_OVER = ("scitldr_pos", "scifact", "checkcovid")
ABSTRACTS = Path(__file__).parent / "abstracts.jsonl"
"""Abstracts of papers that do not exist, written for this project."""
_PUBLIC = ("scifact", "checkcovid", "citint", "evidence_inference2", "scitldr_pos")


@dataclass(frozen=True, slots=True)
class Row:
    """One pair: `premise` is what the model sees of the source; `part` names the data it is from, `group` the paper."""

    part: str
    kind: str
    group: str
    premise: str
    claim: str
    label: int


@dataclass(frozen=True, slots=True)
class Case:
    """A claim on a whole abstract; `needed` are sentences that annotators say decide it."""

    part: str
    kind: str
    paper: Paper
    claim: str
    label: int
    needed: tuple[int, ...] = ()


def _nearest(case: Case, source: Source, cosines: Sequence[float] | None) -> list[Line]:
    """The source's lines, those that the case needs first, then nearest first."""
    needed = [source.lines[index] for index in case.needed if index < len(source.lines)]
    return list(dict.fromkeys([*needed, *(near.line for near in align(case.claim, source, cosines))]))


def _paper(title: str, evidence: Sequence[str], key: str) -> Paper:
    return Paper(key, title, " ".join(" ".join(sentence.split()) for sentence in evidence))


def _public(folder: Path, name: str, split: str) -> Iterator[Case]:
    for index, row in enumerate(read_lines(folder / f"{name}.{split}.jsonl")):
        evidence = [str(sentence) for sentence in row["evidence"]]
        paper = _paper(str(row["title"] or ""), evidence, f"{name}:{row['title'] or index}")
        split_alike = len(read([paper]).lines) == len(evidence)
        needed = tuple(_indexes(row.get("rationale") or ())) if split_alike else ()
        yield Case(name, "public", paper, " ".join(str(row["claim"]).split()), LABELS_OF[row["label"].lower()], needed)


def _indexes(rationale: Iterable[Any]) -> Iterator[int]:
    """The first rationale: a list of indexes, or the first of a list of such lists."""
    for entry in rationale:
        if not isinstance(entry, int):
            yield from entry
            return
        yield entry


def written(folder: Path, files: Sequence[Path], numeric: bool = False) -> Iterator[Case]:
    """The claims of `files`; those that hang on a number the paper does not give only if asked.

    A paper is named by its set and its id there: an abstract of the public training sets in `folder`, or `made`, one of
    ABSTRACTS. Claims on a paper that is kept back have a part of their own: `held` or `test` after the file's name.
    """
    papers = _papers(folder)
    for path in files:
        for row in read_lines(path):
            if row.get("numeric") and not numeric and not _stated(row["claim"], papers[row["paper"]]):
                continue
            kept = kept_back(row["paper"]) if path.stem.startswith("twins") else ""
            part = f"{path.stem}.{kept}" if kept else path.stem
            yield Case(
                part, row["kind"], papers[row["paper"]], " ".join(row["claim"].split()), LABELS_OF[row["label"].lower()]
            )


def _stated(claim: str, paper: Paper) -> bool:
    """Whether a claim gives numbers in digits, all of them the paper's: then what it says of them is in question."""
    given = numbers_of(claim)
    return bool(given) and given <= numbers_of(f"{paper.title} {paper.abstract}")


def kept_back(key: str) -> str:
    """`held` for a tenth of the papers (to combine the layers), `test` for another tenth (for figures alone)."""
    return {0: "held", 1: "test"}.get(zlib.crc32(key.encode()) % 10, "")


def _papers(folder: Path) -> dict[str, Paper]:
    found = {
        f"{name}:{row['id']}": _paper(row["title"], row["evidence"], f"{name}:{row['title']}")
        for name in _WRITTEN_OVER
        for row in read_lines(folder / f"{name}.train.jsonl")
    }
    return found | {row["paper"]: Paper(row["paper"], row["title"], row["abstract"]) for row in read_lines(ABSTRACTS)}


def _mutated(cases: Sequence[Case]) -> Iterator[Case]:
    """From each paper: its summary and two of its sentences with one thing changed, and two others left as they are."""
    names = tuple(sorted({name for case in cases for name in names_in(case.paper.abstract)}))
    for case in cases:
        random = Random(f"{SEED}:{case.paper.paper_id}")  # noqa: S311  # reproducible draws, no secret
        lines = [line.text for line in read([case.paper]).lines if 8 <= len(line.text.split()) <= 45]
        drawn = random.sample(lines, min(4, len(lines)))
        for sentence in [case.claim, *drawn[:2]]:
            material = Material(sentence, f"{case.paper.title}\n{case.paper.abstract}", names)
            made = [(kind, (REWRITES | EDITS)[kind](material, random)) for kind in KINDS]
            usable = [(kind, text) for kind, text in made if text is not None and text != sentence]
            if usable:
                kind, text = random.choice(usable)
                yield replace(case, part="mutants", kind=kind, claim=text, label=KINDS[kind])
        for sentence in drawn[2:]:
            yield replace(case, part="kept", kind="verbatim", claim=sentence, label=0)


def strayed(
    cases: Sequence[Case], vectors: Mapping[str, Vectors], share: float, anywhere: float = 0.0
) -> Iterator[Case]:
    """A share of the true claims under a paper near in meaning, some under any: not enough information.

    `vectors` has those of all claims and titles.
    """
    papers = list(dict.fromkeys(case.paper for case in cases))
    if len(papers) < 2:
        return
    matrix = np.stack([vectors[paper.title] for paper in papers])
    for case in cases:
        random = Random(f"{SEED}:stray:{case.claim}")  # noqa: S311
        if case.label != 0 or random.random() > share:
            continue
        nearness = matrix @ vectors[case.claim]
        order = [int(i) for i in np.argsort(-nearness, kind="stable") if papers[int(i)].title != case.paper.title]
        wide = anywhere > 0 and random.random() < anywhere
        other = papers[random.choice(order if wide else order[:_NEAR])]
        yield replace(
            case,
            part="stray",
            kind="other_paper",
            paper=replace(other, paper_id=case.paper.paper_id),
            label=2,
            needed=(),
        )


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def rows_of(cases: Sequence[Case], embedder: BundledEmbedder, known: dict[str, Vectors]) -> Iterator[Row]:
    """Each case with its premise; sentences and claims are embedded once each."""
    sources = [read([case.paper]) for case in cases]
    wanted = dict.fromkeys(
        text
        for case, source in zip(cases, sources, strict=True)
        for text in (case.claim, *(line.text for line in source.lines))
    )
    missing = [text for text in wanted if text not in known]
    for start in range(0, len(missing), 2000):
        part = missing[start : start + 2000]
        known |= dict(zip(part, embedder.embed(part), strict=True))
    for case, source in zip(cases, sources, strict=True):
        cosines = [float(known[line.text] @ known[case.claim]) for line in source.lines]
        draw = Random(f"{SEED}:lines:{case.claim}")  # noqa: S311
        nearest = _nearest(case, source, cosines)[: draw.choice(LINES)]
        shown, claim = masked(Pair(premise(source, nearest), case.claim))
        yield Row(case.part, case.kind, case.paper.paper_id, shown, claim, case.label)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grounding", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--claims", type=Path, default=Path(__file__).parent / "claims")
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    embedder, known = BundledEmbedder(), dict[str, Vectors]()
    public = {name: list(_public(given.grounding, name, "train")) for name in _PUBLIC}
    templated = public["evidence_inference2"]
    public["evidence_inference2"] = Random(SEED).sample(templated, min(_TEMPLATED, len(templated)))  # noqa: S311
    ours = list(written(given.grounding, sorted(given.claims.glob("*.jsonl"))))
    summaries = public["scitldr_pos"]
    for texts in ([case.claim for case in (*summaries, *ours)], [case.paper.title for case in (*summaries, *ours)]):
        unique = list(dict.fromkeys(texts))
        known |= dict(zip(unique, embedder.embed(unique), strict=True))
    cases = [case for part in public.values() for case in part]
    cases += [*ours, *_mutated(summaries), *strayed(summaries, known, 0.5), *strayed(ours, known, 0.35)]
    with given.out.open("w", encoding="utf-8") as file:
        count = 0
        for row in rows_of(cases, embedder, known):
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            count += 1
    print(f"wrote {count} rows to {given.out}")


if __name__ == "__main__":
    main()
