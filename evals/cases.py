"""Cases: one JSON object a line, read into frozen types, with errors that name file, line and field.

Papers are named by id or by title; `evals.resolve` turns names into ids of the library. Fields that a kind does not
use are let through (suites may carry notes), but one that looks like a misspelt field is an error: it would
otherwise drop a figure in silence.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from evals.errors import SuiteInvalid

__all__ = [
    "AskCase",
    "DraftCase",
    "GoldFact",
    "GoldSection",
    "SearchCase",
    "VerifyCase",
    "first_problem",
    "read_cases",
]


@dataclass(frozen=True, slots=True)
class SearchCase:
    """A query and the papers that answer it, with grades (2 central, 1 partly) or as a plain list (all 1)."""

    id: str
    query: str
    relevant: dict[str, int] | list[str]
    kind: str | None = None

    @property
    def grades(self) -> dict[str, int]:
        """Grade by paper."""
        return self.relevant if isinstance(self.relevant, dict) else dict.fromkeys(self.relevant, 1)


@dataclass(frozen=True, slots=True)
class GoldFact:
    """A span of a paper's abstract that a good answer shows."""

    paper: str
    span: str


@dataclass(frozen=True, slots=True)
class AskCase:
    """A question, the papers an answer must cite, may cite, and the facts it must show.

    Unanswerable when no gold paper is named, unless `answerable` says otherwise.
    """

    id: str
    question: str
    type: str | None = None
    gold_papers: list[str] = field(default_factory=list)
    gold_facts: list[GoldFact] = field(default_factory=list)
    acceptable_papers: list[str] = field(default_factory=list)
    answerable: bool | None = None

    @property
    def has_answer(self) -> bool:
        """True when the library holds the answer."""
        return bool(self.gold_papers) if self.answerable is None else self.answerable


@dataclass(frozen=True, slots=True)
class VerifyCase:
    """A claim, the paper it cites, and the label it deserves; `kind` says how it was made."""

    id: str
    claim: str
    paper: str
    label: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class GoldSection:
    """One section of a reference outline."""

    heading: str
    papers: list[str]


@dataclass(frozen=True, slots=True)
class DraftCase:
    """A topic and the outline a person would give its review.

    `topic_id` names a line of the suite's `topics` file, whose query is then the topic.
    """

    sections: list[GoldSection]
    id: str | None = None
    topic_id: str | None = None
    topic: str | None = None

    @property
    def case_id(self) -> str:
        """`id`, else `topic_id`, else the topic itself."""
        return self.id or self.topic_id or self.topic or ""


CaseT = TypeVar("CaseT")


@dataclass(frozen=True, slots=True)
class Located:
    """Where a case stands, for messages."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}"


def read_cases(path: Path, shape: type[CaseT], *, key: str = "id", unique: bool = True) -> list[tuple[Located, CaseT]]:
    """The cases of a JSON lines file in order, each with its place; without `unique`, an id may stand twice.

    Raises SuiteInvalid: file missing or not UTF-8, malformed line, wrong or missing field, repeated id, no case.
    """
    adapter = TypeAdapter(shape)
    found: list[tuple[Located, CaseT]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        place = Located(path, number)
        case = _parse(line, place, adapter, [f.name for f in fields(shape)])  # type: ignore[arg-type]  # a dataclass
        identity = getattr(case, key)
        if unique and identity in seen:
            raise SuiteInvalid(f"{place}, field {key}: {identity!r} is used on line {seen[identity]} already")
        seen[identity] = number
        found.append((place, case))
    if not found:
        raise SuiteInvalid(f"{path}: no case in the file; write one JSON object a line")
    return found


def first_problem(error: ValidationError) -> tuple[tuple[int | str, ...], str]:
    """Field path and message of the first thing wrong."""
    problem = error.errors(include_url=False)[0]
    message = problem["msg"].removeprefix("Value error, ")
    return tuple(part for part in problem["loc"] if part not in ("dict[str,int]", "list[str]")), message


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_bytes().decode("utf-8-sig").split("\n")
    except FileNotFoundError:
        raise SuiteInvalid(f"{path}: no such cases file; the suite's `cases` is relative to the suite") from None
    except UnicodeDecodeError as error:
        raise SuiteInvalid(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise SuiteInvalid(f"{path}: {error.strerror or error}") from None


def _parse(line: str, place: Located, adapter: TypeAdapter[CaseT], known: Sequence[str]) -> CaseT:
    try:
        raw = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SuiteInvalid(f"{place}: not JSON ({error}); write one object a line") from None
    if not isinstance(raw, dict):
        raise SuiteInvalid(f"{place}: a case is a JSON object with the fields {', '.join(known)}")
    _misspelt(raw, known, place)
    try:
        return adapter.validate_json(line, strict=True)
    except ValidationError as error:
        where, message = first_problem(error)
        raise SuiteInvalid(f"{place}, field {'.'.join(map(str, where)) or '(case)'}: {message}") from None


def _misspelt(raw: dict[str, object], known: Sequence[str], place: Located) -> None:
    for name in sorted(set(raw) - set(known)):
        close = difflib.get_close_matches(name, [k for k in known if k not in raw], n=1, cutoff=0.8)
        if close:
            raise SuiteInvalid(f"{place}, field {name}: unknown; did you mean {close[0]!r}?")
