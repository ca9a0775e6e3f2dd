"""What flows through the agent: Plan, Evidence, Claim, Verdict, Answer, Draft.

`Evidence` is the hinge: a verbatim quote with its span. Engines write *from* evidence and cite
evidence ids; `agent.ground` looks only at the claim and the stored text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from store.types import Paper, SearchFilter

__all__ = [
    "Abstention",
    "Answer",
    "Aspect",
    "Cell",
    "Check",
    "CheckedSentence",
    "Citation",
    "Claim",
    "Contradiction",
    "Draft",
    "Estimate",
    "Evidence",
    "Excluded",
    "Finding",
    "Label",
    "LedgerLine",
    "Matrix",
    "Outcome",
    "Plan",
    "Problem",
    "PromptUse",
    "Quantity",
    "QuestionKind",
    "Quote",
    "Recheck",
    "ReportedFigure",
    "Run",
    "Screening",
    "Section",
    "Source",
    "Subject",
    "Usage",
    "Verdict",
]


class QuestionKind(StrEnum):
    """What sort of answer a question wants."""

    COMPARISON = "comparison"
    SURVEY = "survey"
    FACT = "fact"
    YES_NO = "yes/no"


class Label(StrEnum):
    """The verdict on one sentence."""

    SUPPORTED = "SUPPORTED"
    CONTRADICTED = "CONTRADICTED"
    NOT_ENOUGH_INFO = "NOT_ENOUGH_INFO"
    CHECK_FAILED = "CHECK_FAILED"


class Outcome(StrEnum):
    """What one check found."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Subject:
    """Something asked about by name. `paper_ids` are the papers whose text introduces or names it,
    most telling first; empty when the library does not know the name. `introduced`: the first of them
    is where the name comes from; else they only mention it."""

    name: str
    paper_ids: tuple[str, ...] = ()
    introduced: bool = False


@dataclass(frozen=True, slots=True)
class Aspect:
    """A respect in which things are compared ("memory"), with the words that show it in a sentence."""

    name: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a question will be answered. `queries[0]` is the whole of it; `excluded` is what it sets aside."""

    question: str
    kind: QuestionKind
    subjects: tuple[Subject, ...]
    aspects: tuple[Aspect, ...]
    queries: tuple[str, ...]
    filters: SearchFilter
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quote: ``paper.abstract[start:end] == quote``. `why` says what it was taken for."""

    evidence_id: str
    paper_id: str
    passage_id: str
    start: int
    end: int
    quote: str
    score: float
    subject: str | None = None
    aspect: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as text gives it, normalised.

    `low` and `high` are equal unless it is a range. `unit` is canonical ("x", "%", "ms", "GB", "params", "");
    `comparator` is one of "=", ">", ">=", "<", "<=", "~"; `direction` is +1 (more, faster, higher),
    -1 (less, slower, lower) or 0 (a plain value). `start`/`end` are offsets into the text read.
    """

    low: float
    high: float
    unit: str
    comparator: str
    direction: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A quantity somebody reports: what was measured, against what, under which condition."""

    paper_id: str
    start: int
    end: int
    quantity: Quantity
    aspect: str | None
    subject: str | None
    baseline: str | None
    condition: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable sentence and the ids of the evidence it is written from."""

    text: str
    evidence_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote in a paper, under the key by which the answer names the paper."""

    key: str
    paper_id: str
    title: str
    passage_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Check:
    """One named check: "ids", "quote", "numbers", "names", "polarity", "scope", "entailment"..."""

    name: str
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a paper's abstract that bears on a verdict."""

    paper_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check says of one claim. `confidence` is in [0, 1], of the label."""

    label: Label
    confidence: float
    checks: tuple[Check, ...]
    evidence: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence as the reader gets it."""

    text: str
    verdict: Verdict
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a matrix: a quote, or "not reported" with no citation."""

    row: str
    column: str
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Subjects (rows) by aspects (columns); `cells` has every pair, row by row."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two papers that do not agree on a subject in one aspect: the words of both, and in what they differ."""

    subject: str
    aspect: str
    why: str
    first: Citation
    second: Citation


