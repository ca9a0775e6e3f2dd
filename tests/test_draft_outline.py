"""Screening, clustering and naming, on small made cases and on the demo library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.draft.cluster import clusters, likeness_of, paper_vectors
from agent.draft.outline import make_outline
from agent.draft.phrases import Lexicon, phrases_of, title_phrases
from agent.draft.scope import make_scope, unmatched
from agent.draft.screen import screen
from agent.errors import BadInput
from store.types import Paper, SearchFilter

if TYPE_CHECKING:
    from store.library import Library


@pytest.mark.parametrize("topic", ["", "   ", "\n\t", "x" * 401, "of the and"])
def test_unusable_topics_are_refused(topic: str) -> None:
    with pytest.raises(BadInput):
        make_scope(topic)


def test_an_enumeration_has_parts() -> None:
    assert make_scope("network pruning and sparse networks").queries[1:] == ("network pruning", "sparse networks")
    assert make_scope("state space models").queries == ("state space models",)


def test_clusters_find_what_is_alike() -> None:
    corners = np.eye(3)
    rng = np.random.default_rng(7)
    rows = np.concatenate([corners[i] + 0.05 * rng.standard_normal((4, 3)) for i in range(3)]).astype(np.float32)
    vectors = paper_vectors([row[None, :] for row in rows], 3)
    assert clusters(likeness_of(vectors), 3) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


@given(st.integers(1, 24), st.integers(1, 9), st.integers(0, 2**16))
def test_clusters_always_cover_every_paper_once(size: int, count: int, seed: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((size, 5)).astype(np.float32)
    groups = clusters(likeness_of(paper_vectors([row[None, :] for row in rows], 5)), count)
    assert sorted(row for group in groups for row in group) == list(range(size))
    assert all(len(group) > 1 for group in groups) or size == 1


def test_papers_without_text_cluster_too() -> None:
    empty = np.zeros((0, 4), dtype=np.float32)
    assert clusters(likeness_of(paper_vectors([empty] * 5, 4))) == [[0, 1, 2, 3, 4]]


def test_phrases_stop_at_function_words() -> None:
    found = {phrase.surface for phrase in phrases_of("We propose fast text-to-speech synthesis with a vocoder.")}
    assert "text-to-speech synthesis" in found
    assert not any("with" in phrase.split() or "propose" in phrase.split() for phrase in found)
    assert "Scaling laws" not in {phrase.surface for phrase in title_phrases("Scaling laws of parsers")}


def test_lexicon_keeps_names_and_lowers_title_case() -> None:
    papers = [
        Paper(f"p{i}", "Video Generation", "We use Mamba for video generation with a KV cache.") for i in range(4)
    ]
    lexicon = Lexicon.of(papers)
    assert lexicon.spelled(["Video", "Generation"]) == "video generation"
    assert lexicon.spelled(["Mamba"]) == "Mamba"
    assert lexicon.spelled(["KV", "Cache"]) == "KV cache"
    assert lexicon.names("generation") > lexicon.names("video")


def test_screening_accounts_for_every_paper(demo_library: Library) -> None:
    found = screen(make_scope("speculative decoding"), demo_library)
    assert found.identified == len(found.included) + len(found.excluded) <= found.eligible <= found.library
    titles = " ".join(paper.title.lower() for paper in found.included)
    assert "speculative decoding" in titles
    assert all(excluded.reason for excluded in found.excluded)


def test_screening_refuses_what_the_library_lacks(demo_library: Library) -> None:
    scope = make_scope("medieval poetry")
    assert screen(scope, demo_library).included == ()
    assert set(unmatched(scope, demo_library)) == {"medieval", "poetry"}


def test_limit_and_must(demo_library: Library) -> None:
    scope = make_scope("speculative decoding")
    far = screen(scope, demo_library).excluded[-1].paper.paper_id
    found = screen(scope, demo_library, limit=1, must=(far,))
    assert far in {paper.paper_id for paper in found.included}
    assert len(found.included) == 2
    assert any("limited to 1" in excluded.reason for excluded in found.excluded)


def test_filters_bind(demo_library: Library) -> None:
    found = screen(make_scope("speculative decoding", SearchFilter(year_from=2990)), demo_library)
    assert (found.eligible, found.identified, found.included) == (0, 0, ())


def test_outline_has_each_paper_once_under_distinct_headings(demo_library: Library) -> None:
    scope = make_scope("memory-efficient training and inference of language models")
    papers = screen(scope, demo_library).included
    outline = make_outline(scope, papers, demo_library)
    listed = [paper.paper_id for theme in outline for paper in theme.papers]
    assert sorted(listed) == sorted(paper.paper_id for paper in papers)
    headings = [theme.heading for theme in outline]
    assert len(set(headings)) == len(headings) > 1
    assert outline == make_outline(scope, papers, demo_library)
