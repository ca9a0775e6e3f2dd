"""Sentences of a review: which are chosen, how they are retold, how they stand in markdown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.draft.phrase import leans_back, retold
from agent.draft.select import choose, same
from agent.render.literal import literal as say
from agent.render.review import sentence_line
from agent.types import CheckedSentence, Citation, Label, Verdict
from store.types import Paper, Sentence


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("We propose Fox, a fast parser.", "Fox", "The authors propose Fox, a fast parser."),
        ("In this paper, we propose a fast parser.", "Fox", "The authors of Fox propose a fast parser."),
        (
            "To address this issue, we show that our parser is fast.",
            None,
            "The authors show that their parser is fast.",
        ),
        ("Our method is 3x faster than ours was, and we say so.", None, None),
        ("This paper presents Fox.", "Fox", "The paper presents Fox."),
        ("Moreover, Fox halves the memory.", "Fox", "Fox halves the memory."),
        ("Fox beats the US baseline.", "Fox", "Fox beats the US baseline."),
        ("Finally, iFox runs on phones.", "iFox", "iFox runs on phones."),
        ("However, in particular, the gain is 3%.", None, "The gain is 3%."),
    ],
)
def test_retold_in_the_third_person(text: str, name: str | None, told: str | None) -> None:
    result = retold(text, name, first=True)
    if told is not None:
        assert result == told
    assert not re.search(r"\b(?:we|our|us)\b", result, re.I) or "US" in result
    assert re.findall(r"\d+", result) == re.findall(r"\d+", text)


@pytest.mark.parametrize(
    ("text", "leans"),
    [
        ("It is three times faster.", True),
        ("These results hold for both.", True),
        ("Fox solves this by sorting.", True),
        ("Fox exploits the following designs.", True),
        ("To solve this problem, Fox sorts.", False),
        ("This paper presents Fox.", False),
        ("This work shows how to fix this issue.", True),
        ("Fox is three times faster than Hare.", False),
        ("Its error is lower than that of Hare.", True),
        ("The error is lower than that of Hare.", False),
    ],
)
def test_sentences_that_lean_back(text: str, leans: bool) -> None:
    assert leans_back(text) is leans


def _paper(*sentences: str) -> tuple[Paper, list[Sentence]]:
    text = " ".join(sentences)
    paper = Paper("p1", "Fox: a fast parser", text)
    spans = []
    for index, sentence in enumerate(sentences):
        start = text.index(sentence)
        spans.append(Sentence("p1", index, start, start + len(sentence), sentence))
    return paper, spans


def test_choose_takes_offer_and_finding_and_no_background() -> None:
    paper, sentences = _paper(
        "Parsers are widely used but existing ones are slow on long documents.",
        "It is a hard problem for everyone who works with long texts.",
        "We propose Fox, a parser that sorts tokens before it reads them.",
        "Extensive experiments demonstrate the effectiveness of our method.",
        "On long documents Fox is 3.2x faster than Hare at the same accuracy.",
        "Our code is available at https://example.org/fox for everyone to use.",
    )
    chosen = choose(paper, sentences, [0.5] * 6, "Fox")
    assert [(c.sentence.index, c.why) for c in chosen] == [(2, "offer"), (4, "finding")]


def test_choose_finds_something_in_any_abstract() -> None:
    paper, sentences = _paper("It is so.")
    assert [c.sentence.index for c in choose(paper, sentences, [0.1], None)] == [0]
    assert choose(paper, [], [], None) == ()


def test_same_knows_a_repeated_sentence() -> None:
    assert same("The parser is 3x faster on long texts.", "On long texts, the parser is 3x faster.")
    assert not same("The parser is 3x faster on long texts.", "The tagger needs half the memory of its rival.")


def _checked(text: str, label: Label = Label.SUPPORTED) -> CheckedSentence:
    citation = Citation("fox2024", "p1", "Fox", "p1:0-9", 0, 9, "x")
    return CheckedSentence(text, Verdict(label, 1.0, (), ()), (citation, citation))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Fox is fast.", "Fox is fast [@fox2024]."),
        ("Is Fox fast?", "Is Fox fast [@fox2024]?"),
        ("Fox has no stop", "Fox has no stop [@fox2024]"),
        ("1. Fox comes first.", "1\\. Fox comes first [@fox2024]."),
        ("- Fox is no list.", "\\- Fox is no list [@fox2024]."),
        ("# Fox is no heading.", "\\# Fox is no heading [@fox2024]."),
        (
            "See [Fox](http://bad.example) at @home for $5 & <b>more</b>.",
            "See \\[Fox\\](http\\://bad.example) at \\@home for \\$5 \\& \\<b\\>more\\</b\\> [@fox2024].",
        ),
    ],
)
def test_a_sentence_as_a_line_of_markdown(text: str, line: str) -> None:
    assert sentence_line(_checked(text)) == line


def test_an_unchecked_sentence_is_marked() -> None:
    assert sentence_line(_checked("Fox is fast.", Label.CHECK_FAILED)).endswith("*(could not be checked)*")


@given(st.text(min_size=1, max_size=120))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    line = sentence_line(_checked(text))
    assert "\n" not in line
    assert line.count("[@fox2024]") == 1
    assert not re.search(r"(?<!\\)[<>`$]", say(text))
    assert not re.search(r"(?<!\\)\]\(", line.replace("[@fox2024]", ""))
