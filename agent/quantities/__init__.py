"""Numbers as text gives them, digits or words, with unit, comparator and direction.

"6.7x", "6.7 times" and "6.7-fold" are one quantity; so are "a fifth" and 20%, "halves" and a
reduction of 50%, "four orders of magnitude" and 10,000 times. Numbers that belong to a name
("GPT-4", "RTX 3090", "top-1") or mark a list ("(2)") are no quantities.
"""

from __future__ import annotations

from agent.quantities.reading import quantities

__all__ = ["quantities"]
