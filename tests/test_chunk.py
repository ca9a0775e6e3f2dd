"""Sentences and passages: every span is its text, nothing is lost, no passage is too long."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.chunk import passages, sentences, split_sentences
from store.tokens import count
from store.types import Paper


@pytest.mark.parametrize(
    "text",
    [
        "It helps (e.g. H3, i.e. 44.1 kHz) by 3.5% vs. 2.1%.|We agree.",
        "Doe et al. (2024) say so, as do Roe et al. [3].|The rest differ.",
        "See Fig. 3 and Sec. 2.|Next, No. 5 wins.",
        "One model (VAR-d30).|We test v1.2.3 at https://a.org/b.c and stop.",
        'They ask "why?"|Nobody knows!|Well.',
        "The weights of matrix W.|We keep them, etc.|Then we stop.",
        "It runs on GPUs.|(2) It is fast.",
        "Accuracy falls by 40%.|(4) Speed rises.",
        "It keeps accuracy.|The model is small.",
        "A note (see below. It matters) follows.|3D models too.",
        "Built on J. Doe's work.|iTool reads it.",
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str) -> None:
    glued = (
        text.replace("GPUs.|(2)", "GPUs.(2)").replace("40%.|(4)", "40%.(4)").replace("accuracy.|The", "accuracy.The")
    )
    glued = glued.replace("|", " ")
    assert [glued[s.start : s.end] for s in split_sentences(glued)] == text.split("|")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=" .!?()[]\"'aBc1%。\n", max_size=120), st.integers(5, 40))
def test_spans_hold_everything(text: str, budget: int) -> None:
    paper = Paper("p0", "T", text)
    found = sentences(paper)
    assert "".join("".join(s.text.split()) for s in found) == "".join(text.split())
    assert all(text[s.start : s.end] == s.text == s.text.strip() != "" for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    packed = passages(paper, budget)
    assert "".join("".join(p.text.split()) for p in packed) == "".join(text.split())
    assert all(text[p.start : p.end] == p.text and p.tokens <= budget for p in packed)


def test_an_oversized_sentence_is_cut_between_words() -> None:
    text = " ".join(["word"] * 500) + "."
    packed = passages(Paper("p0", "T", text), 50)
    assert all(count(p.text) <= 50 for p in packed)
    assert " ".join(p.text for p in packed) == text
    assert packed[0].passage_id == f"p0:0-{packed[0].end}"
