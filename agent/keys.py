"""Citation keys: short, readable, stable for a paper, unique among the papers shown together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from agent.names import label_of
from agent.words import STOPWORDS
from store.types import Paper

__all__ = ["assign", "key_of"]


def key_of(paper: Paper) -> str:
    """Family name (or the work's own name, or its first telling word) and year: "lovelace1843", "fusemax2024"."""
    stem = _ascii(_family(paper.authors[0].name)) if paper.authors else ""
    stem = stem or _ascii(label_of(paper) or "") or _first_word(paper.title) or "paper"
    return f"{stem[:24]}{paper.year or ''}"


def assign(papers: Iterable[Paper]) -> dict[str, str]:
    """paper_id to key. Papers that would share a key get a letter, in the order of their ids."""
    by_key: dict[str, list[str]] = {}
    for paper in sorted(papers, key=lambda p: p.paper_id):
        ids = by_key.setdefault(key_of(paper), [])
        if paper.paper_id not in ids:
            ids.append(paper.paper_id)
    keys: dict[str, str] = {}
    for key, ids in sorted(by_key.items()):
        for number, paper_id in enumerate(ids):
            keys[paper_id] = key if len(ids) == 1 else f"{key}{_letters(number)}"
    return keys


def _letters(number: int) -> str:
    """a, b, ..., z, aa, ab, ..."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _family(name: str) -> str:
    return name.partition(",")[0] if "," in name else name.rsplit(maxsplit=1)[-1] if name.split() else ""


def _first_word(title: str) -> str:
    for word in re.findall(r"[^\W_]+", title):
        if word.lower() not in STOPWORDS and len(word) > 2 and _ascii(word):
            return _ascii(word)
    return ""


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())
