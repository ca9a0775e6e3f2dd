"""`plumbline eval` end to end over the demo library: exit codes, JSON, reports, gates, baselines, bad input."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import evals.library
from agent.cli import main
from agent.settings import Settings
from evals.bench import Bench
from evals.gates import check_names
from evals.resolve import Directory
from evals.suite import bundled, load_suite
from evals.workers import Workers
from store.library import Library

Run = tuple[int, str, str]


class Shell:
    """Runs the command line in this process, in a folder of its own."""

    def __init__(self, folder: Path, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.library, self._capsys = folder, library, capsys

    def __call__(self, *arguments: str | Path) -> Run:
        with pytest.raises(SystemExit) as ended:
            main(["--library", str(self.library), "eval", *map(str, arguments)])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def suite(self, text: str, cases: list[dict[str, object]] | None = None, name: str = "s") -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        if cases is not None:
            lines = "".join(json.dumps(case) + "\n" for case in cases)
            (self.folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        return path


@pytest.fixture
def shell(tmp_path: Path, demo_library_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, demo_library_path, capsys)


@pytest.fixture(scope="module")
def titles(demo_library: Library) -> list[str]:
    return sorted(paper.title for paper in demo_library.papers())[:3]


SEARCH = "name: found\nkind: search\ncases: s.jsonl\n"


def _search(shell: Shell, titles: list[str], gates: str = "") -> Path:
    cases: list[dict[str, object]] = [
        {"id": f"q{i}", "query": title, "relevant": {title: 2}, "kind": "title"} for i, title in enumerate(titles)
    ]
    return shell.suite(SEARCH + gates, cases)


def test_a_search_suite_prints_figures_and_passes(shell: Shell, titles: list[str]) -> None:
    code, out, _ = shell(_search(shell, titles))
    assert code == 0
    assert "nDCG@10/title" in out
    assert "ran, nothing gated: 3 cases" in out


def test_json_follows_the_contract_and_is_alone_on_stdout(shell: Shell, titles: list[str]) -> None:
    code, out, _ = shell(_search(shell, titles), "--json")
    document = json.loads(out)
    assert code == 0
    assert document["schema"] == "plumbline.eval/1"
    assert document["suites"][0]["metrics"]["success@10"]["n"] == 3


def test_the_same_run_gives_the_same_bytes_whatever_the_workers(
    shell: Shell, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = _search(shell, titles)
    here = shell(suite, "--json", "--workers", "1")[1]
    run = Workers.run
    monkeypatch.setattr(Workers, "run", lambda self, settings, jobs, worth: run(self, settings, jobs, 2))
    assert shell(suite, "--json", "--workers", "2")[1] == here


GATE = "gates:\n  - metric: success@10\n    {bound}\n    reason: a title finds its paper\n"


@pytest.mark.parametrize(("bound", "code"), [("min: 1", 0), ("min: 1.01", 1), ("max: 1", 0), ("max: 0.9", 1)])
def test_gates_set_the_exit_code(shell: Shell, titles: list[str], bound: str, code: int) -> None:
    ended, out, _ = shell(_search(shell, titles, GATE.format(bound=bound)), "--json")
    assert ended == code
    document = json.loads(out)
    assert document["passed"] is (code == 0)
    assert document["suites"][0]["gates"][0]["passed"] is (code == 0)


@pytest.mark.parametrize(("bound", "code"), [("success@10=0.5", 0), ("success@10=1.5", 1)])
def test_fail_under(shell: Shell, titles: list[str], bound: str, code: int) -> None:
    assert shell(_search(shell, titles), "--fail-under", bound)[0] == code


def test_every_report_is_written(shell: Shell, titles: list[str], tmp_path: Path) -> None:
    names = ("markdown", "junit", "html", "timings")
    options = [part for name in names for part in (f"--{name}", str(tmp_path / f"out.{name}"))]
    assert shell(_search(shell, titles), *options)[0] == 0
    for name in names:
        assert (tmp_path / f"out.{name}").stat().st_size > 100


def test_the_job_summary_is_appended_to(
    shell: Shell, titles: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    shell(_search(shell, titles))
    assert summary.read_text(encoding="utf-8").startswith("before\n# Evaluation")


def test_a_baseline_shows_what_changed_and_bounds_the_drop(shell: Shell, titles: list[str], tmp_path: Path) -> None:
    suite = _search(shell, titles)
    document = json.loads(shell(suite, "--json")[1])
    baseline = tmp_path / "base.json"
    baseline.write_text(json.dumps(document), encoding="utf-8")
    code, out, _ = shell(suite, "--baseline", baseline, "--max-drop", "nDCG@10=0", "--json")
    assert code == 0
    change = json.loads(out)["suites"][0]["baseline"]["metrics"]["nDCG@10"]
    assert (change["better"], change["worse"], change["same"], change["difference"]) == (0, 0, 3, 0)
    for case in document["suites"][0]["cases"]:
        case["observations"]["nDCG@10"] = [1.5, 1]
    baseline.write_text(json.dumps(document), encoding="utf-8")
    assert shell(suite, "--baseline", baseline, "--max-drop", "nDCG@10=0.6")[0] == 0
    code, out, _ = shell(suite, "--baseline", baseline, "--max-drop", "nDCG@10=0.4")
    assert code == 1
    assert "worse than the baseline by at most 0.4: 0.5000, FAILS" in out


def test_a_case_that_raises_is_listed_and_the_exit_code_is_2(
    shell: Shell, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = Bench.library.func  # type: ignore[attr-defined]

    class Failing:
        def __init__(self, library: Library) -> None:
            self._library = library

        def __getattr__(self, name: str) -> object:
            return getattr(self._library, name)

        def search(self, query: str, k: int = 10) -> object:
            if query == titles[1]:
                raise RuntimeError("the index\nfell over")
            return self._library.search(query, k=k)

    class Opened:
        def __set_name__(self, owner: type, name: str) -> None: ...

        def __get__(self, bench: Bench | None, owner: type) -> object:
            assert bench is not None
            if "_failing" not in bench.__dict__:
                bench.__dict__["_failing"] = Failing(searched(bench))
            return bench.__dict__["_failing"]

    monkeypatch.setattr(Bench, "library", Opened())
    code, out, _ = shell(_search(shell, titles, GATE.format(bound="min: 0.5")), "--json")
    document = json.loads(out)
    assert code == 2
    assert document["passed"] is False
    [suite] = document["suites"]
    [error] = suite["errors"]
    assert error["id"] == "q1"
    assert error["error"].startswith("RuntimeError: the index fell over (in test_cli_eval, line ")
    assert suite["metrics"]["success@10"]["n"] == 2


def test_a_verify_suite(shell: Shell, demo_library: Library) -> None:
    paper = min(demo_library.papers(), key=lambda p: p.paper_id)
    sentence = demo_library.sentences(paper.paper_id)[0].text
    suite = shell.suite(
        "name: v\nkind: verify\ncases: s.jsonl\n",
        [
            {"id": "a", "claim": sentence, "paper": paper.title, "label": "supported", "kind": "verbatim"},
            {"id": "b", "claim": "Puffins nest on northern cliffs.", "paper": paper.paper_id, "label": "NEI"},
        ],
    )
    code, out, _ = shell(suite, "--json")
    assert code == 0
    metrics = json.loads(out)["suites"][0]["metrics"]
    assert metrics["accepted/verbatim"] == {"value": 1, "low": 1, "high": 1, "n": 1}
    assert metrics["caught"]["value"] == 1
    # The sentence is its own evidence, and carries itself without the rest of the abstract.
    assert metrics["citation_recall"] == metrics["citation_precision"] == {"value": 1, "low": 1, "high": 1, "n": 1}


def test_a_speed_suite_times_the_library(shell: Shell, tmp_path: Path) -> None:
    digests = evals.library.DEMO_DIGESTS.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "few.jsonl").write_text("".join(digests[:3]), encoding="utf-8")
    shell.library = tmp_path / "few"
    with Library.open(shell.library, create=True) as library:
        library.add([tmp_path / "few.jsonl"])
    suite = shell.suite(
        "name: f\nkind: speed\nper_class: 1\n" + GATE.format(bound="min: 0").replace("success@10", "verify_per_second")
    )
    code, out, _ = shell(suite, "--json")
    assert code == 0
    metrics = json.loads(out)["suites"][0]["metrics"]
    assert set(metrics) == {"search_ms", "ask_seconds", "verify_per_second", "verify_batch_per_second"}
    assert (metrics["search_ms"]["n"], metrics["ask_seconds"]["n"]) == (3, 3)
    assert metrics["verify_per_second"]["n"] == metrics["verify_batch_per_second"]["n"] > 3
    assert all(figure["value"] > 0 for figure in metrics.values())


def test_a_progress_bar_where_a_person_watches(
    shell: Shell, titles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = _search(shell, titles)
    assert shell(suite)[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, out, err = shell(suite, "--json")
    assert code == 0
    assert json.loads(out)["passed"] is True
    assert [part.split("]")[-1].strip() for part in err.split("\r")[1:]] == ["1/3", "2/3", "3/3"]


def test_a_mutation_suite_needs_no_cases_and_demo_no_library(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = evals.library.DEMO_DIGESTS.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "few.jsonl").write_text("".join(digests[:6]), encoding="utf-8")
    monkeypatch.setattr(evals.library, "DEMO_DIGESTS", tmp_path / "few.jsonl")
    shell.library = tmp_path / "nowhere"
    suite = shell.suite("name: m\nkind: mutation\nlibrary: demo\nper_class: 1\n")
    code, out, _ = shell(suite, "--json")
    assert code == 0
    metrics = json.loads(out)["suites"][0]["metrics"]
    assert metrics["false_alarm/verbatim"]["value"] == 0
    assert metrics["caught"]["n"] >= 8


def test_an_ask_suite(shell: Shell, demo_library: Library) -> None:
    paper = demo_library.find("FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness")
    cases: list[dict[str, object]] = [
        {"id": "a", "question": "How fast is FlashAttention?", "gold_papers": [paper.paper_id], "type": "fact"},
        {"id": "b", "question": "At what age may a lighthouse keeper in Norway retire?", "type": "none"},
    ]
    suite = shell.suite("name: a\nkind: ask\nlibrary: null\ncases: s.jsonl\n", cases)
    page = shell.folder / "a.html"
    code, out, _ = shell(suite, "--json", "--html", page)
    metrics = json.loads(out)["suites"][0]["metrics"]
    assert code == 0
    assert metrics["paper_recall/fact"]["value"] == 1
    assert metrics["abstention_recall"]["value"] == 1
    assert metrics["quotes_exact"]["value"] == 1
    assert metrics["uncited_sentences"]["value"] == 0
    assert "<mark>" in page.read_text(encoding="utf-8")


def test_a_draft_suite(shell: Shell, demo_library: Library) -> None:
    solvers = [paper.title for paper in demo_library.papers() if paper.title.startswith("DPM-Solver")]
    outline = [{"heading": "Solvers", "papers": solvers}]
    cases: list[dict[str, object]] = [{"id": "d", "topic": "fast solvers for diffusion models", "sections": outline}]
    code, out, _ = shell(shell.suite("name: d\nkind: draft\ncases: s.jsonl\n", cases), "--json")
    metrics = json.loads(out)["suites"][0]["metrics"]
    assert code == 0
    assert metrics["coverage"]["value"] == 1
    assert metrics["quotes_exact"]["value"] == 1
    assert metrics["uncited_sentences"]["value"] == 0


def test_the_bundled_suites_are_sound(demo_library: Library) -> None:
    directory = Directory.of(demo_library.papers())
    suites = [load_suite(path) for path in bundled()]
    assert suites
    for suite in suites:
        bench = Bench(Settings(library=demo_library.folder))
        planned = import_module(f"evals.kinds.{suite.kind}").plan(suite, directory, bench)
        bench.close()
        check_names(suite, planned)
        assert suite.library == "demo"
        assert suite.gates


def test_the_page_on_evaluation_names_every_metric() -> None:
    page = (Path(__file__).parents[1] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    for kind in ("ask", "verify", "draft", "mutation", "speed"):
        for metric in import_module(f"evals.kinds.{kind}").METRICS:
            assert f"`{metric.name}" in page or metric.name == "fact_recall_matrix", metric.name


def test_init_writes_suites_that_run(shell: Shell, tmp_path: Path) -> None:
    code, _, err = shell("init", tmp_path / "mine")
    assert code == 0
    assert "next:" in err
    assert load_suite(tmp_path / "mine" / "mutation.yaml").kind == "mutation"
    assert shell(*(tmp_path / "mine" / f"{name}.yaml" for name in ("search", "verify")))[0] == 0
    code, out, err = shell("init", tmp_path / "mine")
    assert (code, out) == (2, "")
    assert "there already" in err


def _case(**changes: object) -> dict[str, object]:
    return {"id": "q", "query": "attention", "relevant": {"@title": 1}} | changes


BAD = [
    ("name: s\nkind: search\ncases: s.jsonl\nlibrary: nowhere\n", [_case()], "nowhere"),
    ("name: s\nkind: search\ncases: s.jsonl\n", [_case(relevant={"No Such Paper At All": 1})], "s.jsonl, line 1"),
    ("name: s\nkind: search\ncases: s.jsonl\n", [_case(relevant={})], "no relevant paper"),
    ("name: s\nkind: search\ncases: s.jsonl\n", [], "no case in the file"),
    ("name: s\nkind: search\ncases: s.jsonl\n", None, "no such cases file"),
    (SEARCH + "gates:\n  - {metric: ndcg@10, min: 0, reason: r}\n", [_case()], "did you mean 'nDCG@10'"),
    (SEARCH + "gates:\n  - {metric: nDCG@5, min: 0, reason: r}\n", [_case()], "makes no metric 'nDCG@5'"),
    (SEARCH + "gates:\n  - {metric: nDCG@10/none, min: 0, reason: r}\n", [_case()], "makes no metric"),
    (
        "name: v\nkind: verify\ncases: s.jsonl\n",
        [{"id": "a", "claim": "c", "paper": "No Such Paper", "label": "supported"}],
        "no paper 'No Such Paper'",
    ),
    (
        "name: v\nkind: verify\ncases: s.jsonl\n",
        [{"id": "a", "claim": "c", "paper": "@title", "label": "true"}],
        "field label: 'true'",
    ),
    (
        "name: a\nkind: ask\ncases: s.jsonl\n",
        [{"id": "a", "question": "q", "gold_papers": ["@title"], "gold_facts": [{"paper": "@title", "span": "zzz"}]}],
        "field gold_facts.0.span",
    ),
    ("name: d\nkind: draft\ncases: s.jsonl\n", [{"id": "a", "sections": []}], "field topic: missing"),
]


@pytest.mark.parametrize(("text", "cases", "message"), BAD)
def test_bad_input_is_one_line_and_no_report(
    shell: Shell, titles: list[str], text: str, cases: list[dict[str, object]] | None, message: str
) -> None:
    filled = None if cases is None else json.loads(json.dumps(cases).replace('"@title"', json.dumps(titles[0])))
    report = shell.folder / "r.xml"
    report.write_text("an earlier report, of a run that passed", encoding="utf-8")
    code, out, err = shell(shell.suite(text, filled), "--json", "--junit", report)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert not report.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fail-under", "nope=1"), "makes no metric 'nope'"),
        (("--fail-under", "nDCG@10"), "metric=number"),
        (("--max-drop", "nDCG@10=1"), "give --baseline"),
        (("--baseline", "none.json"), "none.json"),
    ],
)
def test_bad_options(shell: Shell, titles: list[str], options: tuple[str, ...], message: str) -> None:
    code, out, err = shell(_search(shell, titles), *options)
    assert (code, out) == (2, "")
    assert message in err


def test_a_missing_library_and_the_same_name_twice(shell: Shell, titles: list[str], tmp_path: Path) -> None:
    suite = _search(shell, titles)
    copy = Path(shutil.copy(suite, tmp_path / "copy.yaml"))
    code, out, err = shell(suite, copy)
    assert (code, out) == (2, "")
    assert "is the name of" in err
    shell.library = tmp_path / "nothing"
    code, out, err = shell(suite)
    assert (code, out) == (2, "")
    assert "nothing" in err


def test_a_folder_of_suites(shell: Shell, titles: list[str], tmp_path: Path) -> None:
    _search(shell, titles)
    code, out, _ = shell(tmp_path, "--json")
    assert (code, [suite["name"] for suite in json.loads(out)["suites"]]) == (0, ["found"])
    (tmp_path / "empty").mkdir()
    code, out, err = shell(tmp_path / "empty")
    assert (code, out) == (2, "")
    assert "no suite (*.yaml) in the folder" in err


def test_an_unwritable_report_is_an_error(shell: Shell, titles: list[str], tmp_path: Path) -> None:
    code, out, err = shell(_search(shell, titles), "--html", tmp_path / "no" / "page.html")
    assert (code, out) == (2, "")
    assert "not written" in err


def test_the_workflow_of_the_docs_runs(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[1] / "docs" / "evaluation-workflow.yml"
    steps = yaml.safe_load(page.read_text(encoding="utf-8"))["jobs"]["evaluate"]["steps"]
    commands = [shlex.split(step["run"]) for step in steps if "plumbline --library" in step.get("run", "")]
    assert [command[3] for command in commands] == ["add", "eval"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers").mkdir()
    (tmp_path / "suites").mkdir()
    digests = evals.library.DEMO_DIGESTS.read_text(encoding="utf-8").splitlines(keepends=True)[:3]
    (tmp_path / "papers" / "export.jsonl").write_text("".join(digests), encoding="utf-8")
    title = json.loads(digests[0])["title"]
    case = json.dumps({"id": "q", "query": title, "relevant": [title]})
    (tmp_path / "suites" / "found.yaml").write_text(SEARCH.replace("s.jsonl", "found.jsonl"), encoding="utf-8")
    (tmp_path / "suites" / "found.jsonl").write_text(case + "\n", encoding="utf-8")
    _main(commands[0][1:])
    shell.library = tmp_path / "library"
    (tmp_path / "suites" / "baseline.json").write_text(
        shell("suites/found.yaml", "--json")[1].splitlines()[-1], encoding="utf-8"
    )
    evaluate = commands[1][1 : commands[1].index(">")]
    assert _main([part.replace("*", "found") for part in evaluate]) == 0
    kept = steps[-1]["with"]["path"].split()
    assert {"report.html", "report.xml"} <= set(kept)
    assert all((tmp_path / name).stat().st_size > 100 for name in kept if name != "report.json")


def _main(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_importing_the_command_loads_nothing_heavy() -> None:
    import subprocess

    program = "import sys, agent.cli.eval; print(any(m in sys.modules for m in ('numpy', 'pydantic', 'evals')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
