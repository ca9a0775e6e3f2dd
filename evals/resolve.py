"""Names of papers in cases, to ids of the library: by id, or by title after folding. Nothing is guessed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from evals.cases import Located
from evals.errors import SuiteInvalid
from store.text import canonical, fold
from store.types import Paper

__all__ = ["Directory"]


@dataclass(frozen=True, slots=True)
class Directory:
    """The papers of a library by id and by folded title."""

    papers: dict[str, Paper]
    titles: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> Directory:
        """The directory of these papers."""
        by_id = {paper.paper_id: paper for paper in papers}
        titles: dict[str, tuple[str, ...]] = {}
        for paper_id, paper in sorted(by_id.items()):
            key = fold(paper.title)
            titles[key] = (*titles.get(key, ()), paper_id)
        return cls(by_id, titles)

    def paper(self, reference: str, place: Located, field: str) -> str:
        """The id of the paper named. Raises SuiteInvalid when there is none, or more than one of that title."""
        if reference in self.papers:
            return reference
        found = self.titles.get(fold(canonical(reference)), ())
        if len(found) == 1:
            return found[0]
        if found:
            raise SuiteInvalid(f"{place}, field {field}: {len(found)} papers have the title {reference!r}; use an id")
        raise SuiteInvalid(f"{place}, field {field}: no paper {reference!r} in the library{self._closest(reference)}")

    def _closest(self, reference: str) -> str:
        close = difflib.get_close_matches(fold(reference), self.titles, n=1, cutoff=0.6)
        return f"; the closest title is {self.papers[self.titles[close[0]][0]].title!r}" if close else ""
