"""From what a person writes (an id, DOI, arXiv id or title) to the one paper meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from store.catalog import Catalog
from store.errors import UnknownPaper
from store.text import fold
from store.types import Paper

__all__ = ["find_paper"]

_SAME = 0.9
"""Ratio of `difflib.SequenceMatcher` from which a title is taken for a misspelling of another."""
_LIKE = 0.5
"""Share of the words asked for from which a title is worth suggesting."""
_LONG_PREFIX = 20
"""Characters of a cut-off title that are enough to know it by."""
_SHORTLIST = 20
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:https?://arxiv\.org/(?:abs|pdf)/|arxiv:\s*)?(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?$", re.IGNORECASE
)


def find_paper(catalog: Catalog, reference: str) -> Paper:
    """The paper of that id, DOI, arXiv id, title, cut-off title, name before the colon, or clearly closest title.

    Raises UnknownPaper, with the papers it may have been or that it fits equally.
    """
    wanted = reference.encode("utf-8", "replace").decode("utf-8").strip()
    with catalog.snapshot():
        for paper in catalog.papers([wanted, *catalog.paper_ids_of(_identity_keys(wanted)).values()]):
            return paper
        folded = fold(wanted)
        titles = dict(catalog.folded_titles())
        fitting = _fitting(folded, titles, catalog) if folded else []
        if len(fitting) == 1:
            return catalog.paper(fitting[0])
        close = catalog.papers(fitting[:3] or _suggestions(wanted, folded, titles))
    raise UnknownPaper(_message(reference, close, ambiguous=bool(fitting), folder=str(catalog.folder)))


def _identity_keys(text: str) -> list[str]:
    keys = [f"id:{text}"]  # a paper that has become part of another is still found by its id
    if match := _DOI.match(text):
        keys.append("doi:" + match[1].lower())
    if match := _ARXIV.match(text):
        keys.append("arxiv:" + match[1].lower())
    return keys


def _fitting(folded: str, titles: Mapping[str, str], catalog: Catalog) -> list[str]:
    """Ids of the papers that the title may mean, by the first way that finds any."""
    ways = (
        [paper_id for paper_id, title in titles.items() if title == folded],
        [i for i, title in titles.items() if len(folded) >= _LONG_PREFIX and title.startswith(folded)],
        [i for i, title in titles.items() if title.startswith(folded + " ") and _name(catalog.paper(i)) == folded],
        [paper_id for _, paper_id in _closest(folded, titles, _SAME)],
    )
    return next((way for way in ways if way), [])


def _name(paper: Paper) -> str | None:
    """What stands before the colon of a title, folded."""
    name, colon, _ = paper.title.partition(":")
    return fold(name) if colon else None


def _closest(folded: str, titles: Mapping[str, str], least: float) -> list[tuple[float, str]]:
    """Ratio and id of the titles like `folded`, closest first; compared are those that share most words."""
    words = set(folded.split())
    shared = sorted((-len(words & set(title.split())), paper_id) for paper_id, title in titles.items())
    rated = [
        (difflib.SequenceMatcher(None, folded, titles[paper_id], autojunk=False).ratio(), paper_id)
        for count, paper_id in shared[:_SHORTLIST]
        if count
    ]
    return sorted((pair for pair in rated if pair[0] >= least), key=lambda pair: (-pair[0], pair[1]))


def _suggestions(wanted: str, folded: str, titles: Mapping[str, str]) -> list[str]:
    """Up to three ids that a mistyped id or a half-remembered title may mean."""
    words = set(folded.split())
    shares = sorted((-len(words & set(title.split())), paper_id) for paper_id, title in titles.items())
    likely = [paper_id for count, paper_id in shares if words and -count >= _LIKE * len(words)]
    return [*difflib.get_close_matches(wanted, titles, n=3, cutoff=0.75), *likely][:3]


def _message(reference: str, close: tuple[Paper, ...], *, ambiguous: bool, folder: str) -> str:
    shown = reference if len(reference) <= 80 else reference[:80] + "..."
    listed = "; ".join(f"{paper.paper_id} ({paper.title})" for paper in close)
    if ambiguous:
        return f"several papers fit {shown!r}: {listed}; name one by its id"
    hint = f"; did you mean {listed}?" if close else "; see: plumbline papers list"
    return f"no paper {shown!r} in the library at {folder}{hint}"
