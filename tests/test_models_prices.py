"""Prices: dated, the user's own above ours, and what is not known is not nothing. Addresses and the meter too."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.address import checked, is_loopback, is_openai, parted, redacted
from agent.errors import BadSettings, BudgetEnded
from agent.models.meter import Meter
from agent.models.prices import Price, Prices, load_prices
from agent.models.protocol import Limits, Spent
from agent.testing import FakeClock


def test_the_bundled_table() -> None:
    table = load_prices()
    assert table.dated is not None
    assert table.price("gpt-4o-mini") == Price(0.15, 0.60)
    assert table.price("gpt-4o-mini-2024-07-18") == Price(0.15, 0.60)
    assert table.cost("gpt-4o", 1_000_000, 100_000) == pytest.approx(3.5)
    assert table.context("gpt-4o") == 128_000
    assert (table.price("my-model"), table.cost("my-model", 1, 1), table.context("my-model")) == (None, None, None)
    assert table.price("gpt-4o-mini-audio") is None


def test_ones_own_file_stands_above(tmp_path: Path) -> None:
    own = tmp_path / "prices.yaml"
    lines = ("gpt-4o: {input: 1, output: 2}", "local: {input: 0, output: 0, context: 4096}", "big: {context: 9000}")
    own.write_text("models:\n" + "".join(f"  {line}\n" for line in lines))
    table = load_prices(own)
    assert table.price("gpt-4o") == Price(1.0, 2.0)
    assert table.context("gpt-4o") == 128_000
    assert table.cost("local", 5, 5) == 0.0, "said to be free, it is"
    assert (table.price("big"), table.context("big")) == (None, 9000)
    alone = load_prices(own, bundled=False)
    assert (alone.price("gpt-5"), alone.dated) == (None, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", 'expected "models:"'),
        ("- 1", 'expected "models:"'),
        ("models: {m: {input: 1}}", "'m' needs both input and output"),
        ("models: {m: {input: -1, output: 1}}", "models.m.input"),
        ("models: {m: {input: .inf, output: 1}}", "models.m.input"),
        ("models: {m: {input: cheap, output: 1}}", "models.m.input"),
        ("models: {m: {price: 1}}", "models.m.price"),
        ("models: [", "not YAML"),
        ("models: !!python/object/apply:os.getcwd []", "not YAML"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(BadSettings) as raised:
        load_prices(tmp_path / "own.yaml")
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_meter_counts() -> None:
    meter = Meter(Limits(max_tokens=100), FakeClock(), Prices({"a": Price(1.0, 10.0)}))
    meter.book("a", 30, 20)
    meter.book_cached()
    assert meter.spent == Spent(1, 30, 20, pytest.approx(0.00023), 1)
    assert meter.remaining_tokens() == 50
    meter.check(25, 25, "a")
    with pytest.raises(BudgetEnded, match=r"50 are left and the next call may take 51"):
        meter.check(26, 25, "a")
    meter.book("b", 1, 1)
    assert meter.spent.cost is None
    meter.book("a", 1, 1)
    assert meter.spent.cost is None, "one unknown part makes the sum unknown"


@pytest.mark.parametrize(
    ("tokens", "asked", "wanted", "granted"),
    [(None, 1000, 4096, 4096), (5000, 1000, 4096, 4000), (5000, 1000, 10, 10), (1064, 1000, 4096, 64)],
)
def test_a_reply_gets_what_is_left(tokens: int | None, asked: int, wanted: int, granted: int) -> None:
    assert Meter(Limits(max_tokens=tokens), FakeClock(), Prices()).allowance(asked, wanted) == granted


def test_too_little_left_is_nothing_left() -> None:
    with pytest.raises(BudgetEnded):
        Meter(Limits(max_tokens=1063), FakeClock(), Prices()).allowance(1000, 4096)


def test_time_ends() -> None:
    clock = FakeClock(100.0)
    meter = Meter(Limits(deadline_s=60), clock, Prices())
    clock.advance(59)
    meter.check(1, 1)
    assert meter.remaining_seconds() == 1.0
    clock.advance(1)
    with pytest.raises(BudgetEnded, match=r"\(60 s\) is over; allow more with --deadline"):
        meter.check(1, 1)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (None, "https://api.openai.com/v1"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("https://ann:secret@host:8000/v1", "https://***@host:8000/v1"),
        ("https://secret@host/v1", "https://***@host/v1"),
        ("https://a:sec@ret@host/v1", "https://***@host/v1"),
        ("https://host/v1?key=secret", "https://host/v1?***"),
        ("https://host/v1#secret", "https://host/v1"),
        ("ann:secret@host", "(not an address)"),
        ("http://secret@[::1/v1", "(not an address)"),
        ("http://u:secret@host:port/v1", "(not an address)"),
    ],
)
def test_addresses_are_shown_without_secrets(url: str | None, shown: str) -> None:
    assert redacted(url) == shown


@given(
    st.text(alphabet=st.characters(categories=("L", "N")), min_size=5), st.sampled_from(["http", "https", "ftp", ""])
)
def test_no_password_is_ever_shown(password: str, scheme: str) -> None:
    secret = f"pw{password}"
    assert secret not in redacted(f"{scheme}://ann:{secret}@host/v1")
    assert secret not in redacted(f"ann:{secret}@host/v1")


@pytest.mark.parametrize(
    ("url", "near", "own"),
    [
        (None, False, True),
        ("http://localhost:1/v1", True, False),
        ("http://127.0.0.2/v1", True, False),
        ("http://[::1]:8/v1", True, False),
        ("http://localhost.example/v1", False, False),
        ("http://127.0.0.1.example/v1", False, False),
        ("https://api.openai.com/v1", False, True),
        ("https://eu.api.openai.com/v1", False, True),
        ("http://api.openai.com/v1", False, False),
        ("https://api.openai.com@evil.example/v1", False, False),
        ("https://api.openai.com.evil.example/v1", False, False),
        ("https://xapi.openai.com/v1", False, False),
    ],
)
def test_near_and_far(url: str | None, near: bool, own: bool) -> None:
    assert (is_loopback(url), is_openai(url)) == (near, own)


def test_checked_and_parted() -> None:
    assert checked(" http://localhost:1/v1/ ") == "http://localhost:1/v1"
    for wrong in ("", "localhost:1", "ftp://host/v1", "http://", "http:///v1", "http://h/v1?x=1", "http://h:x/v1"):
        with pytest.raises(BadSettings, match="not the address"):
            checked(wrong)
    assert parted("http://h:1/v1") == ("http://h:1/v1", None)
    assert parted("http://ann:a%40b@h:1/v1") == ("http://h:1/v1", ("ann", "a@b"))
