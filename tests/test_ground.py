"""The check: every layer by table, on a paper written for these tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.ground import Grounder, Item
from agent.types import Label, Outcome, Quote, Verdict
from store.chunk import sentences
from store.embed.fake import HashEmbedder
from store.errors import EmbedderUnavailable
from store.types import EmbedderInfo, Paper, Vectors

ABSTRACT = (
    "Serving long documents is slow because every token attends to all others. "
    "We propose FastLoom, an attention kernel that skips blocks whose scores are small. "
    "Moreover, FastLoom needs no retraining of the model. "
    "On LongBench, FastLoom is 2.5x faster than FlashAttention and 4.1x faster than PageFold. "
    "It reduces memory by 40% and 55% on Llama-7B and Mistral-7B, respectively. "
    "Compared with dense attention, accuracy drops by up to 0.6% on most tasks. "
    "The encoder runs on the CPU, while the decoder runs on the GPU. "
    "Early layers prune tokens at the top of the page."
)
PAPER = Paper("p0", "FastLoom: Sparse Attention for Long Documents", ABSTRACT)
OTHER = Paper(
    "p1",
    "Tidal Forecasts from Buoys",
    "Tides are predicted from buoy data with a gradient-boosted tree. Errors fall by 12 cm in the Baltic Sea.",
)
MISREAD = pytest.mark.xfail(reason="the bundled entailment model takes this true paraphrase for a contradiction")
SUPPORTED, CONTRADICTED, NEI = Label.SUPPORTED, Label.CONTRADICTED, Label.NOT_ENOUGH_INFO


@pytest.fixture(scope="module")
def grounder() -> Grounder:
    return Grounder(None)


def failed(verdict: Verdict) -> set[str]:
    return {c.name for c in verdict.checks if c.outcome is Outcome.FAIL}


@pytest.mark.parametrize("paper", [PAPER, OTHER])
def test_every_sentence_of_the_source_is_supported(grounder: Grounder, paper: Paper) -> None:
    for sentence in sentences(paper):
        verdict = grounder.check(sentence.text, [paper])
        assert verdict.label is SUPPORTED
        assert verdict.evidence[0].quote == sentence.text


@pytest.mark.parametrize(
    "claim",
    [
        "FastLoom needs no retraining of the model.",
        "FastLoom: Moreover, FastLoom needs no retraining of the model.",
        "FastLoom proposes FastLoom, an attention kernel that skips blocks whose scores are small.",
        "FastLoom reduces memory by 40% and 55% on Llama-7B and Mistral-7B, respectively.",
        "The encoder runs on the CPU, while the decoder runs on the GPU.",
    ],
)
def test_light_edits_stay_the_sources_own_words(grounder: Grounder, claim: str) -> None:
    verdict = grounder.check(claim, [PAPER])
    assert verdict.label is SUPPORTED
    assert "quote" in {c.name for c in verdict.checks}


@pytest.mark.parametrize(
    "claim",
    [
        "FastLoom runs two and a half times faster than FlashAttention on LongBench.",
        "On LongBench, FastLoom beats PageFold in speed by 4.1 times.",
        "Memory shrinks by 40% on Llama-7B with FastLoom.",
        "On Llama-7B FastLoom needs only 60% of the memory.",
        "FastLoom cuts memory by more than half on Mistral-7B.",
        "At most 0.6% of accuracy is lost on most tasks.",
        "FastLoom can be used without retraining the model.",
        "FlashAttention is slower than FastLoom on LongBench.",
        pytest.param("The decoder is on the GPU and the encoder on the CPU.", marks=MISREAD),
    ],
)
def test_paraphrases_are_supported(grounder: Grounder, claim: str) -> None:
    verdict = grounder.check(claim, [PAPER])
    assert verdict.label is SUPPORTED, verdict.checks


@pytest.mark.parametrize(
    ("claim", "label", "check"),
    [
        ("FastLoom is 3.5x faster than FlashAttention on LongBench.", CONTRADICTED, "numbers"),
        ("FastLoom reduces memory by 70% on Llama-7B.", CONTRADICTED, "numbers"),
        ("FastLoom reaches 61 FPS on LongBench.", NEI, "numbers"),
        ("FastLoom is 2.5x faster than FlashAttention on an RTX 3090.", NEI, "names"),
        ("SparseQuill needs no retraining of the model.", NEI, "names"),
        ("FastLoom needs retraining of the model.", CONTRADICTED, "polarity"),
        ("FastLoom cannot be used without retraining the model.", CONTRADICTED, "polarity"),
        ("FlashAttention is 2.5x faster than FastLoom on LongBench.", CONTRADICTED, "comparison"),
        ("FastLoom is slower than FlashAttention on LongBench.", CONTRADICTED, "comparison"),
        ("FastLoom is 4.1x faster than FlashAttention and 2.5x faster than PageFold.", CONTRADICTED, "roles"),
        ("Early layers mostly throw away tokens at the bottom of the page.", CONTRADICTED, "polarity"),
        ("Dense attention is beaten on every task.", NEI, "scope"),
        ("Compared with dense attention, accuracy drops by up to 0.6% on all tasks.", NEI, "wording"),
        ("The encoder runs on the GPU, while the decoder runs on the CPU.", CONTRADICTED, "wording"),
        ("Compared with dense attention, accuracy rises by up to 0.6% on most tasks.", CONTRADICTED, "wording"),
    ],
)
def test_faults_are_caught_by_the_layer_that_sees_them(
    grounder: Grounder, claim: str, label: Label, check: str
) -> None:
    verdict = grounder.check(claim, [PAPER])
    assert check in failed(verdict), verdict.checks
    assert verdict.label is label, verdict.checks


def test_a_true_sentence_under_the_wrong_paper_is_not_supported(grounder: Grounder) -> None:
    for sentence in sentences(PAPER)[1:5]:
        assert grounder.check(sentence.text, [OTHER]).label is not SUPPORTED


def test_two_papers_may_carry_one_claim_but_not_halves_of_a_sentence(grounder: Grounder) -> None:
    both = "FastLoom needs no retraining of the model; Errors fall by 12 cm in the Baltic Sea."
    assert grounder.check(both, [PAPER, OTHER]).label is SUPPORTED
    spliced = "The encoder runs on the CPU, while errors fall by 12 cm in the Baltic Sea."
    assert grounder.check(spliced, [PAPER, OTHER]).label is not SUPPORTED


def test_quotes_must_stand_where_they_say(grounder: Grounder) -> None:
    first = sentences(PAPER)[0]
    good = Quote("p0", first.start, first.end, first.text)
    assert grounder.check(first.text, [PAPER], [good]).label is SUPPORTED
    shifted = Quote("p0", first.start + 1, first.end + 1, first.text)
    assert failed(grounder.check(first.text, [PAPER], [shifted])) == {"spans"}
    foreign = Quote("p9", first.start, first.end, first.text)
    assert failed(grounder.check(first.text, [PAPER], [foreign])) == {"ids"}


@pytest.mark.parametrize("claim", ["", "   ", "!?", "the of and"])
def test_an_empty_claim_is_not_supported(grounder: Grounder, claim: str) -> None:
    assert grounder.check(claim, [PAPER]).label is NEI


def test_no_paper_and_no_abstract_are_not_supported(grounder: Grounder) -> None:
    assert failed(grounder.check("FastLoom is fast.", [])) == {"ids"}
    assert grounder.check("FastLoom is fast.", [Paper("p2", "FastLoom", "")]).label is NEI


class _Broken:
    info = EmbedderInfo("broken", 8)

    def embed(self, texts: Sequence[str]) -> Vectors:
        raise EmbedderUnavailable("the endpoint is out of reach; try again later")


def test_a_layer_that_cannot_run_is_neither_support_nor_refutation() -> None:
    verdicts = Grounder(_Broken()).check_many(
        [Item("A reworded statement on kernels.", (PAPER,)), Item(sentences(PAPER)[0].text, (PAPER,))]
    )
    assert verdicts[0].label is Label.CHECK_FAILED
    assert any(c.outcome is Outcome.SKIP and "out of reach" in c.detail for c in verdicts[0].checks)
    assert verdicts[1].label is SUPPORTED  # the source's own words need no embedder


def test_stored_vectors_spare_embedding_the_source() -> None:
    class Counting(HashEmbedder):
        seen = 0

        def embed(self, texts: Sequence[str]) -> Vectors:
            Counting.seen += len(texts)
            return super().embed(texts)

    embedder = Counting()
    stored = HashEmbedder(dimensions=embedder.info.dimensions).embed([s.text for s in sentences(PAPER)])
    grounder = Grounder(embedder, lambda _: np.asarray(stored))
    grounder.check_many([Item("Kernels skip small blocks.", (PAPER,)), Item("Kernels skip small blocks.", (PAPER,))])
    assert Counting.seen == 1


def test_the_same_claims_give_the_same_verdicts_in_any_company(grounder: Grounder) -> None:
    claims = [s.text.replace("FastLoom", "the kernel") for s in sentences(PAPER)]
    together = Grounder(HashEmbedder()).check_many([Item(c, (PAPER,)) for c in claims])
    alone = tuple(Grounder(HashEmbedder()).check(c, [PAPER]) for c in claims)
    assert together == alone


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=160))
def test_any_text_gets_a_verdict_whose_spans_hold(claim: str) -> None:
    verdict = Grounder(None).check(claim, [PAPER])
    assert 0.0 <= verdict.confidence <= 1.0
    for quote in verdict.evidence:
        assert PAPER.abstract[quote.start : quote.end] == quote.quote


def test_damaged_weights_fail_the_check_not_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.ground import verdict

    monkeypatch.setattr(verdict, "CHECKSUM", "0" * 64)
    verdict.load_weights.cache_clear()
    try:
        checked = Grounder(None).check("Kernels that skip blocks are quick.", [PAPER])
    finally:
        verdict.load_weights.cache_clear()
    assert checked.label is Label.CHECK_FAILED
    assert any("not the file that was shipped" in c.detail for c in checked.checks)


BOUND = Paper(
    "p2",
    "LoomVis: One Compiler for Static and Dynamic Scenes",
    "LoomVis reaches up to 4.8x and 2.1x speedup on both NVIDIA and AMD GPUs. "
    "It is over 25-fold smaller for static scenes and over 12-fold smaller for dynamic ones. "
    "Training and inference take 6 and 0.4 hours, respectively. "
    "The decoder reaches scores of 12.2 (5 steps) and 2.5 (10 steps) on Tapestry. "
    "Mask-based pruning is the usual choice for compiled scenes. "
    "Larger models show better sample efficiency. "
    "Instruction tuning benefits both accuracy and speed of rendering. "
    "It avoids handling meshes by hand and using a separate renderer. "
    "Unlike graph-based pruning, which came up only lately, it needs no further training.",
)


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("LoomVis is 4.8 times faster on NVIDIA GPUs and 2.1 times faster on AMD GPUs.", SUPPORTED),
        ("LoomVis is 2.1 times faster on NVIDIA GPUs and 4.8 times faster on AMD GPUs.", CONTRADICTED),
        ("LoomVis shrinks static scenes over 25-fold and dynamic scenes over 12-fold.", SUPPORTED),
        ("LoomVis shrinks static scenes over 12-fold and dynamic scenes over 25-fold.", CONTRADICTED),
        ("Inference with LoomVis takes 0.4 hours and training takes 6 hours.", SUPPORTED),
        ("Inference with LoomVis takes 6 hours and training takes 0.4 hours.", CONTRADICTED),
        ("On Tapestry the decoder scores 2.5 with 5 steps and 12.2 with 10 steps.", CONTRADICTED),
        ("Graph-based pruning is the usual choice for compiled scenes.", CONTRADICTED),
        ("Smaller models show better sample efficiency than larger ones.", CONTRADICTED),
        ("Instruction tuning does not help the accuracy of rendering.", CONTRADICTED),
        ("LoomVis requires a separate renderer.", CONTRADICTED),
        ("LoomVis reaches at least 2.1x speedup on any GPU.", NEI),
        ("LoomVis is always 4.8 times faster on NVIDIA GPUs.", NEI),
    ],
)
def test_values_names_and_scopes_keep_their_places(grounder: Grounder, claim: str, label: Label) -> None:
    assert grounder.check(claim, [BOUND]).label is label
