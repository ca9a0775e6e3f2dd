"""Edits that keep meaning, and answers composed of source sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.edit import lead_with, open_plainly, shorten
from agent.engines.extractive import WORDS, ExtractiveEngine
from agent.gather import gather
from agent.plan import make_plan
from store.library import Library


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Moreover, it is fast.", "It is fast."),
        ("Experimental results demonstrate that our model wins.", "Our model wins."),
        ("In this paper, we propose X.", "We propose X."),
        (
            "Extensive experiments on three datasets show that X wins.",
            "Extensive experiments on three datasets show that X wins.",
        ),
        ("We show that iPhone users gain.", "iPhone users gain."),
        ("X is fast. Code is available at https://example.org/x.", "X is fast."),
        ("However large it is, X runs.", "However large it is, X runs."),
    ],
)
def test_openings(text: str, plain: str) -> None:
    assert open_plainly(text) == plain


LIST = (
    "Our results show the following for every one of the models that were tried here: (1) X is smaller than any other model of its kind; "
    "(2) X saves 12x memory against full tuning on every task that was tried; (3) X works with adapters of all kinds and shapes."
)


def test_a_long_list_is_cut_to_what_is_asked_and_says_so() -> None:
    short = shorten(LIST, lambda part: float("memory" in part) + 0.1)
    assert "(2) X saves 12x memory" in short
    assert "adapters" not in short
    assert "…" in short


def test_a_short_sentence_stays_whole() -> None:
    text = "X saves memory, making it practical."
    assert shorten(text, lambda part: 0.0) == text


@given(st.text(max_size=300))
def test_edits_never_fail_and_add_no_word(text: str) -> None:
    shorter = shorten(open_plainly(text), lambda part: float(len(part)))
    assert len(shorter) <= len(text) + 4


def test_a_name_in_front() -> None:
    assert lead_with("X", "It is fast.") == "X: It is fast."


@pytest.mark.parametrize(
    "question",
    [
        "How do FuseMax and FlashAttention compare in speed?",
        "Which methods speed up diffusion sampling, and by how much?",
        "How much memory does ZO2 save?",
    ],
)
def test_claims_cite_evidence_and_stay_short(demo_library: Library, question: str) -> None:
    plan = make_plan(question, demo_library)
    evidence = gather(plan, demo_library)
    claims = ExtractiveEngine().write(plan, evidence, demo_library)
    assert claims
    ids = {item.evidence_id for item in evidence}
    for claim in claims:
        assert claim.evidence_ids
        assert set(claim.evidence_ids) <= ids
    assert sum(len(claim.text.split()) for claim in claims) <= WORDS
    assert len({claim.text for claim in claims}) == len(claims)


def test_no_evidence_no_claims(demo_library: Library) -> None:
    assert ExtractiveEngine().write(make_plan("How fast is FuseMax?", demo_library), (), demo_library) == ()
