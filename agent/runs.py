"""The record of runs with a model, kept in the library's folder `runs`: one JSON line an answer, one file a day."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from agent.render.documents import JsonObject, run_document
from agent.types import Answer

__all__ = ["FOLDER", "keep_run"]

FOLDER = "runs"


def keep_run(answer: Answer, library: Path, now: datetime) -> str | None:
    """Write how a model was used for `answer`, where one was; the reason in one line where that cannot be written."""
    if answer.run is None:
        return None
    line: JsonObject = {
        "schema": "plumbline.run/1",
        "at": now.isoformat(timespec="seconds"),
        "question": answer.question,
        "engine": answer.engine,
        "abstained": answer.abstained,
        "partial": answer.partial,
        "sentences": len(answer.sentences),
        "dropped": answer.dropped,
        "seconds": round(answer.usage.seconds, 3),
        "notes": list(answer.notes),
        "run": run_document(answer.run),
    }
    path = library / FOLDER / f"{now:%Y-%m-%d}.jsonl"
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        return f"the record of this run is not kept: {path.parent}: {(error.strerror or 'cannot write').lower()}"
    return None
