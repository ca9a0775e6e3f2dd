"""Token counts: the published encoding, offline."""

from __future__ import annotations

import pytest

from store.tokens import count


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("hello world", 2), ("1234567", 3), ("a" * 3 + " the", 2)])
def test_counts(text: str, tokens: int) -> None:
    assert count(text) == tokens


def test_special_tokens_are_ordinary_text() -> None:
    assert count("<|endoftext|>") > 1
