"""What the source says of one of two siblings, claimed of the other."""

from __future__ import annotations

import pytest

from agent.ground.siblings import mistaken
from agent.ground.source import Line


def lines(*texts: str) -> list[Line]:
    return [Line("p1", 100 * number, 100 * number + len(text), text, False) for number, text in enumerate(texts)]


SOURCE = lines(
    "Warp-weaving is the usual choice for dense cloth.",
    "Weft-weaving came up only lately and needs no frame.",
    "This saves a third of the thread that full loom-weaving takes.",
)


@pytest.mark.parametrize(
    ("claim", "is_mistaken"),
    [
        ("Warp-weaving is the usual choice for dense cloth.", False),
        ("Weft-weaving is the usual choice for dense cloth.", True),
        ("Weft-weaving needs no frame.", False),
        ("Weft-weaving saves a third of the thread that full loom-weaving takes.", False),
    ],
)
def test_siblings_that_changed_places_are_noticed(claim: str, is_mistaken: bool) -> None:
    assert (mistaken(claim, SOURCE) is not None) is is_mistaken
