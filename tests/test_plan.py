"""Questions to plans: kinds, subjects by name, aspects, parts, what is set aside, follow-ups."""

from __future__ import annotations

import pytest

from agent.aspects import asked_aspects, shows, wants_figures
from agent.errors import BadInput
from agent.names import is_name_like, label_of, name_of_paper, names_in, uses_of
from agent.plan import MAX_QUESTION, checked_question, make_plan
from agent.types import Aspect, QuestionKind
from agent.words import StemFinder, content_stems
from store.library import Library
from store.types import Paper


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How do FuseMax and FlashAttention compare in speed?", QuestionKind.COMPARISON),
        ("Is Falcon faster than Judge Decoding?", QuestionKind.COMPARISON),
        ("How much faster is FuseMax on attention?", QuestionKind.FACT),
        ("Does CacheBlend lower generation quality?", QuestionKind.YES_NO),
        ("Which methods shrink the key-value cache, and how much is saved?", QuestionKind.SURVEY),
        ("What speed-ups have been reported for diffusion sampling?", QuestionKind.SURVEY),
        ("When weights are moved to flash, what is the gain in speed?", QuestionKind.FACT),
        ("How long does it take to draw a sample?", QuestionKind.FACT),
    ],
)
def test_kinds(demo_library: Library, question: str, kind: QuestionKind) -> None:
    assert make_plan(question, demo_library).kind is kind


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How does Sparse MeZO improve on plain MeZO?", ("Sparse MeZO", "MeZO")),
        ("How large is FuseMax's advantage over FLAT?", ("FuseMax", "FLAT")),
        ("On the Long Range Arena, how good is S5-PTD?", ("Long Range Arena", "S5-PTD")),
        ("What MMLU score does Gemini 2.5 Pro reach?", ("MMLU", "Gemini 2.5 Pro")),
        ("What is pruning?", ()),
    ],
)
def test_names_in_a_question(question: str, names: tuple[str, ...]) -> None:
    assert tuple(name.removeprefix("\0") for name in names_in(question)) == names


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("FuseMax", True),
        ("FLAT", True),
        ("S5-PTD", True),
        ("Llama-3.1", True),
        ("Vision", False),
        ("27x", False),
        ("GPU", True),
        ("10th", False),
    ],
)
def test_words_that_are_names_by_their_letters(word: str, named: bool) -> None:
    assert is_name_like(word) is named


def paper(title: str, abstract: str, paper_id: str = "p1") -> Paper:
    return Paper(paper_id, title, abstract)


def test_a_paper_that_proposes_a_name_introduces_it_and_one_that_compares_does_not() -> None:
    own = paper(
        "Tuning with forward passes", "In this work, we propose a lean optimizer (TinyZO). TinyZO is fast.", "p1"
    )
    other = paper("GreatZO: tuning again", "We propose GreatZO. It outperforms TinyZO by 5%.", "p2")
    uses = uses_of("TinyZO", [other, own])
    assert [use.paper_id for use in uses] == ["p1", "p2"]
    assert [use.introduces for use in uses] == [True, False]


def test_a_longer_name_is_another_name() -> None:
    later = paper("Fast-v3: a better solver", "We present Fast-v3, after Fast.", "p3")
    first = paper("Fast: a solver", "We present Fast, a solver.", "p4")
    assert uses_of("Fast", [later, first])[0].paper_id == "p4"


def test_separators_of_a_name_do_not_matter_but_its_capitals_do() -> None:
    text = paper("A study", "We test DeepSeek-V3 on a flat surface.")
    assert uses_of("DeepSeek V3", [text])
    assert not uses_of("FLAT", [text])


def test_labels_come_from_the_title_or_the_abstract() -> None:
    assert name_of_paper(paper("FuseMax: Leveraging Einsums", "")) == "FuseMax"
    assert name_of_paper(paper("A long motto about attention in general: what we learn", "")) is None
    assert (
        label_of(paper("On passes", "We call it TwoPass, or rather, we propose TwoPass. TwoPass is quick."))
        == "TwoPass"
    )
    assert label_of(paper("On passes", "KVThing shrinks caches.")) == "KVThing"
    assert label_of(paper("On passes", "It shrinks caches.")) is None


def test_subjects_and_what_the_library_does_not_know(demo_library: Library) -> None:
    plan = make_plan("How does FuseMax compare with Zorblax?", demo_library)
    known, unknown = plan.subjects
    assert known.introduced
    assert demo_library.paper(known.paper_ids[0]).title.startswith("FuseMax")
    assert (unknown.name, unknown.paper_ids) == ("Zorblax", ())


def test_names_in_a_question_written_all_small(demo_library: Library) -> None:
    plan = make_plan("how does prodiff compare with comospeech?", demo_library)
    assert sorted(subject.name for subject in plan.subjects) == ["CoMoSpeech", "ProDiff"]


def test_a_question_that_names_every_part(demo_library: Library) -> None:
    plan = make_plan("How much energy does FuseMax use, and how fast is it?", demo_library)
    assert [aspect.name for aspect in plan.aspects] == ["energy", "speed"]
    assert plan.queries == (plan.question, "How much energy does FuseMax use", "how fast is it")


def test_what_a_question_sets_aside_is_no_part_of_its_topic(demo_library: Library) -> None:
    plan = make_plan("Leaving speculative decoding aside, how can language models be made faster?", demo_library)
    assert plan.excluded == ("speculative decoding",)
    assert "speculative" not in plan.queries[0]


def test_a_follow_up_takes_the_subjects_of_the_turn_before(demo_library: Library) -> None:
    first = make_plan("How fast is FuseMax?", demo_library)
    then = make_plan("and on energy?", demo_library, previous=first)
    assert [subject.name for subject in then.subjects] == ["FuseMax"]
    assert [aspect.name for aspect in then.aspects] == ["energy"]
    assert "FuseMax" in then.queries[0]


def test_a_new_question_leans_on_nothing(demo_library: Library) -> None:
    first = make_plan("How fast is FuseMax?", demo_library)
    then = make_plan("How much memory does ZO2 need?", demo_library, previous=first)
    assert [subject.name for subject in then.subjects] == ["ZO2"]


@pytest.mark.parametrize("bad", ["", "   ", "?!", "\x1b\x07", "x " * MAX_QUESTION])
def test_unusable_questions(bad: str) -> None:
    with pytest.raises(BadInput):
        checked_question(bad)


def test_control_characters_become_spaces() -> None:
    assert checked_question("how\x1b fast\nis it?") == "how fast is it?"


def test_aspects() -> None:
    assert [a.name for a in asked_aspects("What latency and what BLEU do they reach?")] == ["speed", "accuracy"]
    assert shows(Aspect("memory", ("memory", "GB")), "It needs 18GB.")
    assert not shows(Aspect("memory", ("memory",)), "It is fast.")
    assert wants_figures("How much faster is it?")
    assert not wants_figures("Who made it?")


def test_stems() -> None:
    assert content_stems("How are the optimised kernels used?") == content_stems("optimized kernel")
    assert StemFinder(["kernel", "easi"])("Kernels are easy to write") == {"kernel", "easi"}
    assert StemFinder([])("anything") == frozenset()
