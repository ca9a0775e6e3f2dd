"""Which sentences of a source a claim speaks of."""

from __future__ import annotations

from agent.ground import Grounder
from agent.ground.align import align, neighbour
from agent.ground.source import read
from store.types import Paper

LOOM = Paper(
    "p",
    "Looms",
    "Weavers need quiet rooms. Burrow keeps old threads on a shelf. The shelf is sorted by colour every evening. "
    "Silk costs more than wool. Apprentices sweep the floor.",
)


def test_a_claim_that_two_neighbours_carry_names_both() -> None:
    source = read([LOOM])
    claim = "Burrow keeps old threads on a shelf that is sorted by colour every evening."
    best = align(claim, source)[0].line
    other = neighbour(claim, source, best)
    assert other is not None
    assert {best.text, other.text} == {source.lines[1].text, source.lines[2].text}
    assert {quote.quote for quote in Grounder(None, entailment=None).check(claim, [LOOM]).evidence} >= {
        best.text,
        other.text,
    }


def test_a_claim_that_one_sentence_carries_names_no_neighbour() -> None:
    source = read([LOOM])
    claim = "On a shelf, Burrow keeps old threads."
    assert neighbour(claim, source, align(claim, source)[0].line) is None


def test_a_pair_does_not_reach_over_papers() -> None:
    other = Paper("q", "Dyes", "Colour is sorted every evening by the dyer. Dye fades.")
    source = read([Paper("p", "Looms", "Burrow keeps old threads on a shelf."), other])
    claim = "Burrow keeps old threads on a shelf, and colour is sorted every evening."
    assert neighbour(claim, source, source.lines[0]) is None
