"""`eval init`: suites to start from, made of a library's own papers; they run as they are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from agent.render.documents import JsonObject
from evals.edits import EDITS, Material
from evals.errors import SuiteInvalid
from evals.report.write import write
from evals.statistics import SEED

if TYPE_CHECKING:
    from agent.settings import Settings
    from store.types import Paper, Sentence

__all__ = ["write_skeleton"]

_PAPERS = 5

_HEAD = """\
# {what}
# Cases: one JSON object a line in {cases}. Papers are named by id or exact title.
# How to write a suite, and what each metric means: docs/evaluation.md
name: {name}
kind: {kind}
library: {library}
cases: {cases}
"""

_SEARCH = """\
k: 10
gates:
  - metric: success@10
    min: 0.8
    reason: starting point, a paper is found by its own title; set it a little under what you measure
"""

_ASK = """\
gates:
  - metric: quotes_exact
    min: 1
    reason: a quote that is not the stored text is never right
  - metric: uncited_sentences
    max: 0
    reason: every sentence carries a citation
"""

_VERIFY = """\
gates:
  - metric: accepted
    min: 1
    reason: a paper's own sentence must be accepted
"""

_MUTATION = """\
# Mutants of the library's own sentences; no cases file is needed.
# How to write a suite, and what each metric means: docs/evaluation.md
name: my-mutation
kind: mutation
library: {library}
per_class: 20
gates:
  - metric: false_alarm/verbatim
    max: 0
    reason: a paper's own sentence must be accepted
"""


def write_skeleton(settings: Settings, directory: Path) -> tuple[Path, ...]:
    """The files written into `directory`. Raises SuiteInvalid where one is there already, and StoreError."""
    from agent.app import open_library

    with open_library(settings) as library:
        papers = _chosen([paper for paper in library.papers() if paper.abstract])
        sentences = {paper.paper_id: library.sentences(paper.paper_id) for paper in papers}
    if not papers:
        raise SuiteInvalid(f"{settings.library}: no paper with an abstract; add some with `plumbline add PATH` first")
    files = _files(json.dumps(str(settings.library.resolve())), papers, sentences)
    return _write_all(directory, files)


def _write_all(directory: Path, files: dict[str, str]) -> tuple[Path, ...]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SuiteInvalid(f"{directory}: {error.strerror or error}; name a folder that can be made") from None
    for name in files:
        if (directory / name).exists():
            raise SuiteInvalid(f"{directory / name}: there already; name another folder, nothing was written")
    for name, text in files.items():
        write(directory / name, text)
    return tuple(directory / name for name in files)


def _chosen(papers: Sequence[Paper]) -> list[Paper]:
    ordered = sorted(papers, key=lambda paper: paper.paper_id)
    return Random(SEED).sample(ordered, min(_PAPERS, len(ordered)))  # noqa: S311  # a reproducible draw, no secret


def _files(library: str, papers: Sequence[Paper], sentences: dict[str, tuple[Sentence, ...]]) -> dict[str, str]:
    def head(kind: str, what: str) -> str:
        return _HEAD.format(what=what, cases=f"{kind}.jsonl", name=f"my-{kind}", kind=kind, library=library)

    return {
        "search.yaml": head("search", "Does search find the papers that answer a query?") + _SEARCH,
        "search.jsonl": _lines([_search_case(i, paper) for i, paper in enumerate(papers, start=1)]),
        "ask.yaml": head("ask", "Does an answer cite the right papers and facts, and abstain where it should?") + _ASK,
        "ask.jsonl": _lines([*(_ask_case(i, p, sentences) for i, p in enumerate(papers, start=1)), _UNANSWERABLE]),
        "verify.yaml": head("verify", "Does the check accept what a paper says and refuse what it does not?") + _VERIFY,
        "verify.jsonl": _lines(
            [case for i, p in enumerate(papers, 1) for case in _claims(i, p, sentences[p.paper_id])]
        ),
        "mutation.yaml": _MUTATION.format(library=library),
    }


_UNANSWERABLE: JsonObject = {
    "id": "none1",
    "type": "unanswerable",
    "question": "Which paint do harbour masters use on wooden rudders?",
    "gold_papers": [],
    "note": "a question that the library cannot answer: abstaining is right",
}


def _search_case(index: int, paper: Paper) -> JsonObject:
    return {"id": f"s{index}", "query": paper.title, "relevant": {paper.paper_id: 2}, "kind": "title"}


def _ask_case(index: int, paper: Paper, sentences: dict[str, tuple[Sentence, ...]]) -> JsonObject:
    last = sentences[paper.paper_id][-1]
    return {
        "id": f"a{index}",
        "type": "single",
        "question": f"What does the paper {paper.title} report?",
        "gold_papers": [paper.paper_id],
        "gold_facts": [{"paper": paper.paper_id, "span": last.text}],
        "acceptable_papers": [],
    }


def _claims(index: int, paper: Paper, sentences: Sequence[Sentence]) -> list[JsonObject]:
    """The paper's last sentence as it stands, and with a number changed where it has one."""
    text = sentences[-1].text
    claims: list[JsonObject] = [
        {"id": f"v{index}", "paper": paper.paper_id, "claim": text, "label": "supported", "kind": "verbatim"}
    ]
    changed = EDITS["number"](Material(text, paper.abstract, ()), Random(SEED))  # noqa: S311  # a reproducible draw
    if changed is not None:
        claims.append(
            {
                "id": f"v{index}n",
                "paper": paper.paper_id,
                "claim": changed,
                "label": "contradicted",
                "kind": "changed_number",
            }
        )
    return claims


def _lines(cases: Sequence[JsonObject]) -> str:
    return "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
