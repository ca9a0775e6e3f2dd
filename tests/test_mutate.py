"""Mutants: deterministic, truly different, one change of the class they claim."""

from __future__ import annotations

from random import Random

import pytest

from evals.edits import EDITS, REWRITES, Material, names_in, numbers_in
from evals.mutate import FALSE_CLASSES, TRUE_CLASSES, Mutant, Text, mutants
from store.chunk import sentences
from store.types import Paper

PAPERS = [
    Paper(
        "p1",
        "QuickHash: Hash Tables for Sparse Attention",
        "QuickHash outperforms SlowTable by 6.7× on the ZooBench suite. It often needs up to 12 GB of memory. "
        "The method does not require any retraining of the underlying model, which makes it easy to deploy. "
        "Notably, throughput is higher by 22% while the accuracy of the large model stays the same in most cases.",
    ),
    Paper(
        "p2",
        "GlassFlow: Gentle Annealing of Telescope Mirrors",
        "GlassFlow reduces the annealing time of borosilicate mirrors from 40 days to 9 days without cracks. "
        "Furnace gradients are controlled by infrared cameras, resulting in surface errors below 15 nm for segments. "
        "Observers at three mountain stations may reuse segments that earlier campaigns had discarded as unusable.",
    ),
    Paper(
        "p3",
        "Counting Seabirds with Drones",
        "BirdSum counts 1,200 puffins an hour by drone, while ground crews with binoculars count fewer seabirds daily. "
        "Colonies on northern cliffs were surveyed twice every summer, achieving agreement with ringing records. "
        "Estimates improved when flights avoided wind above 30 knots during late breeding weeks.",
    ),
]
TEXTS = [Text(paper, sentences(paper)) for paper in PAPERS]


def _material(sentence: str, paper_text: str = "") -> Material:
    return Material(sentence, f"{sentence} {paper_text}", ("GlassFlow", "BirdSum"))


@pytest.mark.parametrize(
    ("kind", "sentence", "expected"),
    [
        ("unit", "It takes 20 ms a token.", "It takes 20 s a token."),
        ("unit", "A 6.7× speedup.", "A 6.7% speedup."),
        ("unit", "Trained on 7B parameters.", "Trained on 7M parameters."),
        ("direction", "It is faster on phones.", "It is slower on phones."),
        ("direction", "A 12x memory reduction.", "A 12x memory rise."),
        ("swap", "FooNet outperforms BarNet on ImageNet.", "BarNet outperforms FooNet on ImageNet."),
        ("swap", "FooNet achieves a 6.7x speedup over BarNet.", "BarNet achieves a 6.7x speedup over FooNet."),
        ("negation", "It does not require training.", "It does require training."),
        ("negation", "It works without labels.", "It works with labels."),
        ("negation", "The method achieves parity.", "The method does not achieve parity."),
        ("negation", "This is the case.", "This is not the case."),
        ("scope", "It saves up to 3x.", "It saves at least 3x."),
        ("scope", "It wins on several benchmarks.", "It wins on all benchmarks."),
        ("scope", "It may help.", "It will always help."),
    ],
)
def test_one_edit(kind: str, sentence: str, expected: str) -> None:
    assert EDITS[kind](_material(sentence), Random(1)) == expected


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("number", "1) For tuning, we do this."),
        ("number", "A 3D model of Step-3."),
        ("unit", "Nothing is measured here."),
        ("direction", "The lower-level variable."),
        ("direction", "This helps to better understand it."),
        ("swap", "FooNet is comparable, compared to BarNet."),
        ("swap", "FooNet is faster than real-time on one NVIDIA card."),
        ("swap", "Ours outperforms BarNet."),
        ("negation", "It is not only fast but small."),
        ("negation", "We ask whether it is fast."),
        ("name", "Nothing has a name here."),
        ("scope", "It saves 3x."),
    ],
)
def test_no_handle_no_mutant(kind: str, sentence: str) -> None:
    assert EDITS[kind](_material(sentence), Random(1)) is None


@pytest.mark.parametrize("seed", range(20))
def test_a_changed_number_is_nowhere_in_the_paper(seed: int) -> None:
    material = _material("It is 40% faster with 1,200 samples.", "Others are 16%, 24%, 56% and 68% faster.")
    changed = EDITS["number"](material, Random(seed))
    assert changed is not None
    fresh = numbers_in(changed) - numbers_in(material.sentence)
    assert len(fresh) == 1
    assert not fresh & numbers_in(material.paper_text)


def test_a_share_stays_a_share() -> None:
    for seed in range(20):
        changed = EDITS["number"](_material("Accuracy is 93.7%."), Random(seed))
        assert changed is None or max(numbers_in(changed)) <= 100


def test_a_fresh_name_is_not_of_the_paper() -> None:
    material = _material("FooNet wins.", "It builds on GlassFlow.")
    assert EDITS["name"](material, Random(1)) == "BirdSum wins."


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It is 6.7x faster.", "It is 6.7 times faster."),
        ("It saves 22%.", "It saves 22 percent."),
        ("Notably, it works.", "It works."),
    ],
)
def test_rewrites_keep_the_meaning(sentence: str, expected: str) -> None:
    assert REWRITES["rewritten"](_material(sentence), Random(1)) == expected


def test_names_and_numbers() -> None:
    assert names_in("We run LLaMA-7B, GPT4 and FooNet on GPUs and a Dog.") == ["LLaMA-7B", "GPT4", "FooNet"]
    assert numbers_in("1,200 birds, 6.7x, 3D, GPT-4, 2nd, 1) and 22%.") == {1200.0, 6.7, 22.0}


def test_the_same_seed_gives_the_same_mutants() -> None:
    assert mutants(TEXTS, 5, 7) == mutants(TEXTS[::-1], 5, 7)
    assert mutants(TEXTS, 5, 7) != mutants(TEXTS, 5, 8)


def _made() -> tuple[Mutant, ...]:
    return mutants(TEXTS, 20, 3)


def test_every_class_occurs_and_ids_are_unique() -> None:
    made = _made()
    assert {m.kind for m in made} == {*TRUE_CLASSES, *FALSE_CLASSES}
    assert len({m.mutant_id for m in made}) == len(made)


def test_true_ones_cite_their_own_paper_and_false_ones_differ() -> None:
    by_id = {paper.paper_id: paper for paper in PAPERS}
    for mutant in _made():
        if mutant.kind == "verbatim":
            assert mutant.claim in by_id[mutant.paper_ids[0]].abstract
        if mutant.kind == "citation":
            assert mutant.claim == mutant.original
            assert mutant.original not in by_id[mutant.paper_ids[0]].abstract
        if mutant.kind == "joined":
            first, second = mutant.claim.split("; ")
            assert f"{first}." in by_id[mutant.paper_ids[0]].abstract
            assert second in by_id[mutant.paper_ids[1]].abstract
        if mutant.kind == "merged":
            assert len(set(mutant.paper_ids)) == 2
        if not mutant.true:
            assert all(mutant.claim not in by_id[paper_id].abstract for paper_id in mutant.paper_ids)


def test_no_more_than_asked_for_a_class() -> None:
    made = mutants(TEXTS, 2, 3)
    assert max(sum(m.kind == kind for m in made) for kind in (*TRUE_CLASSES, *FALSE_CLASSES)) == 2
