"""Numbers in digits, words and powers, and what each is worth."""

from __future__ import annotations

import re

__all__ = [
    "DIGITS",
    "PARTS",
    "PART_WORDS",
    "POWER",
    "SCALES",
    "SCALE_WORDS",
    "SMALL",
    "SUFFIXES",
    "WORDS",
    "power_of_ten",
    "small",
]

DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: 000)+|\d+)(?:[.·]\d+)?|[.·]\d+"
POWER = r"10\s?\^\s?\{?\s?-?\d+\s?\}?"
_ONES = {
    w: i
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    w: 10 * (i + 2)
    for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "b": 1e9, "T": 1e12}
PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
SMALL = "|".join(sorted([*_ONES, *_TENS], key=len, reverse=True))
WORDS = rf"(?:(?:{'|'.join(_TENS)})[- ](?:{'|'.join(list(_ONES)[1:10])})\b|{SMALL}|half a(?= (?:dozen|hundred|thousand|million|billion)\b)|a(?= (?:hundred|thousand|million|billion|dozen)\b))"
SCALE_WORDS = "|".join(SCALES)
PART_WORDS = "|".join(sorted((p + ("s?" if not p.endswith("s") else "") for p in PARTS), key=len, reverse=True))


def small(word: str) -> float:
    """What a number word, a scale word or digits are worth; 0 for any other word."""
    word = word.lower()
    if word.isdigit():
        return float(word)
    if word in ("a", "half a"):
        return 1.0 if word == "a" else 0.5
    if word in SCALES:
        return SCALES[word]
    if re.search("[- ]", word):
        tens, ones = re.split("[- ]", word)
        return float(_TENS[tens] + _ONES[ones])
    return float(_ONES.get(word, _TENS.get(word, 0)))


def power_of_ten(text: str) -> float:
    """10^-3 as a number."""
    return 10.0 ** int(re.sub(r"[^\d-]", "", text.split("^")[1]))
