"""The bundled cases fit the bundled digests: titles exist, spans are verbatim, labels are known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.cases import AskCase, DraftCase, SearchCase, VerifyCase, read_cases
from store.text import canonical

EVALS = Path(__file__).parents[1] / "evals"
DEMO = EVALS / "suites" / "demo"
CLAIM_LABELS = {
    "verbatim": "supported",
    "close_paraphrase": "supported",
    "heavy_paraphrase": "supported",
    "compression": "supported",
    "changed_number": "contradicted",
    "swapped_direction": "contradicted",
    "swapped_entity": "contradicted",
    "negation": "contradicted",
    "over_generalised": "not_enough_info",
    "extra_detail": "not_enough_info",
    "other_paper": "not_enough_info",
}


@pytest.fixture(scope="module")
def digests() -> dict[str, str]:
    """Canonical abstract by title."""
    lines = (EVALS / "demo" / "digests.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["title"]: canonical(row["abstract"]) for row in map(json.loads, lines)}


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


def test_search_cases(digests: dict[str, str]) -> None:
    cases = [case for _, case in read_cases(DEMO / "search.jsonl", SearchCase)]
    assert {case.kind for case in cases} == {"broad", "specific", "paraphrased"}
    for case in cases:
        assert case.grades, case.id
        assert set(case.grades) <= set(digests), case.id
        assert set(case.grades.values()) <= {1, 2}, case.id
        assert 2 in case.grades.values(), case.id
    assert all(row["narrative"] for row in _rows("search.jsonl"))


def test_ask_cases(digests: dict[str, str]) -> None:
    cases = [case for _, case in read_cases(DEMO / "ask.jsonl", AskCase)]
    assert {case.type for case in cases} == {"pair", "survey", "single", "unanswerable", "false_premise"}
    for case in cases:
        assert set(case.gold_papers) | set(case.acceptable_papers) <= set(digests), case.id
        assert not set(case.gold_papers) & set(case.acceptable_papers), case.id
        assert bool(case.gold_facts) is bool(case.gold_papers) is (case.type != "unanswerable"), case.id
        for fact in case.gold_facts:
            assert fact.paper in case.gold_papers, case.id
            assert fact.span in digests[fact.paper], (case.id, fact.span)


def test_claim_cases(digests: dict[str, str]) -> None:
    cases = [case for _, case in read_cases(DEMO / "claims.jsonl", VerifyCase)]
    assert {case.kind for case in cases} == set(CLAIM_LABELS)
    for case, row in zip(cases, _rows("claims.jsonl"), strict=True):
        assert case.label == CLAIM_LABELS[case.kind or ""], case.id
        assert row["evidence"] in digests[case.paper], case.id
        assert bool(row["evidence"]) is (case.kind != "other_paper"), case.id
        assert (case.claim in digests[case.paper]) is (case.kind == "verbatim"), case.id


def test_draft_cases(digests: dict[str, str]) -> None:
    for _, case in read_cases(DEMO / "drafts.jsonl", DraftCase, key="case_id"):
        for section in case.sections:
            assert set(section.papers) <= set(digests), (case.case_id, section.heading)
