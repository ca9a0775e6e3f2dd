"""Evidence to Matrix: works (rows) by aspects (columns), every cell a quote or "not reported"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agent.aspects import shows
from agent.findings import quantities
from agent.names import label_of
from agent.types import Aspect, Cell, Citation, Evidence, Matrix, Plan, QuestionKind
from store.types import Paper, Sentence

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["NOT_REPORTED", "compare"]

NOT_REPORTED = "not reported"
"""What a cell says when the abstract has nothing on the aspect."""
COLUMNS = 4
"""At most so many aspects side by side."""
_APPROACH = Aspect("approach", ("propose", "introduce", "present"))
_DEFAULT = (
    Aspect("speed", ("faster", "speedup", "speed-up", "latency", "throughput", "real-time")),
    Aspect("accuracy", ("accuracy", "quality", "outperform", "fid", "psnr")),
)
_BOUNDARY = re.compile(
    r"(?:[;:]|,(?!\d)|\s--|\s–)\s+|\s+(?=(?:while|whereas|with|compared|and (?:achiev|reduc|improv|sav|us|is|enabl|outperform)\w*)\b)|(?<=\))\s+|\((?:\d|i{1,3}|iv|v|[a-e])\)\s+"
)


def compare(plan: Plan, evidence: Sequence[Evidence], library: Library, keys: Mapping[str, str]) -> Matrix | None:
    """The matrix for a comparison or a survey of several papers; None where one paper alone answers."""
    papers = [library.paper(paper_id) for paper_id in dict.fromkeys(e.paper_id for e in evidence)]
    if len(papers) < 2 or plan.kind in (QuestionKind.FACT, QuestionKind.YES_NO):
        return None
    aspects = _columns(plan)
    rows = _row_names(papers, keys)
    cells = tuple(
        _cell(rows[paper.paper_id], paper, aspect, evidence, library, keys) for paper in papers for aspect in aspects
    )
    filled = [aspect for aspect in aspects if any(c.citations for c in cells if c.column == aspect.name)]
    if not filled:
        return None
    kept = {aspect.name for aspect in filled} | {aspect.name for aspect in plan.aspects}
    columns = tuple(aspect.name for aspect in aspects if aspect.name in kept)
    return Matrix(tuple(rows.values()), columns, tuple(cell for cell in cells if cell.column in columns))


def _columns(plan: Plan) -> tuple[Aspect, ...]:
    asked = tuple(aspect for aspect in plan.aspects if aspect.name != "approach") or _DEFAULT
    return (_APPROACH, *asked)[:COLUMNS]


def _row_names(papers: Sequence[Paper], keys: Mapping[str, str]) -> dict[str, str]:
    """A name for each paper, unique: its label, else its short title."""
    names: dict[str, str] = {}
    for paper in papers:
        name = label_of(paper) or paper.title.partition(":")[0]
        names[paper.paper_id] = f"{name} ({keys[paper.paper_id]})" if name in names.values() else name
    return names


def _cell(
    row: str, paper: Paper, aspect: Aspect, evidence: Sequence[Evidence], library: Library, keys: Mapping[str, str]
) -> Cell:
    scores = {e.start: e.score for e in evidence if e.paper_id == paper.paper_id}
    best = max(library.sentences(paper.paper_id), key=lambda s: (_fit(s, aspect, scores), -s.index), default=None)
    if best is None or _fit(best, aspect, scores) <= 0.0:
        return Cell(row, aspect.name, NOT_REPORTED, ())
    start, end = _telling_part(best, aspect)
    quote = paper.abstract[start:end]
    passage = library.passage_at(paper.paper_id, start, end)
    return Cell(
        row,
        aspect.name,
        quote,
        (Citation(keys[paper.paper_id], paper.paper_id, paper.title, passage.passage_id, start, end, quote),),
    )


def _fit(sentence: Sentence, aspect: Aspect, scores: Mapping[int, float]) -> float:
    """How well a sentence fills the cell; 0 when it has nothing on the aspect."""
    text = sentence.text
    if aspect.name == "approach":
        own = re.search(
            r"\b(?:we|this (?:paper|work)|our)\b[^.]{0,60}\b(?:propos|introduc|present|develop|design|build|describ)",
            text,
            re.I,
        )
        return 2.0 + 0.1 * scores.get(sentence.start, 0.0) if own else 0.0
    if not shows(aspect, text) or not quantities(text):
        return 0.0
    near = min(
        (_distance(text, aspect, quantity.start, quantity.end) for quantity in quantities(text) if quantity.unit),
        default=999,
    )
    if near > 60:
        return 0.0
    return 1.0 + 1.0 / (1.0 + near / 20.0) + 0.2 * scores.get(sentence.start, 0.0)


def _distance(text: str, aspect: Aspect, start: int, end: int) -> int:
    """Characters between a quantity and the nearest word of the aspect."""
    if shows(aspect, text[start:end]):
        return 0
    for reach in range(10, 90, 10):
        if shows(aspect, text[max(0, start - reach) : end + reach]):
            return reach
    return 999


def _telling_part(sentence: Sentence, aspect: Aspect) -> tuple[int, int]:
    """The span of the clause that carries the aspect (and its figure), or of the whole sentence when it is short."""
    text = sentence.text
    if len(text.split()) <= 22:
        return sentence.start, sentence.end
    cuts = [0, *(match.end() for match in _BOUNDARY.finditer(text)), len(text)]
    best: tuple[int, int] | None = None
    for first in range(len(cuts) - 1):
        for last in range(first + 1, len(cuts)):
            part = text[cuts[first] : cuts[last]]
            words = len(part.split())
            telling = shows(aspect, part) and (aspect.name == "approach" or bool(quantities(part)))
            if (
                telling
                and 7 <= words <= 28
                and part.count("(") == part.count(")")
                and (best is None or words < best[1] - best[0])
            ):
                best = (cuts[first], cuts[last])
    if best is None:
        return sentence.start, sentence.end
    part = text[best[0] : best[1]]
    trimmed = part.rstrip(" ,;:–-")
    return sentence.start + best[0] + (len(part) - len(part.lstrip())), sentence.start + best[0] + len(trimmed)
