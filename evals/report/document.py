"""`plumbline.eval/1`: the run as a JSON document. No timings, so the same run gives the same bytes."""

from __future__ import annotations

from agent.render.documents import Json, JsonObject
from evals.report.lines import verdict_lines
from evals.result import CaseResult, CaseView, Change, Comparison, Figure, GateResult, Run, SuiteResult

__all__ = ["eval_document", "timings_document"]

_DIGITS = 6


def eval_document(run: Run) -> JsonObject:
    """The whole run. Case observations are what a later `--baseline` compares with."""
    told: JsonObject = {"checker": run.checker} if run.checker else {}
    suites: list[Json] = [_suite(suite) for suite in run.suites]
    return {"schema": "plumbline.eval/1", **told, "suites": suites, "passed": run.passed}


def timings_document(run: Run) -> JsonObject:
    """`plumbline.eval-timings/1`: seconds by suite and case, kept apart from the report."""
    return {
        "schema": "plumbline.eval-timings/1",
        "suites": [
            {
                "name": suite.name,
                "seconds": round(sum(case.seconds for case in suite.cases), 3),
                "cases": [{"id": case.case_id, "seconds": round(case.seconds, 3)} for case in suite.cases],
            }
            for suite in run.suites
        ],
    }


def _suite(suite: SuiteResult) -> JsonObject:
    document: JsonObject = {
        "name": suite.name,
        "kind": suite.kind,
        "passed": suite.passed,
        "metrics": {figure.name: _figure(figure) for figure in suite.figures},
        "gates": [_gate(gate) for gate in suite.gates],
        "cases": [_case(case) for case in suite.cases],
        "errors": [{"id": case.case_id, "error": case.error} for case in suite.errors],
    }
    if suite.comparison is not None:
        document["baseline"] = _comparison(suite.comparison)
    return document


def _figure(figure: Figure) -> JsonObject:
    return {"value": _round(figure.value), "low": _round(figure.low), "high": _round(figure.high), "n": figure.n}


def _gate(gate: GateResult) -> JsonObject:
    return {
        "metric": gate.metric,
        "bound": gate.bound,
        "passed": gate.passed,
        "kind": gate.kind,
        "value": _round(gate.value),
        "reason": gate.reason,
    }


def _case(case: CaseResult) -> JsonObject:
    return {
        "id": case.case_id,
        "status": "ok" if case.error is None else "error",
        "error": case.error,
        "group": case.group,
        "cluster": case.cluster,
        "input": case.view.question,
        "output": _output(case.view),
        "failures": list(case.view.failures),
        "observations": {
            name: [_round(count) for count in counts] for name, counts in sorted(case.observations.items())
        },
    }


def _output(view: CaseView) -> list[Json]:
    said = verdict_lines(view.verdict) if view.verdict is not None else ()
    return [*view.lines, *said, *(f"{s.verdict.label.value}: {s.text}" for s in view.sentences)]


def _comparison(comparison: Comparison) -> JsonObject:
    return {
        "metrics": {change.name: _change(change) for change in comparison.changes},
        "cases_added": list(comparison.added),
        "cases_removed": list(comparison.removed),
    }


def _change(change: Change) -> JsonObject:
    return {
        "before": _round(change.before),
        "after": _round(change.after),
        "difference": _round(change.difference),
        "low": _round(change.low),
        "high": _round(change.high),
        "better": change.better,
        "worse": change.worse,
        "same": change.same,
    }


def _round(value: float | None) -> Json:
    """Rounded so that the last bits of floating sums, which machines may differ in, never show."""
    if value is None:
        return None
    rounded = round(value, _DIGITS)
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded
