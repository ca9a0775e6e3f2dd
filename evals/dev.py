"""Runs the development suites where their data lies beside the repository, and says so where it does not.

``python -m evals.dev [KIND...] [--library DIR] [--json FILE] [--html FILE]``. The data is no part of the project:
``../shared/evals-dev`` (cases) and ``../shared/corpus`` (papers) are looked for from the repository's root.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.settings import Settings
from evals.library import Libraries
from evals.report.document import eval_document
from evals.report.html import html
from evals.report.terminal import terminal
from evals.report.write import json_text, write
from evals.run import run
from evals.suite import KINDS, WITHOUT_CASES, Suite

__all__ = ["main", "suites"]

_SHARED = Path(__file__).resolve().parents[1].parent / "shared"
_CASES = {"search": "topics", "ask": "questions", "verify": "claims", "draft": "outlines"}


def suites(cases: Path, kinds: Sequence[str]) -> list[Suite]:
    """One suite a kind over the development cases, with no gates: what is developed on proves nothing."""
    made = []
    for kind in KINDS:
        if kind in kinds:
            file = None if kind in WITHOUT_CASES else str(cases / f"{_CASES[kind]}.jsonl")
            topics = str(cases / "topics.jsonl") if kind == "draft" else None
            made.append(Suite(f"dev-{kind}", kind, cases=file, topics=topics, k=[10, 50]))
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the suites, print their figures, and write reports where asked."""
    parser = argparse.ArgumentParser(prog="python -m evals.dev", description="Run the development suites.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)} (default: all)")
    parser.add_argument("--library", type=Path, help="a library of the corpus (default: one built for this run)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--html", type=Path)
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.kinds) - set(KINDS)):
        parser.error(f"no kind {unknown[0]!r}; kinds: {', '.join(KINDS)}")
    cases, corpus = _SHARED / "evals-dev", _SHARED / "corpus"
    if not cases.is_dir() or not (chosen.library or corpus.is_dir()):
        sys.stdout.write("skipped: the development data (../shared/evals-dev, ../shared/corpus) is not here\n")
        return
    with TemporaryDirectory(prefix="plumbline-dev-") as scratch:
        settings = Settings(library=chosen.library or _built(corpus, Path(scratch) / "library"))
        result = run(suites(cases, chosen.kinds or KINDS), Libraries(settings, Path(scratch)))
    sys.stdout.write(terminal(result))
    if chosen.json is not None:
        write(chosen.json, json_text(eval_document(result)))
    if chosen.html is not None:
        write(chosen.html, html(result))


def _built(corpus: Path, path: Path) -> Path:
    from store.library import Library

    with Library.open(path, create=True) as library:
        library.add([corpus])
    return path


if __name__ == "__main__":
    main()
