"""How the quantities of a claim stand to a source: said otherwise, worked out, left open, or wrong."""

from __future__ import annotations

import pytest

from agent.ground.align import align
from agent.ground.numbers import Match, match_quantities
from agent.ground.source import read
from agent.quantities import quantities
from agent.quantities.shares import shares
from agent.quantities.spans import spans
from store.types import Paper

SHEEP = (
    "Of 858 lambs, 122 (14.2%) were lame. Shepherds spotted 91% of them by eye, against 41% for the collar. "
    "The drone found strays in 12 seconds, where the dog needed 60 seconds. "
    "Weight rose from 31.2 kg to 33.9 kg with clover. Feed costs 2.63 dollars a day on grass and 3.41 dollars on hay. "
    "Recall of the collar is 0.81 in summer and 0.55 in winter. The gate closes within a week of the first frost. "
    "Clover feeds 61% of the flock. Shearing takes 180 days off the wait. The fence cut losses to 3.1%, from 8.7%."
)


def match(claim: str, text: str = SHEEP) -> list[str]:
    source = read([Paper("p", "Sheep", text)])
    return [str(f.match) for f in match_quantities(claim, source, [a.line for a in align(claim, source)])]


def wrong(claim: str, text: str = SHEEP) -> bool:
    return bool({Match.ABSENT.value, Match.CONFLICT.value} & set(match(claim, text)))


@pytest.mark.parametrize(
    "claim",
    [
        "About one in seven lambs was lame.",
        "Shepherds spotted nine lambs in ten by eye.",
        "Shepherds by eye spotted lame ones roughly nine times out of ten.",
        "The collar spotted about four in ten.",
        "Spotting by eye finds fifty points more than the collar.",
        "The drone found strays in a fifth of the time that the dog needed.",
        "The drone found strays five times as fast as the dog.",
        "Hay costs 78 cents a day more than grass.",
        "Recall of the collar drops by 26 points from summer to winter.",
        "The gate closes within seven days of the first frost.",
        "Shearing takes about six months off the wait.",
        "Clover spares nearly two fifths of the flock.",
        "The fence cut losses to roughly a third of what they were.",
        "The fence brought losses down by 5.6 points.",
        "The two groups of lambs were weighed.",
    ],
)
def test_what_follows_from_the_source_is_not_wrong(claim: str) -> None:
    assert not wrong(claim)


@pytest.mark.parametrize(
    "claim",
    [
        "About one in four lambs was lame.",
        "Shepherds spotted three lambs in ten by eye.",
        "Spotting by eye finds thirty points more than the collar.",
        "The drone found strays nine times as fast as the dog.",
        "The drone found strays in half of the time that the dog needed.",
        "Hay costs 58 cents a day more than grass.",
        "Recall of the collar drops by 36 points from summer to winter.",
        "The gate closes within three days of the first frost.",
        "Clover feeds 31% of the flock.",
        "Weight rose from 31.2 kg to 37.9 kg with clover.",
        "The fence brought losses down by 7.4 points.",
    ],
)
def test_wrong_figures_stay_wrong(claim: str) -> None:
    assert wrong(claim)


def test_a_number_put_in_the_place_of_another_is_no_difference() -> None:
    """50% is 91% less 41%, but the sentence says it where the source says 91%."""
    assert wrong("Shepherds spotted 50 points of them by eye, against 41% for the collar.")


def test_a_complement_is_derived_where_it_is_shown_and_open_else() -> None:
    text = "The tax leaves two thirds of the gap as it was."
    assert match("The tax removes only a third of the gap.", text) == ["derived"]
    assert match("Only a third of the gap stems from the tax.", text) == []


@pytest.mark.parametrize(
    ("text", "value", "sure"),
    [
        ("one in seven survivors", 100 / 7, True),
        ("nine times out of ten", 90.0, True),
        ("under one word in a hundred", 1.0, False),
        ("three homes in ten", 30.0, False),
        ("four of five deaths", 80.0, False),
        ("19 cases out of 20", 95.0, True),
    ],
)
def test_shares_told_as_counts(text: str, value: float, sure: bool) -> None:
    (share,) = shares(text)
    assert (share.quantity.low, share.quantity.unit, share.sure) == (pytest.approx(value), "%", sure)


@pytest.mark.parametrize(
    "text", ["five in two", "three in ten years", "two of the five", "rose in two of them in 2019"]
)
def test_counts_that_are_no_share(text: str) -> None:
    assert shares(text) == ()


def test_a_stretch_without_a_number_is_one_of_its_unit() -> None:
    assert [(q.low, q.unit, q.comparator) for q in spans("within a week, not an hour")] == [
        (1, "week", "<"),
        (1, "h", "="),
    ]
    assert quantities("within a week") == ()
