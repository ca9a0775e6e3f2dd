"""More evidence where a subject, an aspect or a missing part lacks it; never less, never without end."""

from __future__ import annotations

from dataclasses import replace

from agent.aspects import shows
from agent.coverage import EACH, MOST_PARTS, cover, lacks, seek
from agent.gather import gather
from agent.plan import make_plan
from agent.types import Aspect
from store.library import Library

QUESTION = "How do Falcon and SpecTr compare in speed?"


def test_what_no_evidence_speaks_of_is_lacking(demo_library: Library) -> None:
    plan = make_plan(QUESTION, demo_library)
    evidence = gather(plan, demo_library)
    assert lacks(plan, evidence) == ()
    one = [item for item in evidence if item.subject == "Falcon"]
    assert [lack.subject.name for lack in lacks(plan, one) if lack.subject] == ["SpecTr"]
    soup = replace(plan, aspects=(*plan.aspects, Aspect("soup", ("soup",))))
    assert [lack.words for lack in lacks(soup, evidence)] == ["Falcon soup soup", "SpecTr soup soup"]


def test_a_subject_without_evidence_gets_some(demo_library: Library) -> None:
    plan = make_plan(QUESTION, demo_library)
    one = tuple(item for item in gather(plan, demo_library) if item.subject == "Falcon")
    found = cover(plan, one, demo_library)
    assert found[: len(one)] == one
    assert lacks(plan, found) == ()
    for item in found:
        assert demo_library.paper(item.paper_id).abstract[item.start : item.end] == item.quote


def test_an_aspect_without_evidence_gets_sentences_that_show_it(demo_library: Library) -> None:
    plan = make_plan(QUESTION, demo_library)
    drafter = Aspect("drafter", ("drafter", "draft model"))
    plan = replace(plan, aspects=(drafter,))
    bare = tuple(item for item in gather(plan, demo_library) if not shows(drafter, item.quote))
    added = cover(plan, bare, demo_library)[len(bare) :]
    assert any(shows(drafter, item.quote) for item in added)


def test_what_the_library_lacks_is_not_made_up(demo_library: Library) -> None:
    plan = replace(make_plan(QUESTION, demo_library), aspects=(Aspect("soup", ("soup",)),))
    evidence = gather(plan, demo_library)
    assert cover(plan, evidence, demo_library) == evidence
    assert cover(plan, (), demo_library) == ()


def test_missing_parts_are_sought_once_each_and_only_what_is_new(demo_library: Library) -> None:
    plan = make_plan(QUESTION, demo_library)
    evidence = gather(plan, demo_library)
    found = seek(["draft model of Falcon", "the price of tea in China", ""], plan, evidence, demo_library)
    assert not {item.evidence_id for item in found} & {item.evidence_id for item in evidence}
    assert not any("tea" in item.quote for item in found)
    many = seek(["speculative decoding"] * 10, plan, (), demo_library)
    assert 0 < len(many) <= EACH * MOST_PARTS
