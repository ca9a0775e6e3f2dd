"""Evidence to Matrix: works (rows) by aspects (columns), every cell a quote or "not reported".

A cell shows the clause that tells; its citation is the whole sentence, so that it is never out of context.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from agent.aspects import shows
from agent.edit import open_plainly
from agent.findings import quantities
from agent.mood import states
from agent.names import label_of, name_pattern
from agent.relevance import turning_point
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
_PROPOSES = re.compile(
    r"\b(?:we|this (?:paper|work|article|report)|our)\b[^.]{0,60}\b(?:propos|introduc|present|develop|design|build|describ)",
    re.I,
)
_MEANS = re.compile(r"\b(?:by \w+ing|via|through|using|leverag\w+|based on)\b", re.I)
_WORDED = frozenset(["quality", "accuracy", "data"])
_CLAIMS = re.compile(
    r"\b(?:without|lossless|preserv\w*|maintain\w*|keeps?|not (?:degrade|suffer)|outperform\w*|surpass\w*|comparable|better|best|state-of-the-art|no)\b",
    re.I,
)
_MAGNITUDE = re.compile(
    r"\b(?:(?:b|tr)illions?|hundreds?|thousands?|orders? of magnitude|half|halv\w+|twice|doubl\w+|tripl\w+)\b", re.I
)
_ITEM = re.compile(r"\((?:\d|i{1,3}|iv|v|[a-e])\)|\s\d\)")
_LEANS = re.compile(r"(?:with|while|whereas|compared|and|which|but|than|or|as|fitting|using|over)\b", re.I)
_BOUNDARY = re.compile(
    r"(?:[;:]|,(?!\d)|\s--|\s–)\s+|\s+(?=(?:while|whereas|with|compared|and (?:achiev|reduc|improv|sav|us|is|enabl|outperform)\w*)\b)|(?<=\))\s+|\((?:\d|i{1,3}|iv|v|[a-e])\)\s+"
)


def compare(
    plan: Plan,
    evidence: Sequence[Evidence],
    library: Library,
    keys: Mapping[str, str],
    cited: Collection[str] | None = None,
) -> Matrix | None:
    """The matrix for a comparison or a survey of several papers; None where one paper alone answers.

    `cited`: only papers the prose cites get a row (None: all). A row or a column without a single quote is left out.
    """
    ids = dict.fromkeys(e.paper_id for e in evidence if cited is None or e.paper_id in cited)
    papers = [library.paper(paper_id) for paper_id in ids]
    if len(papers) < 2 or plan.kind in (QuestionKind.FACT, QuestionKind.YES_NO):
        return None
    rows = _row_names(papers, evidence, keys)
    cells = [_cell(rows[p.paper_id], p, a, evidence, library, keys) for p in papers for a in _columns(plan)]
    shown_rows = [row for row in rows.values() if any(c.citations for c in cells if c.row == row)]
    shown = [a.name for a in _columns(plan) if any(c.citations for c in cells if c.column == a.name)]
    if len(shown_rows) < 2:
        return None
    kept = tuple(cell for cell in cells if cell.row in shown_rows and cell.column in shown)
    return Matrix(tuple(shown_rows), tuple(shown), kept)


def _columns(plan: Plan) -> tuple[Aspect, ...]:
    asked = tuple(aspect for aspect in plan.aspects if aspect.name != "approach") or _DEFAULT
    return (_APPROACH, *asked)[:COLUMNS]


def _row_names(papers: Sequence[Paper], evidence: Sequence[Evidence], keys: Mapping[str, str]) -> dict[str, str]:
    """A name for each paper, unique: the one it was asked by, else its label, its short title, its key."""
    asked = {item.paper_id: item.subject for item in evidence if item.subject}
    names: dict[str, str] = {}
    for paper in papers:
        name = asked.get(paper.paper_id) or label_of(paper) or paper.title.partition(":")[0]
        name = name if len(name) <= 40 else keys[paper.paper_id]
        names[paper.paper_id] = f"{name} ({keys[paper.paper_id]})" if name in names.values() else name
    return names


def _cell(
    row: str, paper: Paper, aspect: Aspect, evidence: Sequence[Evidence], library: Library, keys: Mapping[str, str]
) -> Cell:
    scores = {e.start: e.score for e in evidence if e.paper_id == paper.paper_id}
    sentences = library.sentences(paper.paper_id)
    own = [s for s in sentences[turning_point(sentences) :] if states(s.text)]  # what stands before is about others
    best = max(own, key=lambda s: (_fit(s, paper, aspect, scores), -s.index), default=None)
    if best is None or _fit(best, paper, aspect, scores) <= 0.0:
        return Cell(row, aspect.name, NOT_REPORTED, ())
    start, end = _telling_part(best, aspect)
    passage = library.passage_at(paper.paper_id, best.start, best.end)
    key = keys[paper.paper_id]
    citation = Citation(key, paper.paper_id, paper.title, passage.passage_id, best.start, best.end, best.text)
    return Cell(row, aspect.name, paper.abstract[start:end], (citation,))


def _fit(sentence: Sentence, paper: Paper, aspect: Aspect, scores: Mapping[int, float]) -> float:
    """How well a sentence fills the cell; 0 when it has nothing on the aspect."""
    text = sentence.text
    if aspect.name == "approach":
        named = _names_work(text, paper)
        if _PROPOSES.search(text) is not None:
            return 2.0 + named - 0.05 * sentence.index
        return (
            0.5 + 0.2 * max(scores.get(sentence.start, 0.0), 0.0)
            if named and _MEANS.search(text) and not quantities(text)
            else 0.0
        )
    if not shows(aspect, text):
        return 0.0
    score = 0.2 * scores.get(sentence.start, 0.0)
    if aspect.name == "hardware":
        return 1.0 + score
    if not _figured(text):
        return 0.5 + 0.1 * score if aspect.name in _WORDED and _CLAIMS.search(text) else 0.0
    places = [(q.start, q.end) for q in quantities(text) if q.unit] or [m.span() for m in _MAGNITUDE.finditer(text)]
    near = min((_distance(text, aspect, *place) for place in places), default=999)
    if near > 60:
        return 0.0
    return 1.0 + 1.0 / (1.0 + near / 20.0) + score


def _figured(text: str) -> bool:
    """True when `text` gives a figure, in digits or in a word of magnitude."""
    return bool(quantities(text)) or _MAGNITUDE.search(text) is not None


def _names_work(text: str, paper: Paper) -> float:
    label = label_of(paper)
    return 1.0 if label is not None and name_pattern(label).search(text) else 0.0


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
    opening = len(text) - len(open_plainly(text))
    opening = opening if 0 < opening < len(text) and text[opening:].lower() == open_plainly(text).lower() else 0
    if len(text.split()) <= 22:
        return sentence.start + opening, sentence.end
    cuts = [opening, *(match.end() for match in _BOUNDARY.finditer(text) if match.end() > opening), len(text)]
    best: tuple[bool, bool, int, int, int] | None = None
    for first in range(len(cuts) - 1):
        for last in range(first + 1, len(cuts)):
            part = text[cuts[first] : cuts[last]]
            words = len(part.split())
            whole = part.count("(") == part.count(")") and not _ITEM.search(part[3:])
            if whole and 7 <= words <= 28 and _tells(part, aspect):
                size = -words if aspect.name == "approach" else words
                option = (_LEANS.match(part) is not None, aspect.name not in part, size, cuts[first], cuts[last])
                best = min(best or option, option)
    if best is None:
        return sentence.start + opening, sentence.end
    *_, first, last = best
    part = text[first:last]
    return sentence.start + first + (len(part) - len(part.lstrip())), sentence.start + first + len(
        part.rstrip(" ,;:–-")
    )


def _tells(part: str, aspect: Aspect) -> bool:
    """True when a clause shows the aspect, with a figure unless it is the approach or a matter of words."""
    return (shows(aspect, part) or (aspect.name == "approach" and _MEANS.search(part) is not None)) and (
        aspect.name in ("approach", "hardware")
        or _figured(part)
        or (aspect.name in _WORDED and _CLAIMS.search(part) is not None)
    )
