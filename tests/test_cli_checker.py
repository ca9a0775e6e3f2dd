"""`--checker` and PLUMBLINE_CHECKER: another checker is named, or one line says why it can't be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.app import make_entailment, make_grounder
from agent.checkers import hub
from agent.checkers.judge import Judge
from agent.cli import main
from agent.cli.checker_flag import checked_by
from agent.errors import BadSettings
from agent.ground import Item
from agent.ground.entail import BundledEntailment, Pair, Scores
from agent.models.protocol import Limits
from agent.settings import ModelSettings, Settings, from_environment
from store.library import Library

CLAIM = "The method it puts forward is cheaper to run than what people used before."


class Shell:
    """Runs the command line in this process."""

    def __init__(self, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._library, self._capsys = library, capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--library", str(self._library), *map(str, arguments)])
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err


@pytest.fixture
def shell(demo_copy: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(demo_copy, capsys)


@pytest.fixture
def claims(demo_library: Library, tmp_path: Path) -> Path:
    """A file with a claim that no layer but the meaning can settle, and one in the source's own words."""
    paper = demo_library.papers()[0]
    own = demo_library.sentences(paper.paper_id)[0].text
    path = tmp_path / "claims.jsonl"
    rows = [{"id": "free", "claim": CLAIM, "paper": paper.title}, {"id": "own", "claim": own, "paper": paper.title}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_the_flag_stands_over_the_environment_and_that_over_the_bundled_one() -> None:
    assert from_environment(environ={}).checker == "bundled"
    judged = from_environment(environ={"PLUMBLINE_CHECKER": "judge"})
    assert checked_by(judged, None).checker == "judge"
    assert checked_by(judged, "nli:org/model").checker == "nli:org/model"
    with pytest.raises(BadSettings, match="--checker takes"):
        checked_by(from_environment(environ={"PLUMBLINE_CHECKER": "nobody"}), None)


def test_each_name_makes_its_checker() -> None:
    assert isinstance(make_entailment(Settings()), BundledEntailment)
    with_model = Settings(checker="judge", model=ModelSettings("m", "http://127.0.0.1:9/v1"))
    judge = make_entailment(with_model, Limits(max_tokens=5))
    assert isinstance(judge, Judge)
    assert judge.name.startswith("judge:m, prompt ")
    with pytest.raises(BadSettings, match="--checker judge needs a model"):
        make_entailment(Settings(checker="judge"))


@pytest.mark.parametrize(
    "command", [("verify", "--claims", "FILE"), ("ask", "How fast?"), ("draft", "speed", "-o", "out"), ("eval",)]
)
@pytest.mark.parametrize(
    ("checker", "line"),
    [
        ("nobody", "--checker takes bundled, nli:NAME_OR_FOLDER, or judge"),
        ("judge", "--checker judge needs a model"),
        ("nli:org/model", 'pip install "plumbline-review[nli]"'),
    ],
)
def test_a_checker_that_cannot_be_is_one_line_before_any_work(
    shell: Shell,
    claims: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    checker: str,
    line: str,
) -> None:
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    monkeypatch.chdir(tmp_path)
    code, out, err = shell(*(claims if part == "FILE" else part for part in command), "--checker", checker)
    assert code == 2
    assert out == ""
    assert line in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_checker_is_named(shell: Shell, claims: Path, tmp_path: Path) -> None:
    code, _, err = shell("verify", "--claims", claims, "--checker", f"nli:{tmp_path / 'missing'}")
    assert code == 2
    assert err.startswith("error: ")
    assert "no such folder" in err or "plumbline-review[nli]" in err


def test_an_evaluation_says_which_checker_ran(
    shell: Shell, demo_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = demo_library.papers()[0].title
    (tmp_path / "s.yaml").write_text("name: s\nkind: search\ncases: s.jsonl\n", "utf-8")
    (tmp_path / "s.jsonl").write_text(json.dumps({"id": "q", "query": title, "relevant": {title: 1}}) + "\n", "utf-8")
    _, out, _ = shell("eval", tmp_path / "s.yaml", "--json")
    assert json.loads(out)["checker"] == BundledEntailment.name
    monkeypatch.setenv("PLUMBLINE_MODEL", "m")
    monkeypatch.setenv("PLUMBLINE_BASE_URL", "http://127.0.0.1:9/v1")
    _, out, _ = shell("eval", tmp_path / "s.yaml", "--checker", "judge")
    assert out.startswith("checker: judge:m, prompt ")


class Listening:
    """Leaves every claim open, and keeps what it was asked."""

    name = "listening"

    def __init__(self) -> None:
        self.asked: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> Sequence[Scores]:
        self.asked += pairs
        return [Scores(0.0, 0.0, 1.0) for _ in pairs]


def test_the_checker_that_is_named_is_asked(demo_library: Library) -> None:
    listening = Listening()
    papers = demo_library.papers()[:6]
    make_grounder(demo_library, listening).check_many([Item(CLAIM, (paper,)) for paper in papers])
    assert {pair.claim for pair in listening.asked} == {CLAIM}
