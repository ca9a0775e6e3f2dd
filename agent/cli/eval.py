"""`plumbline eval`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.checker_flag import Checker, checked_by
from agent.cli.console import DONE, FAILED, VERDICT_NO, emit_json, notice, settings_of

if TYPE_CHECKING:
    from agent.settings import Settings
    from evals.gates import Bounds
    from evals.result import Run
    from evals.run import Progress

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""

    @app.command("eval")
    def evaluate(
        context: typer.Context,
        suites: Annotated[
            list[Path] | None,
            typer.Argument(
                metavar="SUITE", help="Suite files or folders of them (default: the bundled ones), or: init DIR."
            ),
        ] = None,
        *,
        as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON document.")] = False,
        markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a markdown report.")] = None,
        junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit XML report.")] = None,
        html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a self-contained HTML page.")] = None,
        timings: Annotated[Path | None, typer.Option(metavar="FILE", help="Write seconds by case, as JSON.")] = None,
        baseline: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Compare with an earlier --json report, case by case.")
        ] = None,
        fail_under: Annotated[
            list[str] | None, typer.Option(metavar="METRIC=X", help="Fail when the metric is below X.")
        ] = None,
        max_drop: Annotated[
            list[str] | None, typer.Option(metavar="METRIC=Y", help="Fail when it is worse than the baseline by more.")
        ] = None,
        workers: Annotated[int, typer.Option(metavar="N", min=1, max=64, help="Processes that run cases.")] = 2,
        checker: Checker = None,
    ) -> None:
        """Run evaluation suites, apply their gates, write reports. `eval init DIR` starts a suite.

        Without a suite the bundled ones run, over the bundled digests; they need no library.
        """
        from evals.report.write import withdraw
        from evals.suite import bundled

        settings = checked_by(settings_of(context), checker)
        if suites and str(suites[0]) == "init":
            _init(settings, suites[1:])
            return
        asked = {"markdown": markdown, "junit": junit, "html": html, "timings": timings}
        files = {name: path for name, path in asked.items() if path}
        withdraw(files.values())
        run = _run(settings, suites or list(bundled()), baseline, _bounds(fail_under, max_drop, baseline), workers)
        _reports(run, files, as_json, settings)
        raise typer.Exit(FAILED if run.errors else DONE if run.passed else VERDICT_NO)


def _init(settings: Settings, arguments: list[Path]) -> None:
    from evals.errors import SuiteInvalid
    from evals.skeleton import write_skeleton

    if len(arguments) != 1:
        raise SuiteInvalid("eval init takes one folder: `plumbline eval init DIR`")
    for path in write_skeleton(settings, arguments[0]):
        notice(f"wrote {path}")
    notice(f"next: put real cases in, then `plumbline eval {arguments[0]}`")


def _bounds(fail_under: list[str] | None, max_drop: list[str] | None, baseline: Path | None) -> Bounds:
    from evals.errors import SuiteInvalid
    from evals.gates import Bounds, parse_bound

    if max_drop and baseline is None:
        raise SuiteInvalid("--max-drop compares with an earlier report: give --baseline FILE too")
    return Bounds(
        fail_under=tuple(parse_bound(text, "--fail-under") for text in fail_under or ()),
        max_drop=tuple(parse_bound(text, "--max-drop") for text in max_drop or ()),
    )


def _run(settings: Settings, paths: list[Path], baseline: Path | None, bounds: Bounds, workers: int) -> Run:
    from agent.app import make_entailment
    from evals.baseline import load_baseline
    from evals.library import libraries
    from evals.run import run
    from evals.suite import found_in, load_suite

    earlier = load_baseline(baseline) if baseline is not None else None
    suites = [load_suite(path) for path in found_in(paths)]
    checker = make_entailment(settings).name
    with libraries(settings) as found:
        return run(
            suites, found, bounds=bounds, baseline=earlier, workers=workers, progress=_progress(), checker=checker
        )


def _reports(run: Run, files: dict[str, Path], as_json: bool, settings: Settings) -> None:
    """Write the files first, print last: what was asked for is there when the answer appears."""
    from evals.report.document import eval_document, timings_document
    from evals.report.html import html
    from evals.report.junit import junit
    from evals.report.markdown import markdown
    from evals.report.terminal import terminal
    from evals.report.write import append, json_text, write

    texts = {
        "markdown": lambda: markdown(run),
        "junit": lambda: junit(run),
        "html": lambda: html(run),
        "timings": lambda: json_text(timings_document(run)),
    }
    for name, path in files.items():
        write(path, texts[name]())
    if settings.job_summary is not None:
        append(settings.job_summary, markdown(run))
    if as_json:
        emit_json(eval_document(run))
    else:
        sys.stdout.write(terminal(run))


def _progress() -> Progress | None:
    """A bar on stderr, where a person is watching it."""
    if not sys.stderr.isatty():
        return None

    def show(suite: str, done: int, total: int) -> None:
        filled = 24 * done // total
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{terminal(suite)[:40]} [{'#' * filled}{'.' * (24 - filled)}] {done}/{total}{end}")
        sys.stderr.flush()

    from agent.render.escape import terminal

    return show
