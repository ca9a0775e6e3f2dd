"""What a review says of itself: how it was made, as rows of a table, and its figures, all from counts."""

from __future__ import annotations

from collections import Counter

from agent.render.figures import Bar, Box, Dot, bar_chart, dot_plot, flow_chart
from agent.render.literal import literal as say
from agent.render.review import FIGURES
from agent.types import Draft, Label, ReportedFigure
from store.types import SearchFilter

__all__ = ["draw", "scope_rows"]

_LEAST_YEARS = 2
_LEAST_DOTS = 3
_MOST_DOTS = 25
_LABEL = 38
"""Characters that a label beside a dot has room for."""


def scope_rows(draft: Draft, filters: SearchFilter) -> list[tuple[str, str]]:
    """The scope table: topic, library, numbers of papers, years, who wrote, what the check found."""
    screening = draft.screening
    rows = [("Topic", say(draft.topic)), ("Papers in the library", str(screening.library))]
    if not filters.is_empty():
        rows.append(("Papers that pass the filters", f"{screening.eligible} ({say(_filters(filters))})"))
    rows += [
        ("Papers found by search and screened", str(screening.identified)),
        ("Papers included", str(len(screening.included))),
        ("Years", _years(draft)),
        (
            "Written by",
            "extractive (source sentences, no model)" if draft.engine == "extractive" else say(draft.engine),
        ),
        ("Sentences and verdicts", _verdicts(draft)),
    ]
    return rows


def draw(draft: Draft) -> dict[str, str]:
    """SVG by file stem; a figure that would show nothing is left out."""
    figures = {"screening": _screening(draft)}
    if len(draft.sections) > 1:
        bars = [Bar(section.heading, len(section.paper_ids)) for section in draft.sections]
        told = "; ".join(f"{bar.label}: {bar.value}" for bar in bars)
        figures["themes"] = bar_chart(FIGURES["themes"], f"Papers in each theme of the review. {told}.", bars)
    years = Counter(paper.year for paper in draft.screening.included if paper.year is not None)
    if len(years) >= _LEAST_YEARS:
        figures["years"] = _by_year(years, len(draft.screening.included))
    if len(draft.findings) >= _LEAST_DOTS:
        dots = [Dot("", _dot_label(f), f.value) for f in draft.findings[:_MOST_DOTS]]
        told = "; ".join(f"{dot.label}: {dot.value:g} times" for dot in dots)
        description = f"Each value is against the baseline that its paper chose, so they don't compare. {told}."
        figures["speedups"] = dot_plot(FIGURES["speedups"], description, dots, "×")
    return figures


def _dot_label(figure: ReportedFigure) -> str:
    """The work's name with its key; the key alone for a long title."""
    key = figure.citation.key
    return f"{figure.name} ({key})" if len(figure.name) + len(key) <= _LABEL else key


def _by_year(years: Counter[int], papers: int) -> str:
    bars = [Bar(str(year), years[year]) for year in range(min(years), max(years) + 1)]
    undated = papers - years.total()
    told = "; ".join(f"{bar.label}: {bar.value}" for bar in bars)
    return bar_chart(
        f"{FIGURES['years']} ({undated} undated left out)" if undated else FIGURES["years"], f"{told}.", bars
    )


def _screening(draft: Draft) -> str:
    screening = draft.screening
    reasons = Counter(excluded.reason for excluded in screening.excluded)
    aside = tuple(f"{reason} (n = {count})" for reason, count in sorted(reasons.items(), key=lambda r: (-r[1], r[0])))
    not_found = screening.eligible - screening.identified
    outside = screening.library - screening.eligible
    left_out = [f"Left out by the filters (n = {outside})"] if outside else []
    left_out += [f"Not found by search (n = {not_found})"] if not_found else []
    boxes = [
        Box((f"Papers in the library (n = {screening.library})",), tuple(left_out)),
        Box(
            (f"Identified by search, screened (n = {screening.identified})",),
            (f"Excluded (n = {len(screening.excluded)})", *aside) if aside else (),
        ),
        Box((f"Included in the review (n = {len(screening.included)})",)),
    ]
    told = ". ".join(line for box in boxes for line in (*box.lines, *box.aside))
    return flow_chart(FIGURES["screening"], told + ".", boxes)


def _years(draft: Draft) -> str:
    known = sorted(paper.year for paper in draft.screening.included if paper.year is not None)
    undated = len(draft.screening.included) - len(known)
    if not known:
        return f"none known ({undated} undated)"
    span = str(known[0]) if known[0] == known[-1] else f"{known[0]} to {known[-1]}"
    return f"{span} ({undated} undated)" if undated else span


def _verdicts(draft: Draft) -> str:
    counts = Counter(sentence.verdict.label for section in draft.sections for sentence in section.sentences)
    parts = [f"{counts[label]} {label.value}" for label in Label if counts[label]]
    parts += [f"{draft.dropped} refused and left out"] if draft.dropped else []
    return ", ".join(parts)


def _filters(filters: SearchFilter) -> str:
    parts = []
    if filters.year_from is not None:
        parts.append(f"from {filters.year_from}")
    if filters.year_to is not None:
        parts.append(f"to {filters.year_to}")
    named = [("source", filters.sources), ("venue", filters.venues), ("tag", filters.tags), ("id", filters.paper_ids)]
    parts += [f"{name} {', '.join(values)}" for name, values in named if values]
    return "; ".join(parts)
