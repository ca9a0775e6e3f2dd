"""Reading a draft folder back: its manifest and its ledger, as they stand on disk, trusting nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.errors import DraftError
from agent.types import CheckedSentence, Citation, Label, Verdict

__all__ = ["LedgerFault", "Manifest", "Read", "read_ledger", "read_manifest", "read_text"]


class _Citation(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    key: str
    paper_id: str
    title: str
    passage_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")
    section: str
    text: str
    verdict: Label
    citations: list[_Citation]


class _LibraryFacts(BaseModel):
    hash: str = ""


class Manifest(BaseModel):
    """What verification needs of `manifest.json`."""

    model_config = ConfigDict(extra="ignore")
    schema_: str = Field(alias="schema")
    engine: str = ""
    library: _LibraryFacts = _LibraryFacts()
    files: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Read:
    """One line of a ledger that could be read."""

    number: int
    section: str
    sentence: CheckedSentence


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """One line of a ledger that could not."""

    number: int
    text: str
    reason: str


def read_text(directory: Path, name: str) -> str:
    """A file of the folder. Raises DraftError."""
    try:
        return (directory / name).read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise DraftError(
            f"{directory} has no {name}, so it is no draft; write one with: plumbline draft TOPIC -o DIR"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DraftError(f"cannot read {directory / name} ({error}); write the draft again") from error


def read_manifest(directory: Path) -> Manifest:
    """The manifest. Raises DraftError when the path is no draft folder or the manifest is damaged."""
    if not directory.exists():
        raise DraftError(f"no such folder: {directory}; write a draft with: plumbline draft TOPIC -o DIR")
    if not directory.is_dir():
        raise DraftError(f"{directory} is a file; give the folder of a draft, or a file of claims with --claims")
    text = read_text(directory, "manifest.json")
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise DraftError(
            f"{directory / 'manifest.json'} is damaged ({_first(error)}); write the draft again"
        ) from error
    if not manifest.schema_.startswith("plumbline.draft/"):
        raise DraftError(f"{directory / 'manifest.json'} is no draft's (schema {manifest.schema_!r})")
    return manifest


def read_ledger(directory: Path) -> tuple[list[Read], list[LedgerFault]]:
    """The lines that can be read, and those that can't. Raises DraftError for a missing file."""
    lines: list[Read] = []
    faults: list[LedgerFault] = []
    for number, raw in enumerate(read_text(directory, "ledger.jsonl").split("\n"), 1):
        if not raw.strip():
            continue
        try:
            line = _Line.model_validate_json(raw)
        except ValidationError as error:
            faults.append(LedgerFault(number, raw, _first(error)))
            continue
        citations = tuple(Citation(**citation.model_dump()) for citation in line.citations)
        verdict = Verdict(line.verdict, 0.0, (), ())
        lines.append(Read(number, line.section, CheckedSentence(line.text, verdict, citations)))
    return lines, faults


def _first(error: ValidationError) -> str:
    """The first thing wrong, on one line."""
    detail = json.loads(error.json(include_url=False, include_input=False))[0]
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place}: {detail['msg']}" if place else str(detail["msg"])
