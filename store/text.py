"""Canonical text: what every offset counts in, and what titles are compared by."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from store import latex

__all__ = ["canonical", "fold", "folded"]

_PASSES = 12
_TERMINAL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\^_])|\x9b[0-?]*[ -/]*[@-~]"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,12}\d{0,2});")
_TAG = re.compile(
    r"</?(?:jats:[a-z-]+|mml:[a-z-]+|i|b|em|strong|sub|sup|p|br|span|tt|italic|bold|sc|u|title|inline-formula)"
    r"(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)


def _visible(text: str) -> str:
    """The text without terminal sequences, control, direction and zero-width characters; spaces single."""
    text = _TERMINAL.sub("", text)
    if not text.isascii() or not text.isprintable():
        text = "".join(
            " " if char.isspace() else char
            for char in text
            if char.isspace() or unicodedata.category(char) not in _UNSEEN
        )
    return " ".join(text.split())


def _pass(text: str) -> str:
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _changed(text)


def _changed(text: str) -> str:
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = _TAG.sub(lambda match: " " if match[0].strip("</> ").lower() in {"p", "br", "jats:p"} else "", text)
    return _visible(unicodedata.normalize("NFC", latex.restore(_visible(text))))


_LONGEST_REMEMBERED = 10_000
_remembered = lru_cache(maxsize=2048)(_changed)  # a record's texts come by about ten times while it is added


def canonical(raw: str) -> str:
    """The text as the library keeps it: NFC, single spaces, nothing unseen, lost LaTeX restored.

    Idempotent: ``canonical(canonical(x)) == canonical(x)``. All offsets count in the result.
    """
    text = unicodedata.normalize("NFC", _visible(raw))
    for _ in range(_PASSES):
        changed = _pass(text)
        if changed == text:
            return text
        text = changed
    # Nesting deeper than any formula: give up its signs, so that the end does not depend on the way.
    while (changed := _pass(latex.plain(text))) != text:
        text = changed
    return text


def fold(text: str) -> str:
    """What titles are compared by: canonical, then casefolded letters and digits in single spaces.

    Accents and punctuation are gone; a superscript digit is a digit ("S²FT" and "S2FT" are one).
    """
    return folded(canonical(text))


def folded(text: str) -> str:
    """As `fold`, of a text that is canonical already."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (char if char.isalnum() else " " for char in letters if not unicodedata.combining(char))
    return " ".join("".join(kept).split())
