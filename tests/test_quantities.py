"""Numbers as text writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.findings import findings, quantities
from store.chunk import sentences
from store.types import Paper


def first(text: str) -> tuple[float, float, str, str]:
    q = quantities(text)[0]
    return round(q.low, 6), round(q.high, 6), q.unit, q.comparator


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("runs 6.7x faster", (6.7, 6.7, "x", "=")),
        ("runs 6.7× faster", (6.7, 6.7, "x", "=")),
        ("runs 6.7 times faster", (6.7, 6.7, "x", "=")),
        ("a 6.7-fold gain", (6.7, 6.7, "x", "=")),
        ("a three-fold gain", (3, 3, "x", "=")),
        ("a threefold gain", (3, 3, "x", "=")),
        ("rendering (x100) beats it", (100, 100, "x", "=")),
        ("two and a half times faster", (2.5, 2.5, "x", "=")),
        ("twice as fast", (2, 2, "x", "=")),
        ("it doubles throughput", (2, 2, "x", "=")),
        ("an order of magnitude cheaper", (10, 10, "x", "=")),
        ("more than four orders of magnitude faster", (10_000, 10_000, "x", ">")),
        ("over 10 000 times faster", (10_000, 10_000, "x", ">")),
        ("an average speedup of 1.27 over it", (1.27, 1.27, "x", "=")),
        ("10-20 faster sampling", (10, 20, "x", "=")),
        ("1.4-11.2x across loads", (1.4, 11.2, "x", "=")),
        ("4~16× on GPUs", (4, 16, "x", "=")),
        ("two to seven times faster", (2, 7, "x", "=")),
        ("between 2 and 5 ms", (2, 5, "ms", "=")),
        ("costs 22% more", (22, 22, "%", "=")),
        ("22 percent more", (22, 22, "%", "=")),
        ("a third of the memory", (33.333333, 33.333333, "%", "=")),
        ("about a fifth of its size", (20, 20, "%", "~")),
        ("less than one twentieth of one percent", (0.05, 0.05, "%", "<")),
        ("it halves memory", (50, 50, "%", "=")),
        ("over half of all tokens", (50, 50, "%", ">")),
        ("five percentage points", (5, 5, "pp", "=")),
        ("up to 5 points", (5, 5, "pp", "<=")),
        ("within 3 seconds", (3, 3, "s", "<")),
        ("not more than three seconds", (3, 3, "s", "<=")),
        ("no less than a factor of one hundred", (100, 100, "x", ">=")),
        ("40+ tokens per second", (40, 40, "", ">=")),
        ("at least 8 GB of memory", (8, 8, "GB", ">=")),
        ("60 frames per second", (60, 60, "fps", "=")),
        ("129 tokens/s", (129, 129, "tok/s", "=")),
        ("a loss of 2.64dB", (2.64, 2.64, "dB", "=")),
        ("7B parameters", (7e9, 7e9, "params", "=")),
        ("12.4 million parameters", (12.4e6, 12.4e6, "params", "=")),
        ("1.5k samples", (1500, 1500, "", "=")),
        ("1,500 samples", (1500, 1500, "", "=")),
        ("fourteen generators", (14, 14, "", "=")),
        ("a dozen runs", (12, 12, "", "=")),
        ("a 1024x1024 picture", (1024, 1024, "dims", "=")),
        ("an FID of 2.10", (2.1, 2.1, "", "=")),
        ("scores 53.2AP", (53.2, 53.2, "", "=")),
        ("half a dozen copies", (6, 6, "", "=")),
        ("half a million rows", (500_000, 500_000, "", "=")),
        ("half a point lower", (0.5, 0.5, "pp", "=")),
        ("a year and a half", (1.5, 1.5, "year", "=")),
        ("a fifth of a point", (0.2, 0.2, "pp", "=")),
        ("under a third of a decibel", (0.333333, 0.333333, "dB", "<")),
        ("three quarters of an hour", (0.75, 0.75, "h", "=")),
        ("a point and a half", (1.5, 1.5, "pp", "=")),
        ("five points at most", (5, 5, "pp", "<=")),
        ("not even by half", (50, 50, "%", "<")),
        ("no rule is more than 0.8 points ahead", (0.8, 0.8, "pp", "<=")),
        ("two hundredths below it", (2, 2, "%", "=")),
        ("dropping by two-thirds following it", (66.666667, 66.666667, "%", "=")),
        ("by 4.7 F1 points", (4.7, 4.7, "pp", "=")),
        ("four more points of success", (4, 4, "pp", "=")),
        (r"reduced by 80\%", (80, 80, "%", "=")),
        (r"\textbf{180$\times$} smaller", (180, 180, "x", "=")),
        ("10-20Xfaster", (10, 20, "x", "=")),
        ("1·25 million patients", (1_250_000, 1_250_000, "", "=")),
        ("ninety two children", (92, 92, "", "=")),
        ("within 4 d", (4, 4, "day", "<")),
        ("as much as 1000+ images", (1000, 1000, "", ">=")),
        ("a 2000-dimensional task", (2000, 2000, "", "=")),
        ("PARTICIPANTS 59 doctors", (59, 59, "", "=")),
    ],
)
def test_written_forms(text: str, expected: tuple[float, float, str, str]) -> None:
    assert first(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4 and BERT",
        "an iPhone 12 was used",
        "trained on CIFAR-10 data",
        "top-1 accuracy",
        "on an RTX 3090 card",
        "with 2:4 sparsity",
        "goals: (1) speed and (2) size",
        "several models",
        "one of them",
        "the Two-Pass method",
        "in the 1990s",
        "it might one day help",
        "the other half of the machine",
        "trained twice weekly",
        "double mutants",
        "round two",
        "both halves",
    ],
)
def test_numbers_of_names_and_lists_are_no_quantities(text: str) -> None:
    assert quantities(text) == ()


def test_a_change_stays_two_quantities() -> None:
    found = quantities("shrinks the model from 12.6 GB to 2.5 GB")
    assert [(q.low, q.unit) for q in found] == [(12.6, "GB"), (2.5, "GB")]


def test_a_list_shares_its_unit() -> None:
    assert [(q.low, q.unit) for q in quantities("3.7 and 6.6 times faster")] == [(3.7, "x"), (6.6, "x")]


@pytest.mark.parametrize(
    ("text", "sign"),
    [("2x faster", 1), ("reduces memory by 50%", -1), ("70% fewer tokens", -1), ("a 3% gain", 1), ("at 3 ms", 0)],
)
def test_direction(text: str, sign: int) -> None:
    assert quantities(text)[0].direction == sign


def test_findings_point_into_the_abstract() -> None:
    paper = Paper("p1", "A title", "We say nothing. It is 2.5x faster and saves 30% of memory.")
    found = [f for s in sentences(paper) for f in findings(paper, s)]
    assert [paper.abstract[f.start : f.end] for f in found] == ["2.5x", "30%"]


@given(st.text(max_size=200))
def test_offsets_always_hold(text: str) -> None:
    for q in quantities(text):
        assert text[q.start : q.end] == q.text
        assert q.low <= q.high or q.unit == "dims"


@given(st.integers(1, 9999), st.sampled_from(["x", " times", "-fold", "×"]))
def test_a_multiple_is_one_however_written(value: int, unit: str) -> None:
    q = quantities(f"it is {value}{unit} faster")[0]
    assert (q.low, q.unit) == (float(value), "x")
