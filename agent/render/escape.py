"""Borders: text of papers, models and users is untrusted; it is made harmless where it leaves."""

from __future__ import annotations

import html as _html
import re
import unicodedata

__all__ = ["html", "markdown", "terminal"]

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$^@!&])")
_ADDRESS = re.compile(r"(?<=[\w.+-])\\@(?=[\w-]+\.[\w.-]*[A-Za-z])")
_WWW = re.compile(r"\b(www)\.", re.I)


def terminal(text: str) -> str:
    """`text` without control, escape and direction-override characters; newlines and tabs become spaces."""
    return "".join(_harmless(character) for character in text)


def _harmless(character: str) -> str:
    if character in "\n\r\t\v\f\u0085\u2028\u2029":
        return " "
    if character in _BIDI or unicodedata.category(character) in ("Cc", "Cs"):
        return ""
    return character


def markdown(text: str) -> str:
    """`text` as literal markdown: no link, image, HTML, entity, citation, maths or emphasis survives.

    Nor do addresses in the open, of which viewers make links: a sign in them is escaped. The @ of a mail address is
    found even so; an empty comment after it keeps it apart.
    """
    plain = _MARKDOWN.sub(r"\\\1", terminal(text)).replace("://", "\\://")
    return _ADDRESS.sub(r"\\@<!-- -->", _WWW.sub(r"\1\\.", plain))


def html(text: str) -> str:
    """`text` as literal HTML text or attribute value."""
    return _html.escape(terminal(text), quote=True)
