"""The examples of docs/testing.md are programs that run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "testing.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_example_runs(number: int) -> None:
    names: dict[str, object] = {"__name__": f"example_{number}"}
    exec(compile(EXAMPLES[number], f"docs/testing.md, example {number + 1}", "exec"), names)  # noqa: S102 - our own page
    assert "assert" in EXAMPLES[number]
    assert len(names) > 1


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4
