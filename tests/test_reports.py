"""Reports: the JSON contract, and every format harmless whatever papers and cases hold."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.types import Check, CheckedSentence, Citation, Label, Outcome, Verdict
from evals.baseline import compare, load_baseline
from evals.errors import BaselineInvalid, ReportUnwritable
from evals.figures import figures_of
from evals.metrics.metric import mean
from evals.report.document import eval_document, timings_document
from evals.report.html import html
from evals.report.html_case import highlighted
from evals.report.junit import junit
from evals.report.markdown import markdown
from evals.report.terminal import terminal
from evals.report.write import json_text, write
from evals.result import CaseResult, CaseView, GateResult, Marked, Run, SuiteResult
from evals.statistics import SEED
from store.types import Paper, Span

NASTY = "<script>alert(1)</script> \x1b[31mred | `x` \u202eevil & \"q\" 'a' ]]> \x00"
PAPER = Paper("p1", f"A title {NASTY}", "First sentence here. Second sentence there.")
CITED = Citation("key1", "p1", PAPER.title, "p1:0-20", 0, 20, PAPER.abstract[:20])
BAD_CHECK = Check("numbers", Outcome.FAIL, "7 is not in the source")
SENTENCE = CheckedSentence("Said so.", Verdict(Label.CONTRADICTED, 0.9, (BAD_CHECK,), ()), (CITED,))
METRIC = mean("score", "a test score", sliced=True)


def _case(name: str, score: float, group: str = "g") -> CaseResult:
    view = CaseView(
        f"question {NASTY}", (SENTENCE,), ("a line",), (Marked(PAPER, (Span(0, 20),), "cited"),), ("wrong",)
    )
    return CaseResult(name, name, group, {"score": (score, 1.0)}, view, None, 1.25)


def _run(*, passed: bool = True, error: str | None = None, scores: tuple[float, ...] = (1.0, 0.5)) -> Run:
    cases = tuple(_case(f"c{i}", score) for i, score in enumerate(scores))
    if error is not None:
        cases += (CaseResult("broken", "broken", "g", {}, CaseView("q"), error),)
    gates = (GateResult("score", "min", 0.5, 0.75, passed, f"because {NASTY}"),)
    return Run((SuiteResult(f"suite {NASTY}", "ask", figures_of(cases, [METRIC], SEED), gates, cases),))


def test_the_document_is_what_the_contract_says() -> None:
    document = json.loads(json_text(eval_document(_run())))
    assert document["schema"] == "plumbline.eval/1"
    assert document["passed"] is True
    [suite] = document["suites"]
    assert {"name", "metrics", "gates", "cases"} <= suite.keys()
    assert suite["metrics"]["score"]["value"] == 0.75
    assert suite["metrics"]["score"].keys() == {"value", "low", "high", "n"}
    assert suite["metrics"]["score/g"]["n"] == 2
    assert {"metric": "score", "bound": 0.5, "passed": True}.items() <= suite["gates"][0].items()
    assert [case["id"] for case in suite["cases"]] == ["c0", "c1"]


def test_no_timing_in_the_report_and_its_own_file_has_it() -> None:
    assert "1.25" not in json_text(eval_document(_run()))
    assert timings_document(_run())["suites"][0]["seconds"] == 2.5  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("passed", "error", "word"), [(True, None, "passed"), (False, None, "FAILED"), (True, "x", "ERROR")]
)
def test_no_report_looks_like_a_pass_unless_it_is(passed: bool, error: str | None, word: str) -> None:
    run = _run(passed=passed, error=error)
    assert run.passed is (word == "passed")
    assert eval_document(run)["passed"] is run.passed
    for text in (terminal(run), markdown(run), html(run)):
        assert word in text
        assert ("passed:" in text) is (word == "passed")
    root = ElementTree.fromstring(junit(run))  # noqa: S314  # our own output
    assert (root.get("failures"), root.get("errors")) == (str(int(not passed)), str(int(error is not None)))


def test_every_report_says_which_checker_ran_where_it_is_known() -> None:
    silent, run = _run(), replace(_run(), checker=f"nli:m@1f2e3d4c {NASTY}")
    assert "checker" not in eval_document(silent)
    assert eval_document(run)["checker"] == run.checker
    for report in (terminal, markdown, html, junit):
        assert "nli:m@1f2e3d4c" in report(run).replace("\\", "")
        assert "nli:m" not in report(silent)
        assert "\x1b" not in report(run)
    assert "<script>" not in html(run)
    properties = ElementTree.fromstring(junit(run)).findall("testsuite/properties/property")  # noqa: S314  # our own
    assert [found.get("name") for found in properties] == ["checker"]


def test_nothing_of_a_paper_reaches_the_terminal_raw() -> None:
    text = terminal(_run(error=f"boom {NASTY}"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x00" not in text


def test_markdown_escapes_what_it_quotes() -> None:
    text = markdown(_run())
    assert "<script>" not in text
    assert "\\<script\\>" in text
    table = [line for line in text.splitlines() if line.startswith("| score |")]
    assert table == ["| score | 0.750 | \\[0.500, 1.000\\] | 2 |"]


def test_junit_is_well_formed_and_has_a_test_a_gate_and_a_case() -> None:
    root = ElementTree.fromstring(junit(_run(passed=False, error="it broke")))  # noqa: S314  # our own output
    cases = root.findall("testsuite/testcase")
    assert len(cases) == 1 + 3
    assert len(root.findall("testsuite/testcase/failure")) == 1
    [error] = root.findall("testsuite/testcase/error")
    assert error.get("message") == "it broke"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.marked = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "mark":
            self.marked += data


def test_the_page_is_well_formed_self_contained_and_marks_the_quote() -> None:
    tags = _Tags()
    page = html(_run(error="it broke"))
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "img", "link", "iframe"} & set(tags.seen)
    assert "http:" not in page
    assert "https:" not in page
    assert tags.marked.startswith(CITED.quote)
    assert "7 is not in the source" in page
    assert "it broke" in page


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=5),
)
def test_highlighting_keeps_the_text_and_marks_the_union(text: str, spans: list[tuple[int, int]]) -> None:
    tags = _Tags()
    marked = highlighted(text, [Span(a, b) for a, b in spans])
    tags.feed(f"<p>{marked}</p>")
    assert tags.marked == "".join(c for i, c in enumerate(text) if any(a <= i < b for a, b in spans))


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReportUnwritable, match="not written"):
        write(tmp_path / "no" / "r.json", "x")


def _baseline(tmp_path: Path, run: Run) -> Path:
    path = tmp_path / "base.json"
    path.write_text(json_text(eval_document(run)), encoding="utf-8")
    return path


def test_a_baseline_is_compared_case_by_case(tmp_path: Path) -> None:
    before, after = _run(scores=(1.0, 0.5, 0.2)), _run(scores=(0.5, 0.5, 0.9))
    [suite] = after.suites
    found = compare(load_baseline(_baseline(tmp_path, before)), suite.name, suite.cases, [METRIC], SEED)
    change = found.changes[0]
    assert (change.name, change.better, change.worse, change.same) == ("score", 1, 1, 1)
    assert change.difference == pytest.approx(0.2 / 3)
    assert (found.added, found.removed) == ((), ())


def test_a_baseline_with_other_cases_names_them(tmp_path: Path) -> None:
    before, after = _run(scores=(1.0,)), _run(scores=(0.5, 0.5))
    [suite] = after.suites
    found = compare(load_baseline(_baseline(tmp_path, before)), suite.name, suite.cases, [METRIC], SEED)
    assert found.added == ("c1",)
    assert found.changes[0].worse == 1
    shown = Run((replace(suite, comparison=found),))
    assert "against baseline" in terminal(shown)
    assert "against the baseline" in markdown(shown)
    assert "against the baseline" in html(shown)


@pytest.mark.parametrize(
    "content", ["", "not json", "{}", '{"schema":"plumbline.eval/9","suites":[]}', '{"schema":1,"suites":[]}']
)
def test_a_bad_baseline_is_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BaselineInvalid) as caught:
        load_baseline(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_baseline_without_the_suite_is_refused(tmp_path: Path) -> None:
    baseline = load_baseline(_baseline(tmp_path, _run()))
    with pytest.raises(BaselineInvalid, match="no suite 'other'"):
        baseline.must_know(["other"])
