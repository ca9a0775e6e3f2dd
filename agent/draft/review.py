"""Topic to Draft: scope, screen, outline, write each section, compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.draft.matrix import make_matrix
from agent.draft.outline import make_outline
from agent.draft.reported import reported_figures
from agent.draft.scope import Scope, make_scope, unmatched
from agent.draft.screen import screen
from agent.draft.write import KEYLESS, Desk, Written, write_section
from agent.engines.extractive import ExtractiveEngine
from agent.engines.protocol import Engine
from agent.errors import BadReply, BudgetEnded, NothingToDraft, Refused
from agent.ground import Grounder
from agent.keys import assign
from agent.types import Draft, Source
from store.types import SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["DEFAULTS", "Wanted", "write_draft"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user may set: at most `limit` papers, `themes` sections, and papers that `must` be in (by id)."""

    limit: int | None = None
    themes: int | None = None
    must: tuple[str, ...] = ()


DEFAULTS = Wanted()
_PASSING = (BadReply, BudgetEnded, Refused)
"""Faults of one section; after any other the rest is written without the model."""


def write_draft(
    topic: str,
    library: Library,
    engine: Engine,
    grounder: Grounder,
    filters: SearchFilter = SearchFilter(),
    wanted: Wanted = DEFAULTS,
    progress: Callable[[str], None] | None = None,
) -> Draft:
    """A checked review of what the library holds on `topic`.

    Raises BadInput for an unusable topic, NothingToDraft when no paper of the library belongs to it.
    """
    scope = make_scope(topic, filters)
    tell = progress or (lambda _: None)
    tell("screening")
    screening = screen(scope, library, wanted.limit, wanted.must)
    if not screening.included:
        raise NothingToDraft(_nothing(scope, screening.eligible, screening.identified))
    tell(f"{len(screening.included)} papers; grouping them")
    outline = make_outline(scope, screening.included, library, wanted.themes)
    keys = assign(screening.included)
    desk = Desk(scope, library, engine, grounder, keys, library.embed([scope.topic])[0])
    written: list[Written] = []
    for number, theme in enumerate(outline, 1):
        tell(f"section {number} of {len(outline)}: {theme.heading}")
        made = write_section(theme, desk, [s for w in written for s in w.section.sentences])
        written.append(made)
        for note in made.notes:
            tell(f"notice: {note}")
        if made.fault is not None and not isinstance(made.fault, _PASSING):
            desk = replace(desk, engine=ExtractiveEngine())
    papers = [paper for theme in outline for paper in theme.papers]
    return Draft(
        topic=scope.topic,
        title=scope.topic[:1].upper() + scope.topic[1:],
        engine=_writers(engine.name, written),
        sections=tuple(w.section for w in written),
        matrix=make_matrix(papers, keys, library),
        sources=tuple(Source(keys[paper.paper_id], paper) for paper in sorted(papers, key=lambda p: keys[p.paper_id])),
        screening=screening,
        findings=reported_figures(papers, keys, library),
        unmatched=unmatched(scope, library),
        dropped=sum(w.dropped for w in written),
        runs=tuple(w.run for w in written if w.run is not None),
        notes=tuple(dict.fromkeys(note for w in written for note in w.notes)),
    )


def _writers(name: str, written: Sequence[Written]) -> str:
    """Who wrote: the engine, and the keyless one where a model left a paper untold or failed."""
    talked = [w for w in written if w.run is not None]
    alone = len(talked) == len(written) and not any(w.retold for w in written)
    if not talked or alone:
        return name
    by_model = any(len(w.section.sentences) > w.retold for w in talked)
    return f"{name}, then {KEYLESS}" if by_model else KEYLESS


def _nothing(scope: Scope, eligible: int, identified: int) -> str:
    if not eligible:
        return "no paper of the library passes the filters; nothing was written"
    return (
        f"no paper of the library is about {scope.topic!r} ({identified} of {eligible} were screened); "
        f"nothing was written; see what is near with: plumbline search {scope.topic!r}"
    )