@dataclass(frozen=True, slots=True)
class Abstention:
    """Why there is no answer, and which parts of the question the library lacks."""

    reason: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A cited paper under its key."""

    key: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost. `seconds` is wall time; it stands outside what must be the same bytes."""

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PromptUse:
    """A prompt that was sent: `digest` is the SHA-256 of its file."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Run:
    """How a model was used for an answer: enough to tell two runs apart, and no secret.

    `endpoint` is its address without credentials; `cost` is in US dollars, None where a price is unknown.
    `written` sentences came from the model, `refused` of them failed at first, `mended` passed when asked again.
    """

    model: str
    small: str
    endpoint: str
    temperature: float
    context_tokens: int
    prompts: tuple[PromptUse, ...]
    calls: int
    cached: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    written: int = 0
    refused: int = 0
    mended: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """For one question: `calls` and tokens where every sentence passes at once, `most_calls` where few do.

    `cost` is in US dollars, None where a price is not known. `model`, `endpoint`: who would be asked, and where.
    """

    model: str
    endpoint: str
    calls: int
    most_calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    quotes: int

    @property
    def most_tokens(self) -> int:
        """Tokens in and out where every call is made and as large as the largest of the estimate."""
        return self.most_calls * (self.input_tokens + self.output_tokens)


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited, checked answer, or an abstention. `dropped` counts sentences the gate refused.

    `missing`: the parts of the question that stay open. `partial`: a budget ended, or the model failed, before all was
    written; what was checked until then stands. `notes` say such things in a line each. `run`: where a model was asked.
    """

    question: str
    engine: str
    sentences: tuple[CheckedSentence, ...]
    matrix: Matrix | None
    sources: tuple[Source, ...]
    abstention: Abstention | None = None
    missing: tuple[str, ...] = ()
    dropped: int = 0
    usage: Usage = Usage()
    contradictions: tuple[Contradiction, ...] = ()
    notes: tuple[str, ...] = ()
    partial: bool = False
    run: Run | None = None

    @property
    def abstained(self) -> bool:
        """True when there is no answer."""
        return self.abstention is not None


@dataclass(frozen=True, slots=True)
class Section:
    """A theme of a draft: heading, checked sentences, the papers it rests on."""

    heading: str
    sentences: tuple[CheckedSentence, ...]
    paper_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One sentence of a draft with its section, verdict and citations."""

    section: str
    sentence: CheckedSentence


@dataclass(frozen=True, slots=True)
class ReportedFigure:
    """A factor ("6.7x") that a paper reports, under its citation, for the figure that draws them."""

    name: str
    aspect: str
    value: float
    citation: Citation


@dataclass(frozen=True, slots=True)
class Excluded:
    """A paper that search found for a topic and screening left out."""

    paper: Paper
    reason: str


@dataclass(frozen=True, slots=True)
class Screening:
    """How the papers of a review were chosen: library -> filters -> search -> screening.

    `library` papers were there, `eligible` of them passed the filters, `identified` were found by
    search; of those, `included` and `excluded` (best first) are the whole.
    """

    library: int
    eligible: int
    identified: int
    included: tuple[Paper, ...]
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A review: title, sections in order, matrix, sources, and the papers screened out with reasons.

    `runs`: how a model was used, section by section; `notes`: what went otherwise than asked.
    """

    topic: str
    title: str
    engine: str
    sections: tuple[Section, ...]
    matrix: Matrix | None
    sources: tuple[Source, ...]
    screening: Screening
    findings: tuple[ReportedFigure, ...] = ()
    unmatched: tuple[str, ...] = ()
    dropped: int = 0
    runs: tuple[Run, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as the draft says: in which file and line, under which section, and what."""

    file: str
    line: int | None
    section: str | None
    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """What checking again found. `verdicts` counts the verdicts made now, by label."""

    directory: str
    sentences: int
    verdicts: tuple[tuple[str, int], ...]
    library_unchanged: bool
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """True when everything is as the draft says and every sentence is supported."""
        return not self.problems
