"""Whole answers: cited, checked, short, the same each time; abstentions that say what is missing."""

from __future__ import annotations

import pytest

from agent.answer import answer
from agent.app import make_grounder
from agent.engines.extractive import ExtractiveEngine
from agent.keys import assign, key_of
from agent.types import Answer, Claim, Evidence, Label, Plan
from store.library import Library
from store.types import Author, Paper, SearchFilter

ANSWERABLE = [
    "How do Falcon, SpecTr and Judge Decoding compare in speed and quality?",
    "How large is FuseMax's advantage over FLAT in run time and energy?",
    "Which methods shrink the key-value cache, and how much is saved?",
    "How much faster is FastSpeech than autoregressive synthesis?",
    "Does CacheBlend lower generation quality?",
    "If a phone lacks the memory for a language model, how large a model can be run from flash?",
]
UNANSWERABLE = [
    "Who won the football World Cup in 1998?",
    "What is the boiling point of ethanol at sea level?",
    "How do penguins stay warm in winter?",
    "How does Muon compare with MeZO?",
    "What perplexity does PowerInfer-2 reach?",
    "How accurate is FuseMax on Cityscapes?",
    "What MMLU score does Gemini 2.5 Pro reach?",
]


def ask(question: str, library: Library, filters: SearchFilter = SearchFilter()) -> Answer:
    return answer(question, library, ExtractiveEngine(), make_grounder(library), filters, clock=lambda: 0.0)


@pytest.mark.parametrize("question", ANSWERABLE)
def test_every_sentence_is_cited_and_supported(demo_library: Library, question: str) -> None:
    found = ask(question, demo_library)
    assert not found.abstained
    assert sum(len(sentence.text.split()) for sentence in found.sentences) <= 220
    for sentence in found.sentences:
        assert sentence.citations
        assert sentence.verdict.label is Label.SUPPORTED
        for citation in sentence.citations:
            assert demo_library.paper(citation.paper_id).abstract[citation.start : citation.end] == citation.quote
    cited = {citation.key for sentence in found.sentences for citation in sentence.citations}
    assert cited <= {source.key for source in found.sources}


@pytest.mark.parametrize("question", UNANSWERABLE)
def test_what_the_library_lacks_is_said(demo_library: Library, question: str) -> None:
    found = ask(question, demo_library)
    assert found.abstained
    assert found.abstention is not None
    assert found.abstention.reason
    assert found.abstention.missing
    assert not found.sentences


def test_a_false_premise_meets_the_sentence_that_contradicts_it(demo_library: Library) -> None:
    found = ask("How much generation quality does CacheBlend give up?", demo_library)
    assert any("does not suffer" in sentence.text for sentence in found.sentences)


def test_an_unknown_name_beside_two_known_ones_is_named_as_missing(demo_library: Library) -> None:
    found = ask("How do ProDiff, CoMoSpeech and Zorblax compare in speed?", demo_library)
    assert not found.abstained
    assert any("Zorblax" in missing for missing in found.missing)


def test_a_close_name_is_offered(demo_library: Library) -> None:
    found = ask("How fast is FuseMaxx?", demo_library)
    assert found.abstention is not None
    assert "FuseMax)" in found.abstention.reason


def test_the_same_question_gives_the_same_answer(demo_library: Library) -> None:
    assert ask(ANSWERABLE[0], demo_library) == ask(ANSWERABLE[0], demo_library)


def test_filters_that_nothing_passes_are_said(demo_library: Library) -> None:
    found = ask(ANSWERABLE[0], demo_library, SearchFilter(year_from=2090))
    assert found.abstention is not None
    assert "filters" in found.abstention.reason


class Inventor:
    """An engine that says what no source says."""

    name = "inventor"

    def write(self, plan: Plan, evidence: tuple[Evidence, ...], library: Library) -> tuple[Claim, ...]:
        first = evidence[0]
        return (
            Claim("It is 9,999 times faster on the Moon.", (first.evidence_id,)),
            Claim("Nobody cites this.", ()),
            Claim("This cites what is not there.", ("p0:0-1",)),
        )


def test_what_fails_the_check_is_repaired_or_dropped(demo_library: Library) -> None:
    found = answer("How fast is FuseMax?", demo_library, Inventor(), make_grounder(demo_library))
    assert found.dropped == 2
    (kept,) = found.sentences
    assert kept.text == kept.citations[0].quote


def test_keys_already_given_are_kept(demo_library: Library) -> None:
    paper_id = demo_library.find(
        "FuseMax: Leveraging Extended Einsums to Optimize Attention Accelerator Design"
    ).paper_id
    engine, grounder = ExtractiveEngine(), make_grounder(demo_library)
    found = answer("How fast is FuseMax?", demo_library, engine, grounder, keys={paper_id: "mine"})
    assert [source.key for source in found.sources] == ["mine"]


def test_keys_are_readable_stable_and_unique() -> None:
    def paper(paper_id: str, title: str, *authors: str, year: int | None = None) -> Paper:
        return Paper(paper_id, title, "", tuple(Author(name) for name in authors), year)

    assert key_of(paper("p1", "FuseMax: attention", year=2024)) == "fusemax2024"
    assert key_of(paper("p1", "On engines", "Ada Lovelace", year=1843)) == "lovelace1843"
    assert key_of(paper("p1", "On engines", "Lovelace, Ada")) == "lovelace"
    assert key_of(paper("p1", "Über große Netze")) == "uber"
    assert key_of(paper("p1", "中文")) == "paper"
    twins = [paper("p2", "Same title"), paper("p1", "Same title")]
    assert assign(twins) == assign(reversed(twins)) == {"p1": "titlea", "p2": "titleb"}
