"""Canonical text: normalised once on the way in, never again; all offsets are into it."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["canonical", "fold"]

_NUMBER = r"\d[\d,.]*"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\([%$&#_])"), r"\1"),
    (re.compile(rf"({_NUMBER}) ?\\?times ?(?=\d)"), r"\1×"),
    (re.compile(rf"({_NUMBER})\\?times(?![a-z])"), r"\1×"),
    (re.compile(rf"({_NUMBER}) \\?times(?= (?:faster|slower|smaller|larger|speed|reduction|improvement))"), r"\1×"),
    (re.compile(r"\\?\bsim ?(?=\d)"), "~"),
    (re.compile(r"(?<=[\d×%]) ?\\?sim ?(?=\d)"), "~"),
    (re.compile(r"(?<![A-Za-z])\\?(?:leq|le) ?(?=[\d$])"), "≤"),
    (re.compile(r"(?<![A-Za-z])\\?(?:geq|ge) ?(?=[\d$])"), "≥"),
)


def canonical(raw: str) -> str:
    """`raw` in NFC, one space between words, no control characters, lost LaTeX restored."""
    text = unicodedata.normalize("NFC", raw)
    text = "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") else " " if c.isspace() else "" for c in text
    )
    text = " ".join(text.split())
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.strip()


def fold(text: str) -> str:
    """`text` in lower case without accents and punctuation: for comparing titles."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
