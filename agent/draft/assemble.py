"""Draft to folder: every file of the contract, written beside the target and moved there whole.

An interrupted run leaves at most a hidden sibling folder; a folder under the asked name is always complete.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from agent.draft.facts import draw, scope_rows
from agent.draft.review import DEFAULTS, Wanted
from agent.errors import DraftError
from agent.render.documents import Json, JsonObject, ledger_document, run_document
from agent.render.escape import terminal
from agent.render.references import bibtex, csl_json, ris
from agent.render.review import matrix_rows, review
from agent.types import Draft, LedgerLine
from store.errors import StorageFull
from store.types import SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["MANIFEST_SCHEMA", "check_target", "files_of", "ledger_lines", "write_folder"]

MANIFEST_SCHEMA = "plumbline.draft/1"


def write_folder(
    draft: Draft,
    library: Library,
    directory: Path,
    filters: SearchFilter = SearchFilter(),
    wanted: Wanted = DEFAULTS,
    *,
    force: bool = False,
    prompts: tuple[JsonObject, ...] = (),
) -> tuple[Path, ...]:
    """The files written, in order of name. Raises DraftError, StorageFull."""
    check_target(directory, force=force)
    files = files_of(draft, library, filters, wanted, prompts)
    directory = directory.absolute()
    staging = directory.with_name(f".{directory.name}.unfinished")
    try:
        shutil.rmtree(staging, ignore_errors=True)
        for name, text in files.items():
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode("utf-8"))
        _move(staging, directory)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                f"the disk is full; the draft was not written to {directory}; free space and run again"
            ) from error
        raise DraftError(
            f"cannot write the draft to {directory} ({error.strerror}); choose another folder with -o"
        ) from error
    return tuple(directory / name for name in sorted(files))


def check_target(directory: Path, *, force: bool) -> None:
    """Say early that a folder can't be written. Raises DraftError."""
    if directory.exists() and not directory.is_dir():
        raise DraftError(f"{directory} is a file and the draft is a folder; choose another with -o")
    if directory.is_dir() and any(directory.iterdir()) and not force:
        raise DraftError(
            f"the folder {directory} is not empty; choose another with -o, or replace a draft there with --force"
        )
    if directory.is_dir() and any(directory.iterdir()) and not (directory / "manifest.json").is_file():
        raise DraftError(f"the folder {directory} holds something that is no draft; --force only replaces drafts")
    parent = next(folder for folder in directory.absolute().parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise DraftError(f"cannot write in {parent}; choose another folder with -o")


def files_of(
    draft: Draft, library: Library, filters: SearchFilter, wanted: Wanted, prompts: tuple[JsonObject, ...] = ()
) -> dict[str, str]:
    """Every file's text by its path in the folder; the manifest, last, knows the others' checksums."""
    figures = draw(draft)
    files = {f"figures/{stem}.svg": svg for stem, svg in sorted(figures.items())}
    files["ledger.jsonl"] = "".join(_json_line(ledger_document(line)) for line in ledger_lines(draft))
    files["matrix.csv"] = _matrix_csv(draft)
    files["references.bib"] = bibtex(draft.sources)
    files["references.json"] = csl_json(draft.sources)
    files["references.ris"] = ris(draft.sources)
    files["review.md"] = review(draft, scope_rows(draft, filters), sorted(figures))
    files["manifest.json"] = (
        json.dumps(_manifest(draft, library, filters, wanted, prompts, files), ensure_ascii=False, indent=2) + "\n"
    )
    return files


def ledger_lines(draft: Draft) -> tuple[LedgerLine, ...]:
    """Every sentence under its section, in reading order."""
    return tuple(LedgerLine(section.heading, sentence) for section in draft.sections for sentence in section.sentences)


def _manifest(
    draft: Draft,
    library: Library,
    filters: SearchFilter,
    wanted: Wanted,
    prompts: tuple[JsonObject, ...],
    files: Mapping[str, str],
) -> JsonObject:
    screening, info = draft.screening, library.embedder.info
    sums: dict[str, Json] = {
        name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in sorted(files.items())
    }
    return {
        "schema": MANIFEST_SCHEMA,
        "tool": {"name": "plumbline", "version": _version()},
        "topic": draft.topic,
        "library": {"hash": library.content_hash(), "papers": screening.library},
        "embedder": {"name": info.name, "dimensions": info.dimensions},
        "engine": draft.engine,
        "prompts": list(prompts) or _prompts(draft),
        **({"runs": [run_document(run) for run in draft.runs], "notes": list(draft.notes)} if draft.runs else {}),
        "settings": {
            "year_from": filters.year_from,
            "year_to": filters.year_to,
            "sources": list(filters.sources),
            "venues": list(filters.venues),
            "tags": list(filters.tags),
            "paper_ids": list(filters.paper_ids),
            "limit": wanted.limit,
            "themes": wanted.themes,
            "must": list(wanted.must),
        },
        "retrieved": sorted([p.paper_id for p in screening.included] + [e.paper.paper_id for e in screening.excluded]),
        "included": [source.paper.paper_id for source in draft.sources],
        "excluded": [{"paper_id": e.paper.paper_id, "reason": e.reason} for e in screening.excluded],
        "counts": {
            "library": screening.library,
            "eligible": screening.eligible,
            "identified": screening.identified,
            "included": len(screening.included),
            "excluded": len(screening.excluded),
            "sentences": len(ledger_lines(draft)),
            "refused": draft.dropped,
        },
        "files": sums,
    }


def _prompts(draft: Draft) -> list[Json]:
    """The prompts that were sent, each once."""
    used = dict.fromkeys(prompt for run in draft.runs for prompt in run.prompts)
    return [{"name": prompt.name, "version": prompt.version, "digest": prompt.digest} for prompt in used]


def _matrix_csv(draft: Draft) -> str:
    """Key, id, title, year, theme, then one column an aspect; a cell is a quote or "not reported"."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = draft.matrix.columns if draft.matrix else ()
    writer.writerow(["key", "paper_id", "title", "year", "theme", *columns])
    by_id = {source.paper.paper_id: source for source in draft.sources}
    order = [(section.heading, by_id[paper_id]) for section in draft.sections for paper_id in section.paper_ids]
    cells = matrix_rows(draft.matrix) if draft.matrix else [[] for _ in order]
    for (theme, source), row in zip(order, cells, strict=True):
        paper = source.paper
        known = [source.key, paper.paper_id, paper.title, "" if paper.year is None else str(paper.year), theme]
        writer.writerow([_cell(value) for value in [*known, *row]])
    return out.getvalue()


def _cell(value: str) -> str:
    """No spreadsheet may take a paper's text for a formula."""
    plain = " ".join(terminal(value).split())
    return f"'{plain}" if plain[:1] in ("=", "+", "-", "@") else plain


def _json_line(document: JsonObject) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"


def _version() -> str:
    try:
        return version("plumbline-review")
    except PackageNotFoundError:
        return "unknown"


def _move(staging: Path, directory: Path) -> None:
    """`staging` becomes `directory`; a draft that was there is gone only after the new one is in place."""
    old = directory.with_name(f".{directory.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    if directory.is_dir() and any(directory.iterdir()):
        directory.rename(old)
    elif directory.is_dir():
        directory.rmdir()
    try:
        staging.rename(directory)
    except OSError:
        if old.is_dir():
            old.rename(directory)
        raise
    shutil.rmtree(old, ignore_errors=True)
