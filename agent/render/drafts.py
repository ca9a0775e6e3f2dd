"""What `draft` and `verify DIR` say on a terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from agent.render.documents import JsonObject
from agent.render.escape import terminal
from agent.types import Draft, Problem, Recheck

__all__ = ["draft_document", "draft_lines", "recheck_document", "recheck_lines"]


def draft_document(draft: Draft, directory: Path, files: Sequence[Path]) -> JsonObject:
    """`plumbline.drafted/1`: where the draft is and what it holds."""
    counts = _verdicts(draft)
    return {
        "schema": "plumbline.drafted/1",
        "topic": draft.topic,
        "directory": str(directory),
        "engine": draft.engine,
        "sections": [{"heading": section.heading, "papers": list(section.paper_ids)} for section in draft.sections],
        "papers": len(draft.sources),
        "screened": draft.screening.identified,
        "sentences": sum(counts.values()),
        "verdicts": {label: counts[label] for label in sorted(counts)},
        "dropped": draft.dropped,
        "files": [_inside(path, directory) for path in files],
    }


def draft_lines(draft: Draft, directory: Path, files: Sequence[Path]) -> list[str]:
    """A short summary: the sections, the check, the files, what to do next."""
    counts = _verdicts(draft)
    verdicts = ", ".join(f"{counts[label]} {label}" for label in sorted(counts))
    lines = [terminal(draft.title), ""]
    lines += [f"  {terminal(section.heading)} ({len(section.paper_ids)} papers)" for section in draft.sections]
    refused = f"; {draft.dropped} refused by the check" if draft.dropped else ""
    papers = f"{len(draft.sources)} of {draft.screening.identified} screened papers"
    lines += [
        "",
        f"{papers}, {sum(counts.values())} sentences: {verdicts}{refused}",
        f"{directory}: " + ", ".join(_inside(path, directory) for path in files),
        f"check it again at any time: plumbline verify {directory}",
    ]
    return lines


def recheck_document(result: Recheck) -> JsonObject:
    """`plumbline.recheck/1`: what `verify DIR` found."""
    return {
        "schema": "plumbline.recheck/1",
        "directory": result.directory,
        "passed": result.passed,
        "sentences": result.sentences,
        "verdicts": dict(result.verdicts),
        "library_unchanged": result.library_unchanged,
        "problems": [
            {"file": p.file, "line": p.line, "section": p.section, "text": p.text, "problem": p.problem}
            for p in result.problems
        ],
    }


def recheck_lines(result: Recheck) -> list[str]:
    """Each problem with its place, then one line that sums up."""
    lines = [_problem(problem) for problem in result.problems]
    verdicts = ", ".join(f"{count} {label}" for label, count in result.verdicts)
    lines.append(f"{result.sentences} sentences checked again: {verdicts}")
    if not result.library_unchanged:
        lines.append("the library has changed since the draft was written")
    lines.append("the draft holds" if result.passed else f"the draft does not hold: {len(result.problems)} problems")
    return lines


def _problem(problem: Problem) -> str:
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    text = f" “{problem.text}”" if problem.text else ""
    return terminal(f"{place}:{text} {problem.problem}")


def _verdicts(draft: Draft) -> Counter[str]:
    return Counter(s.verdict.label.value for section in draft.sections for s in section.sentences)


def _inside(path: Path, directory: Path) -> str:
    return path.relative_to(directory.absolute()).as_posix()
