"""`plumbline ask --batch`: many questions from a file, one answer a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.cli.checker_flag import judging, tell_spent
from agent.cli.console import DONE, VERDICT_NO, emit_json, notice
from agent.cli.filters import only
from agent.cli.written import engine_of, entailment_of, tell

if TYPE_CHECKING:
    from agent.cli.model_flags import ModelFlags
    from agent.settings import Settings
    from store.types import SearchFilter

__all__ = ["answer_batch"]


class _Asked(NamedTuple):
    """One question of a batch, under the id its line gives."""

    name: str
    question: str


def answer_batch(
    settings: Settings, path: Path, filters: SearchFilter, papers: list[str] | None, flags: ModelFlags
) -> int:
    """Answer every line of `path` in order; a line that can't be used is told on stderr and the rest is done."""
    from agent.answer import answer
    from agent.app import make_grounder, open_library
    from agent.errors import BadInput
    from agent.render.documents import answer_document

    settings = flags.over(settings)
    entailment = entailment_of(settings, flags)
    engine = engine_of(settings, flags)
    lines = _lines(path)
    bad = 0
    with open_library(settings) as library:
        grounder = make_grounder(library, entailment)
        filters = only(papers, filters, library)
        for number, line in lines:
            if judging(entailment):  # each question has limits of its own
                entailment = entailment_of(settings, flags)
                grounder = make_grounder(library, entailment)
            try:
                asked = _parse(line)
                reply = answer(asked.question, library, engine, grounder, filters)
            except BadInput as error:
                bad += 1
                notice(f"{path}, line {number}: {error}")
                continue
            tell(reply, settings, f"{path}, line {number}: ")
            tell_spent(entailment)
            emit_json({"id": asked.name, **answer_document(reply)})
    return VERDICT_NO if bad else DONE


def _lines(path: Path) -> list[tuple[int, str]]:
    """The non-empty lines of the file with their numbers. Raises BadInput when it can't be read or is empty."""
    from agent.errors import BadInput

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = (
            "is not UTF-8 text"
            if isinstance(error, UnicodeDecodeError)
            else (error.strerror or "cannot be read").lower()
        )
        raise BadInput(
            f'batch file {path}: {reason}; give a file of JSON lines like {{"id": "q1", "question": "..."}}'
        ) from error
    found = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not found:
        raise BadInput(f'batch file {path} has no line; give JSON lines like {{"id": "q1", "question": "..."}}')
    return found


def _parse(line: str) -> _Asked:
    """The id and question of one line. Raises BadInput."""
    import json

    from agent.errors import BadInput

    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput("not a JSON object") from error
    if (
        not isinstance(data, dict)
        or not isinstance(data.get("question"), str)
        or not isinstance(data.get("id"), str | int)
    ):
        raise BadInput('needs "id" and "question", both text')
    return _Asked(str(data["id"]), data["question"])
