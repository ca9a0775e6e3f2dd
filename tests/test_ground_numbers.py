"""How the quantities of a claim stand to a source: said otherwise, worked out, left open, or wrong."""

from __future__ import annotations

import pytest

from agent.ground.align import align
from agent.ground.numbers import Match, match_quantities
from agent.ground.source import read
from agent.quantities import quantities
from agent.quantities.inherited import inherited
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
BARN = (
    "The winch lifts 19 bales per hour, against 8 for the fork, and rusts in 0.7% of seasons. "
    "Its rope scores 58.0, where hemp has 58.4 and wire 51.2. The gate opens in 14 ms instead of 1.9 s. "
    "The farm replaced 22 carts by 10. Grease at 5% of the weight is best, and 10% is no better. "
    "On clay the winch is worth 1.15x. A belt wears down by 0.21 dB of noise a year and triples at 3.1x the load."
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


@pytest.mark.parametrize(
    "claim",
    [
        "The winch lifts more than twice as many bales per hour as the fork.",
        "The winch rusts in under 1% of seasons.",
        "The winch rusts in nearly 0.7% of seasons.",
        "Its rope is within half a point of hemp.",
        "Wire is nearly seven points behind the rope.",
        "The gate opens two orders of magnitude sooner.",
        "The farm gets by with less than half of its carts.",
        "Going from 5% to 10% of grease brings nothing.",
        "On clay the winch is ahead by 15%.",
        "A belt wears down by about a fifth of a decibel a year.",
        "The wear of a belt triples with the load.",
    ],
)
def test_figures_restated_as_people_do_are_not_wrong(claim: str) -> None:
    assert not wrong(claim, BARN)


@pytest.mark.parametrize(
    "claim",
    [
        "The winch lifts more than four times as many bales per hour as the fork.",
        "The winch rusts in under 7% of seasons.",
        "The winch rusts in more than 1% of seasons.",
        "Its rope is more than two points ahead of hemp.",
        "Wire is nearly nine points behind the rope.",
        "The gate opens four orders of magnitude sooner.",
        "The farm gets by with a fifth of its carts.",
        "Going from 5% to 30% of grease brings nothing.",
        "On clay the winch is ahead by 51%.",
        "A belt wears down by about half a decibel a year.",
        "The wear of a belt quintuples with the load, to 5 times.",
    ],
)
def test_wrong_restated_figures_stay_wrong(claim: str) -> None:
    assert wrong(claim, BARN)


def test_a_bare_number_inherits_the_unit_its_sentence_gave() -> None:
    found = inherited(
        "It takes 94 ms with frames and 11 without, eleven points above A and 22 above B, week eight, 3 bits or 4."
    )
    assert [(q.low, q.unit) for q in found] == [(11, "ms"), (22, "pp"), (8, "week")]


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
