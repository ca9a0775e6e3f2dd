"""The entailment layer: the model we ship, and how the check uses one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.errors import CheckUnavailable
from agent.ground import Grounder, Item
from agent.ground.entail import FOLDER, BundledEntailment, Pair, Scores, _joined, masked
from agent.ground.own import nameless
from agent.types import Label, Outcome
from evals.entailment.train import pair_ids
from store.embed.bundled import BundledEmbedder
from store.onnx_model import OnnxModel
from store.types import Paper

PAPER = Paper(
    "p1",
    "Burrow: caches that hibernate",
    "Serving long prompts fills the memory of accelerators with caches that wait. "
    "Burrow moves idle caches to host memory and brings them back before they are needed. "
    "On four workloads it cuts accelerator memory by 38% and adds 3 ms to the first token. "
    "Burrow needs no change to the model.",
)
TRUE = Pair(PAPER.abstract, "Idle caches are kept in host memory by Burrow until they are wanted again.")
UNSAID = Pair(PAPER.abstract, "Burrow was tested on phones.")
FALSE = Pair(PAPER.abstract, "Burrow only works once the model itself has been altered.")


class Told:
    """An entailment model that says what it is told, and remembers what it was asked."""

    name = "told"

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self.asked: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> tuple[Scores, ...]:
        self.asked += pairs
        return tuple(self._scores for _ in pairs)


@pytest.fixture(scope="module")
def bundled() -> BundledEntailment:
    return BundledEntailment()


def test_scores_sum_to_one_and_do_not_depend_on_neighbours(bundled: BundledEntailment) -> None:
    together = bundled.score([TRUE, FALSE, TRUE])
    assert together == (*bundled.score([TRUE]), *bundled.score([FALSE]), *bundled.score([TRUE]))
    for scores in together:
        assert scores.entail + scores.contradict + scores.neutral == pytest.approx(1, abs=0.001)


def test_scores_do_not_depend_on_the_cores_that_share_a_pair(bundled: BundledEntailment) -> None:
    pairs = [TRUE, FALSE, UNSAID, Pair(PAPER.abstract * 3, TRUE.claim)]
    together = bundled.score(pairs)
    for _ in range(5):
        assert tuple(bundled.score([pair])[0] for pair in pairs) == together


def test_the_model_tells_what_is_said_from_what_is_not(bundled: BundledEntailment) -> None:
    true, unsaid = bundled.score([TRUE, UNSAID])
    assert true.entail > unsaid.entail
    assert unsaid.neutral > max(unsaid.entail, unsaid.contradict, true.neutral)


@pytest.mark.xfail(reason="the model takes both for about as likely; other layers catch what words can catch")
def test_the_model_tells_a_true_paraphrase_from_a_denial(bundled: BundledEntailment) -> None:
    true, false = bundled.score([TRUE, FALSE])
    assert true.entail > false.entail + 0.1
    assert false.contradict > true.contradict


@pytest.mark.parametrize(
    ("claim", "premise", "seen"),
    [
        ("cuts 38% in 3 ms", "in 3.0 ms, 38% less", ("cuts 1% in 2 ms", "in 2 ms, 1% less")),
        ("1,024 tokens and 6.7x", "1024 tokens and 7x", ("1 tokens and 0x", "1 tokens and 0x")),
        ("M-2 beats M-3", "M-3 beats M-2", ("M-1 beats M-2", "M-2 beats M-1")),
        ("no figure", "no figure", ("no figure", "no figure")),
    ],
)
def test_numbers_become_signs_of_what_is_shared(claim: str, premise: str, seen: tuple[str, str]) -> None:
    pair = masked(Pair(premise, claim))
    assert (pair.claim, pair.premise) == seen


def test_the_model_does_not_see_which_number_it_is(bundled: BundledEntailment) -> None:
    pairs = [Pair(PAPER.abstract, f"Burrow cuts accelerator memory by {n}%.") for n in (83, 84.5, "1,234")]
    assert len(set(bundled.score(pairs))) == 1


@pytest.mark.parametrize("text", ["", "\ud800", "x" * 50_000, "<script>", "\u202e\x1b[2J"])
def test_any_text_gets_scores(bundled: BundledEntailment, text: str) -> None:
    assert len(bundled.score([Pair(text, text or "a"), Pair("a", text)])) == 2


def test_a_damaged_model_fails_the_check_and_refutes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    (folder / "model.onnx").write_bytes(b"not a model")
    broken = BundledEntailment(folder)
    with pytest.raises(CheckUnavailable, match="not the file shipped"):
        broken.score([TRUE])
    verdict = Grounder(None, entailment=broken).check(TRUE.claim, [PAPER])
    assert verdict.label is Label.CHECK_FAILED
    assert [c.outcome for c in verdict.checks if c.name == "alignment"] == [Outcome.SKIP]


def test_a_model_is_asked_only_where_the_exact_layers_leave_a_claim_open() -> None:
    told = Told(Scores(0.9, 0.05, 0.05))
    claims = [
        "Burrow needs no change to the model.",  # the source's own words
        "On four workloads it cuts accelerator memory by 83% and adds 3 ms to the first token.",  # another number
        TRUE.claim,
    ]
    verdicts = Grounder(None, entailment=told).check_many([Item(claim, (PAPER,)) for claim in claims])
    assert [pair.claim for pair in told.asked] == [TRUE.claim]
    assert [v.label for v in verdicts[:2]] == [Label.SUPPORTED, Label.CONTRADICTED]


def test_what_the_model_says_moves_the_verdict() -> None:
    said = {}
    for name, scores in {"yes": Scores(0.97, 0.02, 0.01), "no": Scores(0.01, 0.98, 0.01)}.items():
        verdict = Grounder(None, entailment=Told(scores)).check(TRUE.claim, [PAPER])
        said[name] = verdict
        (check,) = [c for c in verdict.checks if c.name == "entailment"]
        assert "entailment model" in check.detail
    assert said["yes"].label is Label.SUPPORTED
    assert said["no"].label is not Label.SUPPORTED


def test_a_model_cannot_make_a_wrong_number_right() -> None:
    told = Told(Scores(1.0, 0.0, 0.0))
    claim = "With Burrow, accelerators need 83% less memory on four workloads."
    assert Grounder(None, entailment=told).check(claim, [PAPER]).label is Label.CONTRADICTED


@pytest.mark.parametrize(
    "claim", ["Burrow cures migraine in most patients.", "Burrow was written by a committee of poets."]
)
def test_the_name_alone_makes_no_claim_near(claim: str) -> None:
    verdict = Grounder(BundledEmbedder(), entailment=Told(Scores(0.9, 0.05, 0.05))).check(claim, [PAPER])
    assert verdict.label is Label.NOT_ENOUGH_INFO
    assert any("but for the name" in c.detail for c in verdict.checks if c.outcome is Outcome.FAIL)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("Burrow cures migraine.", "the method cures migraine."),
        ("BURROW and Burrow-2 differ.", "the method and Burrow-2 differ."),
        ("Caches hibernate.", "Caches hibernate."),
    ],
)
def test_nameless(claim: str, said: str) -> None:
    assert nameless(claim, PAPER.title, PAPER.abstract) == said


@pytest.mark.parametrize(("said", "label"), [("billion", Label.SUPPORTED), ("million", Label.CONTRADICTED)])
def test_a_million_is_no_billion(said: str, label: Label) -> None:
    paper = Paper("p2", "Offloading", "Models of over 13 billion parameters can be trained on a single GPU.")
    claim = f"On one GPU, models of over 13 {said} parameters can be trained."
    assert Grounder(None, entailment=Told(Scores(0.9, 0.05, 0.05))).check(claim, [paper]).label is label


@pytest.mark.parametrize("pair", [TRUE, FALSE, Pair("long " * 400, "claim " * 200), Pair("", "a")])
def test_a_pair_is_put_together_as_it_was_trained(pair: Pair) -> None:
    """Training runs in an environment without the project, and so has this piece of its own."""
    tokenizer = OnnxModel(FOLDER, "model").tokenizer
    claim, premise = (tokenizer.encode(text, add_special_tokens=False).ids for text in (pair.claim, pair.premise))
    assert tuple(_joined(claim, premise)) == pair_ids(tokenizer, pair.claim, pair.premise)


def test_where_no_claim_is_open_no_model_is_asked() -> None:
    class Never:
        name = "never"

        def score(self, pairs: Sequence[Pair]) -> tuple[Scores, ...]:
            raise AssertionError("asked")

    own = "Burrow needs no change to the model."
    wrong = "On four workloads it cuts accelerator memory by 83% and adds 3 ms to the first token."
    verdicts = Grounder(None, entailment=Never()).check_many([Item(own, (PAPER,)), Item(wrong, (PAPER,))])
    assert [v.label for v in verdicts] == [Label.SUPPORTED, Label.CONTRADICTED]


@pytest.mark.parametrize(
    ("claim", "check", "label"),
    [
        ("Burrow cuts accelerator memory by 83% on four workloads.", "numbers", Label.CONTRADICTED),
        ("WarrenKV moves idle caches to host memory.", "names", Label.NOT_ENOUGH_INFO),
    ],
)
def test_a_sure_model_outweighs_no_wrong_name_or_number(claim: str, check: str, label: Label) -> None:
    verdict = Grounder(None, entailment=Told(Scores(0.98, 0.01, 0.01))).check(claim, [PAPER])
    assert verdict.label is label
    assert check in {c.name for c in verdict.checks if c.outcome is Outcome.FAIL}


def test_halves_of_two_papers_stay_refused_whatever_the_model_says() -> None:
    other = Paper("p2", "Tides from buoys", "Tides are forecast from buoys, and the forecast errors fall by 12 cm.")
    claim = "Burrow moves idle caches to host memory and the forecast errors fall by 12 cm."
    verdict = Grounder(None, entailment=Told(Scores(0.98, 0.01, 0.01))).check(claim, [PAPER, other])
    assert verdict.label is Label.NOT_ENOUGH_INFO
    assert "wording" in {c.name for c in verdict.checks if c.outcome is Outcome.FAIL}


NEAR = Paper(
    "p3",
    "Sluice: sampling that looks ahead",
    "Sluice picks tokens by looking two steps ahead. Accuracy on long reasoning tasks does not degrade. "
    "In experiments it outperforms GateNet in planning and in language modelling.",
)


@pytest.mark.parametrize(
    ("claim", "check"),
    [
        ("Accuracy on long reasoning tasks degrades with Sluice.", "polarity"),
        ("GateNet outperforms Sluice in planning and in language modelling.", "comparison"),
        ("On reasoning tasks that are long, Sluice's accuracy degrades a little.", "polarity"),
    ],
)
def test_no_model_outweighs_a_flat_denial_or_a_suspicion_in_what_is_nearly_a_copy(claim: str, check: str) -> None:
    verdict = Grounder(None, entailment=Told(Scores(0.98, 0.01, 0.01))).check(claim, [NEAR])
    assert verdict.label is Label.CONTRADICTED
    assert check in {c.name for c in verdict.checks if c.outcome is Outcome.FAIL}


def test_a_denial_is_read_against_the_line_that_says_it_though_another_has_the_name() -> None:
    paper = Paper(
        "p4",
        "Sluice: sampling that looks ahead",
        "Sluice is a fast sampler for the long answers of language models. No further training is required.",
    )
    checked = Grounder(BundledEmbedder(), entailment=Told(Scores(0.5, 0.4, 0.1)))
    assert checked.check("Sluice requires further training.", [paper]).label is Label.CONTRADICTED
    assert checked.check("Sluice requires no further training.", [paper]).label is Label.SUPPORTED


def test_a_sure_model_outweighs_a_suspicion_told_in_other_words() -> None:
    claim = "Whoever adopts the scheme can go on with every network untouched."
    sure = Grounder(None, entailment=Told(Scores(0.98, 0.01, 0.01))).check(claim, [PAPER])
    unsure = Grounder(None, entailment=Told(Scores(0.3, 0.4, 0.3))).check(claim, [PAPER])
    scope = {c.name: c for c in sure.checks}["scope"]
    assert scope.outcome is Outcome.PASS
    assert "outweighed" in scope.detail
    assert unsure.label is Label.NOT_ENOUGH_INFO
