"""Metrics against worked examples, and against ir_measures on random rankings."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.types import CheckedSentence, Citation, Label, Verdict
from evals.metrics import answers, labels, retrieval
from evals.metrics.citations import citation_counts, entails_with
from evals.metrics.metric import mean, ratio
from store.types import Paper, Span

GRADES = {"a": 2, "b": 1, "c": 0}


@pytest.mark.parametrize(
    ("ranking", "k", "expected"),  # nDCG, recall, reciprocal rank, success
    [
        (["a", "b"], 10, (1.0, 1.0, 1.0, 1.0)),
        (["b", "a"], 10, ((1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)), 1.0, 1.0, 1.0)),
        (["c", "x", "a"], 10, ((2 / 2) / (2 + 1 / math.log2(3)), 0.5, 1 / 3, 1.0)),
        (["c", "x", "a"], 2, (0.0, 0.0, 0.0, 0.0)),
        ([], 10, (0.0, 0.0, 0.0, 0.0)),
        (["b", "a"], 1, (0.5, 0.5, 1.0, 1.0)),
    ],
)
def test_retrieval_by_hand(ranking: list[str], k: int, expected: tuple[float, ...]) -> None:
    measures = (retrieval.ndcg, retrieval.recall, retrieval.reciprocal_rank, retrieval.success)
    assert tuple(measure(ranking, GRADES, k) for measure in measures) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [retrieval.ndcg, retrieval.recall, retrieval.reciprocal_rank, retrieval.success])
def test_retrieval_without_a_relevant_document_is_undefined(measure: object) -> None:
    with pytest.raises(ValueError, match="relevant"):
        measure(["a"], {"a": 0}, 10)  # type: ignore[operator]


DOCUMENTS = [f"d{i:02}" for i in range(30)]


@settings(max_examples=60, deadline=None)
@given(
    ranking=st.permutations(DOCUMENTS).flatmap(lambda p: st.integers(0, 30).map(lambda n: p[:n])),
    grades=st.dictionaries(st.sampled_from(DOCUMENTS), st.integers(0, 3), min_size=1).filter(
        lambda g: any(v > 0 for v in g.values())
    ),
    k=st.sampled_from([1, 3, 10, 20]),
)
def test_retrieval_agrees_with_ir_measures(ranking: list[str], grades: dict[str, int], k: int) -> None:
    scores = {item: float(len(ranking) - index) for index, item in enumerate(ranking)}
    measures = [ir_measures.nDCG @ k, ir_measures.R @ k, ir_measures.RR @ k, ir_measures.Success @ k]
    # A query without a retrieved document is left out by some providers; one document judged nowhere stands in.
    run = {"q": scores or {"unjudged": 1.0}}
    theirs = ir_measures.calc_aggregate(measures, {"q": grades}, run)
    ours = [
        retrieval.ndcg(ranking, grades, k),
        retrieval.recall(ranking, grades, k),
        retrieval.reciprocal_rank(ranking, grades, k),
        retrieval.success(ranking, grades, k),
    ]
    assert ours == pytest.approx([theirs[measure] for measure in measures], abs=1e-9)


def _summed(pairs: list[tuple[Label, Label]]) -> np.ndarray:
    return np.sum([labels.confusion(gold, said) for gold, said in pairs], axis=0)


S, C, N, X = Label.SUPPORTED, Label.CONTRADICTED, Label.NOT_ENOUGH_INFO, Label.CHECK_FAILED


@pytest.mark.parametrize(
    ("pairs", "accuracy", "balanced", "macro"),
    [
        ([(S, S), (C, C), (N, N)], 1.0, 1.0, 1.0),
        ([(S, S), (S, C), (C, C), (N, C)], 0.5, 0.75, (2 / 3 + 0.5 + 0.0) / 3),
        # Calling a contradicted claim "not enough info" is caught (balanced) but not the right label (accuracy).
        ([(S, S), (C, N)], 0.5, 1.0, 0.5),
        # A check that could not run is right for nobody.
        ([(S, X), (C, X)], 0.0, 0.0, 0.0),
    ],
)
def test_label_scores_by_hand(pairs: list[tuple[Label, Label]], accuracy: float, balanced: float, macro: float) -> None:
    sums = _summed(pairs)
    assert labels.accuracy(sums) == pytest.approx(accuracy)
    assert labels.balanced_accuracy(sums) == pytest.approx(balanced)
    assert labels.macro_f1(sums) == pytest.approx(macro)


def test_balanced_accuracy_needs_both_classes() -> None:
    assert np.isnan(labels.balanced_accuracy(_summed([(S, S), (S, S)])))


def test_f1_of_a_label_that_never_occurs_is_left_out_of_the_mean() -> None:
    assert labels.macro_f1(_summed([(S, S), (C, C)])) == pytest.approx(1.0)


def test_label_scores_are_vectorised() -> None:
    one, two = _summed([(S, S), (C, S)]), _summed([(S, S), (C, C)])
    both = labels.balanced_accuracy(np.stack([one, two]))
    assert both.tolist() == [labels.balanced_accuracy(one), labels.balanced_accuracy(two)] == [0.5, 1.0]


def test_ratio_of_nothing_is_undefined() -> None:
    assert np.isnan(ratio(np.array([0.0, 0.0])))
    assert mean("m", "").finish(np.array([3.0, 4.0])) == 0.75


PAPER = Paper("p1", "Title", "We show that FooNet runs 6.7× faster than Bar. It uses 79% of the energy. It is small.")


def _cite(start: int, end: int, paper: Paper = PAPER) -> Citation:
    return Citation("k", paper.paper_id, paper.title, "x", start, end, paper.abstract[start:end])


def _sentence(text: str, *citations: Citation, label: Label = S) -> CheckedSentence:
    return CheckedSentence(text, Verdict(label, 1.0, (), ()), citations)


def test_paper_counts() -> None:
    assert answers.paper_recall(["p1", "p9"], ["p1", "p2"]) == (1.0, 2.0)
    assert answers.paper_precision(["p1", "p9", "p1"], ["p1", "p2"]) == (1.0, 2.0)
    assert answers.paper_precision([], ["p1"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    "span",
    [
        "FooNet runs 6.7times faster",
        "FooNet runs 6.7 times faster",
        "FooNet runs 6.7× faster",
        "fooNet runs  6.7 × Faster",
        "FooNet\u00a0runs 6.7$\\times$ faster.",
    ],
)
def test_locate_folds_both_sides(span: str) -> None:
    found = answers.locate(PAPER, span)
    assert found is not None
    assert PAPER.abstract[found.start : found.end] == "FooNet runs 6.7× faster"


@pytest.mark.parametrize("span", ["FooNet runs 6.8× faster", "FooNet runs 67× faster than", "", "..."])
def test_locate_says_none(span: str) -> None:
    assert answers.locate(PAPER, span) is None


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        ([(0, 46)], True),
        ([(0, 30)], False),
        ([(0, 25), (25, 46)], True),
        ([], False),
    ],
)
def test_covered_needs_every_letter(quotes: list[tuple[int, int]], expected: bool) -> None:
    fact = Span(13, 45)
    assert answers.covered(PAPER, fact, [_cite(*quote) for quote in quotes]) is expected


def test_a_quote_of_another_paper_covers_nothing() -> None:
    other = Paper("p2", "Other", PAPER.abstract)
    assert not answers.covered(PAPER, Span(13, 45), [_cite(0, 46, other)])


def test_said_asks_the_prose_that_cites_the_paper() -> None:
    fact = Span(13, 45)
    assert answers.said(PAPER, fact, [_sentence("FooNet runs 6.7× faster than Bar.", _cite(0, 46))])
    assert not answers.said(PAPER, fact, [_sentence("FooNet runs 6.7× faster than Bar.")])
    assert not answers.said(PAPER, fact, [_sentence("It is quick.", _cite(0, 46))])


def test_form_counts() -> None:
    good, bare = _sentence("a b c", _cite(0, 46)), _sentence("d", label=N)
    wrong = Citation("k", "p1", "Title", "x", 0, 5, "other")
    assert answers.uncited([good, bare]) == (1.0, 2.0)
    assert answers.supported([good, bare]) == (1.0, 2.0)
    assert answers.words([good, bare]) == 4
    assert answers.quotes_exact([_cite(0, 46), wrong], {"p1": PAPER}) == (1.0, 2.0)
    assert answers.quotes_exact([_cite(0, 46)], {}) == (0.0, 1.0)


A, B, D = _cite(0, 46), _cite(47, 74), _cite(75, 87)


@pytest.mark.parametrize(
    ("entailing", "cited", "recall", "precision"),
    [
        # One citation that carries the sentence.
        ([{A}], (A,), (1, 1), (1, 1)),
        # Neither alone, both together: each is needed.
        ([{A, B}], (A, B), (1, 1), (2, 2)),
        # A carries it alone, D adds nothing: D is imprecise.
        ([{A}, {A, D}], (A, D), (1, 1), (1, 2)),
        # Not entailed at all: no recall, no precision.
        ([], (A, B), (0, 1), (0, 2)),
        ([], (), (0, 1), (0, 0)),
    ],
)
def test_citation_scores_as_alce_defines_them(
    entailing: list[set[Citation]], cited: tuple[Citation, ...], recall: tuple[int, int], precision: tuple[int, int]
) -> None:
    counts = citation_counts([_sentence("s", *cited)], lambda _, quotes: set(quotes) in entailing)
    assert counts == (recall, precision)


def test_the_premise_is_the_quotes_in_the_order_of_the_paper() -> None:
    premises: list[str] = []

    class Noting:
        def check(self, claim: str, papers: list[Paper]) -> Verdict:
            premises.extend(paper.abstract for paper in papers)
            return Verdict(S, 1.0, (), ())

    entails = entails_with(Noting(), {PAPER.paper_id: PAPER})  # type: ignore[arg-type]  # all that it asks of one
    assert entails("claim", [_cite(47, 74), _cite(0, 46), _cite(47, 74)])
    assert premises == [PAPER.abstract[:74]]
