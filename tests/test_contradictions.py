"""Papers that disagree: found where they do, and only there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.answer import answer
from agent.app import make_grounder
from agent.engines.extractive import ExtractiveEngine
from agent.findings import findings, named_in
from agent.render.answer import terminal
from agent.render.answer_markdown import markdown
from agent.render.documents import answer_document
from agent.render.terminal import Look
from agent.stances import KEPT, LOST, stances
from store.chunk import sentences
from store.library import Library
from store.types import Paper

NAMES = ("Zephyrus", "Kestrel")


@pytest.mark.parametrize(
    ("text", "own", "says"),
    [
        ("Zephyrus outperforms Kestrel on long inputs.", None, [("Zephyrus", "Kestrel", 1)]),
        ("It is faster than Kestrel.", "Zephyrus", [("Zephyrus", "Kestrel", 1)]),
        ("Kestrel is slower than Zephyrus.", None, [("Kestrel", "Zephyrus", -1)]),
        ("Our method surpasses Zephyrus and Kestrel.", "Kestrel", [("Kestrel", "Zephyrus", 1)]),
        ("Kestrel is not faster than Zephyrus.", None, []),
        ("Zephyrus is fast; other methods outperform Kestrel.", None, []),
        ("Zephyrus preserves the quality of the output.", None, [("Zephyrus", KEPT, 0)]),
        ("Zephyrus runs without any loss of accuracy.", None, [("Zephyrus", KEPT, 0)]),
        ("Generation quality does not suffer.", "Zephyrus", [("Zephyrus", KEPT, 0)]),
        ("Zephyrus degrades the quality of long texts.", None, [("Zephyrus", LOST, 0)]),
        ("Zephyrus loses accuracy on long texts.", None, [("Zephyrus", LOST, 0)]),
        ("Zephyrus may degrade quality.", None, []),
        ("Zephyrus reaches performance comparable to full training.", None, [("Zephyrus", KEPT, 0)]),
        ("It achieves comparable performance to full training.", "Zephyrus", [("Zephyrus", KEPT, 0)]),
        ("Zephyrus still shows significant performance drops.", None, [("Zephyrus", LOST, 0)]),
        ("(1) Zephyrus is lossless, (2) others lose accuracy.", None, []),
        ("A zephyrus of air loses quality.", None, []),
        ("Zephyrus has a negligible accuracy drop.", None, []),
        ("Unlike Zephyrus, we present a scheduler.", "Kestrel", []),
    ],
)
def test_stances(text: str, own: str | None, says: list[tuple[str, str, int]]) -> None:
    assert [(s.subject, s.other, s.sign) for s in stances(text, NAMES, own)] == says


def test_a_finding_says_what_was_measured_of_what_against_what_and_where() -> None:
    paper = Paper("p1", "Zephyrus: A cache", "On LongBench, Zephyrus is 2.5x faster than Kestrel. It needs 12 GB.")
    first, second = (f for s in sentences(paper) for f in findings(paper, s))
    assert (first.aspect, first.subject, first.baseline, first.condition) == (
        "speed",
        "Zephyrus",
        "Kestrel",
        "LongBench",
    )
    assert (second.aspect, second.subject, second.baseline, second.condition) == ("memory", "Zephyrus", None, None)


def test_names_have_roles() -> None:
    found = named_in("Compared with FlashAttn and SparQ, TurboKV is faster on LLaMA-7B.")
    assert [(n.name, n.role) for n in found] == [
        ("FlashAttn", "baseline"),
        ("SparQ", "baseline"),
        ("TurboKV", "subject"),
        ("LLaMA-7B", "condition"),
    ]


def library(folder: Path, *abstracts: tuple[str, str]) -> Library:
    file = folder / "papers.jsonl"
    lines = [json.dumps({"title": title, "abstract": abstract, "year": 2024}) for title, abstract in abstracts]
    file.write_text("\n".join(lines), "utf-8")
    opened = Library.open(folder / "library", create=True)
    opened.add([file])
    return opened


ZEPHYRUS = "Zephyrus: A cache for long prompts"
KESTREL = "Kestrel: Draft trees for decoding"
STUDY = "A study of caches"
INTRO_Z = "Zephyrus is a cache that keeps the keys of long prompts. "
INTRO_K = "Kestrel drafts trees of tokens for decoding. "
QUESTION = "How do Zephyrus and Kestrel compare in speed, performance and quality?"

DISAGREE = [
    (
        INTRO_Z + "Zephyrus is 4.0x faster than vLLM on LongBench.",
        "We test caches again. On LongBench, Zephyrus is 1.3x faster than vLLM.",
        ("Zephyrus", "speed", "“4.0x” against “1.3x”"),
    ),
    (
        INTRO_Z + "Zephyrus preserves the quality of the output.",
        "We test caches again. Zephyrus degrades output quality on long texts.",
        ("Zephyrus", "quality", "kept in one, lost in the other"),
    ),
    (
        INTRO_Z + "Zephyrus is faster than Kestrel.",
        "We test caches again. Kestrel is faster than Zephyrus.",
        ("Zephyrus and Kestrel", "speed", "each comes out ahead once"),
    ),
    (
        INTRO_Z + "Zephyrus achieves comparable performance to full attention.",
        "We test caches again. Zephyrus still exhibits significant performance drops compared to full attention.",
        ("Zephyrus", "performance", "kept in one, lost in the other"),
    ),
]
AGREE = [
    (
        INTRO_Z + "Zephyrus is 4.0x faster than vLLM on LongBench.",
        "On LongBench, Zephyrus is up to 4.2x faster than vLLM.",
    ),
    (INTRO_Z + "Zephyrus is 4.0x faster than vLLM on LongBench.", "On RULER, Zephyrus is 1.3x faster than vLLM."),
    (INTRO_Z + "Zephyrus is 4.0x faster than vLLM on LongBench.", "On LongBench, Zephyrus is 1.3x faster than SGLang."),
    (INTRO_Z + "Zephyrus reaches 81% accuracy on GLUE.", "On GLUE, Zephyrus raises accuracy by 2%."),
    (INTRO_Z + "Zephyrus preserves quality.", "Zephyrus loses a negligible amount of quality."),
    (INTRO_Z + "Zephyrus preserves quality.", "Zephyrus is slow. Eviction degrades output quality."),
    (INTRO_Z + "Zephyrus is faster than Kestrel.", "Kestrel outperforms Zephyrus."),
]


@pytest.mark.parametrize(("first", "second", "expected"), DISAGREE)
def test_what_two_papers_disagree_on_is_shown_with_both_quotes(
    tmp_path: Path, first: str, second: str, expected: tuple[str, str, str]
) -> None:
    with library(tmp_path, (ZEPHYRUS, first), (KESTREL, INTRO_K + "Kestrel is 2x faster."), (STUDY, second)) as opened:
        found = answer(QUESTION, opened, ExtractiveEngine(), make_grounder(opened), clock=lambda: 0.0)
        (pair,) = found.contradictions
        assert (pair.subject, pair.aspect, pair.why) == expected
        for citation in (pair.first, pair.second):
            assert opened.paper(citation.paper_id).abstract[citation.start : citation.end] == citation.quote
            assert citation.key in {source.key for source in found.sources}
    assert {pair.first.title, pair.second.title} == {ZEPHYRUS, STUDY}
    for text in (terminal(found, Look()), markdown(found)):
        assert "Where the papers disagree" in text
    document = answer_document(found)
    assert isinstance(document["contradictions"], list)
    assert len(document["contradictions"]) == 1


@pytest.mark.parametrize(("first", "second"), AGREE)
def test_what_can_both_be_true_is_no_contradiction(tmp_path: Path, first: str, second: str) -> None:
    with library(tmp_path, (ZEPHYRUS, first), (KESTREL, INTRO_K + "Kestrel is 2x faster."), (STUDY, second)) as opened:
        found = answer(QUESTION, opened, ExtractiveEngine(), make_grounder(opened))
    assert found.contradictions == ()
    assert "contradictions" not in answer_document(found)


def test_one_paper_alone_never_disagrees(demo_library: Library) -> None:
    question = "How do Falcon, SpecTr and Judge Decoding compare in speed and quality?"
    assert answer(question, demo_library, ExtractiveEngine(), make_grounder(demo_library)).contradictions == ()
