"""Plans to evidence: the right papers, telling sentences, exact spans, filters."""

from __future__ import annotations

import pytest

from agent.gather import gather
from agent.plan import make_plan
from agent.relevance import scorer, turning_point
from agent.types import Evidence
from store.library import Library
from store.types import SearchFilter, Sentence


def titles(evidence: tuple[Evidence, ...], library: Library) -> list[str]:
    return [library.paper(paper_id).title for paper_id in dict.fromkeys(e.paper_id for e in evidence)]


def test_every_quote_is_its_span_and_every_id_is_unique(demo_library: Library) -> None:
    evidence = gather(make_plan("Which methods speed up diffusion sampling?", demo_library), demo_library)
    assert evidence
    for item in evidence:
        assert demo_library.paper(item.paper_id).abstract[item.start : item.end] == item.quote
        assert item.passage_id in {p.passage_id for p in demo_library.passages(item.paper_id)}
    assert len({item.evidence_id for item in evidence}) == len(evidence)


def test_named_work_is_looked_up_in_its_own_papers(demo_library: Library) -> None:
    plan = make_plan("How do ProDiff and CoMoSpeech compare in speed?", demo_library)
    found = titles(gather(plan, demo_library), demo_library)
    assert [title.split(":")[0] for title in found] == ["ProDiff", "CoMoSpeech"]


def test_a_name_only_mentioned_adds_no_paper_when_its_comparison_is_there(demo_library: Library) -> None:
    plan = make_plan("How much faster is FuseMax than FLAT?", demo_library)
    assert [t.split(":")[0] for t in titles(gather(plan, demo_library), demo_library)] == ["FuseMax"]


def test_a_survey_gathers_several_papers_on_the_topic(demo_library: Library) -> None:
    plan = make_plan("Which methods speed up decoding by speculation, and by how much?", demo_library)
    papers = {e.paper_id for e in gather(plan, demo_library)}
    assert len(papers) >= 3
    tags = [tag for paper_id in papers for tag in demo_library.paper(paper_id).tags]
    assert tags.count("speculative decoding") >= 3


def test_what_is_set_aside_is_not_gathered(demo_library: Library) -> None:
    plan = make_plan("Leaving zeroth-order methods aside, which methods save memory in fine-tuning?", demo_library)
    for paper_id in {e.paper_id for e in gather(plan, demo_library)}:
        assert "zeroth-order" not in demo_library.paper(paper_id).abstract.lower()


def test_filters_hold(demo_library: Library) -> None:
    only = demo_library.find("FuseMax: Leveraging Extended Einsums to Optimize Attention Accelerator Design").paper_id
    filters = SearchFilter(paper_ids=(only,))
    plan = make_plan("How are accelerators made faster?", demo_library, filters)
    assert {e.paper_id for e in gather(plan, demo_library)} == {only}
    nothing = make_plan("How are accelerators made faster?", demo_library, SearchFilter(year_from=2090))
    assert gather(nothing, demo_library) == ()


@pytest.mark.parametrize(
    ("texts", "turn"),
    [
        (("Models grow.", "However, memory is short.", "We propose X."), 2),
        (("X halves memory.", "It is fast."), 0),
        (("This paper studies Y.", "Y is old."), 0),
    ],
)
def test_where_background_ends(texts: tuple[str, ...], turn: int) -> None:
    sentences = [Sentence("p", i, 10 * i, 10 * i + 9, text) for i, text in enumerate(texts)]
    assert turning_point(sentences) == turn


def test_a_figure_on_what_is_asked_beats_background(demo_library: Library) -> None:
    plan = make_plan("How much memory does ZO2 save?", demo_library)
    paper_id = plan.subjects[0].paper_ids[0]
    sentences = demo_library.sentences(paper_id)
    marks = scorer(plan, demo_library, demo_library.papers())
    scores = marks.scores(sentences, demo_library.sentence_vectors(paper_id))
    best = sentences[max(range(len(scores)), key=scores.__getitem__)].text
    assert any(c.isdigit() for c in best)


def test_the_same_question_gives_the_same_evidence(demo_library: Library) -> None:
    question = "Which methods speed up diffusion sampling?"
    assert gather(make_plan(question, demo_library), demo_library) == gather(
        make_plan(question, demo_library), demo_library
    )
