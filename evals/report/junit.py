"""The report as JUnit XML, for CI services that show test results: a test a gate, and a test a case that raised."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from agent.render.escape import terminal as harmless
from evals.report.lines import gate_line
from evals.result import CaseResult, GateResult, Run, SuiteResult

__all__ = ["junit"]


def junit(run: Run) -> str:
    """One testsuite a suite. Cases that ran are passing tests; gates pass or fail; a case that raised is an error."""
    suites = "".join(_suite(suite, run.checker) for suite in run.suites)
    totals = _totals(run.suites)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="plumbline eval" {totals}>\n{suites}</testsuites>\n'
    )


def _totals(suites: tuple[SuiteResult, ...]) -> str:
    tests = sum(len(suite.cases) + len(suite.gates) for suite in suites)
    failures = sum(not gate.passed for suite in suites for gate in suite.gates)
    errors = sum(len(suite.errors) for suite in suites)
    return f'tests="{tests}" failures="{failures}" errors="{errors}"'


def _suite(suite: SuiteResult, checker: str) -> str:
    told = [f'    <properties><property name="checker" value={_attribute(checker)}/></properties>\n'] if checker else []
    tests = [*(_gate(suite, gate) for gate in suite.gates), *(_case(suite, case) for case in suite.cases)]
    body = "".join([*told, *tests])
    return f"  <testsuite name={_attribute(suite.name)} {_totals((suite,))}>\n{body}  </testsuite>\n"


def _gate(suite: SuiteResult, gate: GateResult) -> str:
    sign = {"min": "at least", "max": "at most", "drop": "drop at most"}[gate.kind]
    name = _attribute(f"gate: {gate.metric} {sign} {gate.bound:g}")
    head = f"    <testcase classname={_attribute(suite.name)} name={name}"
    if gate.passed:
        return f"{head}/>\n"
    return f"{head}><failure message={_attribute(gate_line(gate))}/></testcase>\n"


def _case(suite: SuiteResult, case: CaseResult) -> str:
    head = f"    <testcase classname={_attribute(suite.name)} name={_attribute(case.case_id)}"
    if case.error is None:
        return f"{head}/>\n"
    return f"{head}><error message={_attribute(case.error)}/></testcase>\n"


def _attribute(text: str) -> str:
    """`text` quoted, without characters that XML cannot hold."""
    return quoteattr("".join(c for c in harmless(text) if c not in "\ufffe\uffff"))
