"""`plumbline verify`: a draft again from its ledger, or any claims against named papers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.checker_flag import Checker, checked_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.ground.claims import ClaimLine
    from agent.settings import Settings
    from agent.types import Verdict
    from store.types import Paper

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command()
    def verify(
        context: typer.Context,
        path: Annotated[Path | None, typer.Argument(metavar="PATH", help="Folder of a draft.")] = None,
        claims: Annotated[
            Path | None,
            typer.Option("--claims", metavar="FILE", help='JSON lines of {"id", "claim", "paper": id or title}.'),
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON (claims: one line each).")] = False,
        checker: Checker = None,
    ) -> None:
        """Check a draft again from its ledger, or claims against papers. Exit 1 when something is not supported."""
        if (path is None) == (claims is None):
            raise typer.BadParameter("name a draft folder, or a file with --claims: one of the two")
        from agent.cli.console import settings_of

        if path is not None:
            from agent.cli.draft import check_folder

            check_folder(checked_by(settings_of(context), checker), path, json)
        elif claims is not None:
            _check_claims(checked_by(settings_of(context), checker), claims, json)


def _check_claims(settings: Settings, path: Path, json: bool) -> None:
    from agent.cli.console import FAILED, VERDICT_NO, emit_json, notice
    from agent.ground.claims import read_claims
    from agent.render.documents import verdict_document
    from agent.types import Label

    lines = read_claims(path)
    papers, verdicts = _verdicts(settings, path, lines)
    for line, paper, verdict in zip(lines, papers, verdicts, strict=True):
        if json:
            emit_json(verdict_document(line.claim_id, paper.paper_id, verdict))
        else:
            typer.echo("\n".join(_told(line, paper, verdict)))
    unsupported = sum(v.label in (Label.CONTRADICTED, Label.NOT_ENOUGH_INFO) for v in verdicts)
    unchecked = sum(v.label is Label.CHECK_FAILED for v in verdicts)
    if not json:
        typer.echo(f"{len(verdicts) - unsupported - unchecked} of {len(verdicts)} supported")
    if unchecked:
        notice(f"error: {unchecked} of {len(verdicts)} claims could not be checked; run `plumbline doctor`")
        raise typer.Exit(FAILED)
    if unsupported:
        raise typer.Exit(VERDICT_NO)


def _verdicts(
    settings: Settings, path: Path, lines: Sequence[ClaimLine]
) -> tuple[tuple[Paper, ...], tuple[Verdict, ...]]:
    """The paper and the verdict of each line. Raises BadInput, with the line, for a paper the library does not hold."""
    from agent.app import make_entailment, make_grounder, open_library
    from agent.cli.checker_flag import tell_spent
    from agent.errors import BadInput
    from agent.ground import Item
    from store.errors import UnknownPaper

    entailment = make_entailment(settings)
    with open_library(settings) as library:
        found: dict[str, Paper] = {}
        for line in lines:
            if line.paper not in found:
                try:
                    found[line.paper] = library.find(line.paper)
                except UnknownPaper as error:
                    raise BadInput(f"{path}, line {line.number}: {error}") from error
        papers = tuple(found[line.paper] for line in lines)
        items = [Item(line.claim, (paper,)) for line, paper in zip(lines, papers, strict=True)]
        verdicts = make_grounder(library, entailment).check_many(items)
    tell_spent(entailment)
    return papers, verdicts


def _told(line: ClaimLine, paper: Paper, verdict: Verdict) -> list[str]:
    """A verdict for a person: the claim, why, and the words of the source."""
    from agent.render.escape import terminal
    from agent.types import Outcome

    told = [
        f"{verdict.label.value} ({verdict.confidence:.2f})  {line.claim_id}: {line.claim}",
        f"  paper: {paper.title}",
    ]
    told += [f"  {check.name}: {check.detail}" for check in verdict.checks if check.outcome is not Outcome.PASS]
    told += [f'  source {quote.start}-{quote.end}: "{quote.quote}"' for quote in verdict.evidence]
    return [terminal(text) for text in (*told, "")]
