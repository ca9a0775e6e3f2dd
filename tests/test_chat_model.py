"""`plumbline chat` with a model server on loopback: answers, switches, costs, faults, all through the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent import cli
from agent.testing import ModelRequest, ModelServer, Reply, ToolCall, faults
from store.sessions import Sessions

QUESTION = "How much memory does ZO2 need?"
GPU = "OPT-175B, with over 175 billion parameters, is tuned on an 18GB GPU."


@pytest.fixture
def chat(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`plumbline chat` with lines piped in: exit code, stdout, stderr."""

    def run(
        server: ModelServer, *lines: str, options: tuple[str, ...] = (), cache: tuple[str, ...] = ("--no-cache",)
    ) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
        model = ("--model", "m", "--base-url", server.base_url, *cache)
        with pytest.raises(SystemExit) as end:
            cli.main(["--library", str(demo_copy), "chat", *model, *options])
        assert isinstance(end.value.code, int)
        captured = capsys.readouterr()
        return end.value.code, captured.out, captured.err

    return run


def cites(request: ModelRequest) -> str:
    """A reply that cites the quote about the GPU by the id it was shown under."""
    before = request.prompt.partition(f"quote: {GPU}")[0]
    number = before[before.rindex("`E") + 1 :].split("\n")[0]
    return json.dumps({"claims": [{"text": GPU, "evidence_ids": [number]}], "missing": []})


def test_a_model_looks_up_and_writes_and_its_cost_is_told(chat: Callable[..., tuple[int, str, str]]) -> None:
    def script(request: ModelRequest) -> str | Reply:
        if len(request.messages) == 2:
            return Reply(tool_calls=(ToolCall("read_paper", {"paper": "SpecTr"}),))
        return cites(request)

    with ModelServer(script, models=("m",)) as server:
        code, out, err = chat(server, QUESTION, "/model", "/cost", "/model none", "How fast is SpecTr?", "/model")
        asked = len(server.requests)
    assert (code, asked) == (0, 2), err
    assert GPU in " ".join(out.split())
    assert "answers are written by: model:m\n" in out
    assert "2 model calls, " in out
    assert "cost unknown" in out
    assert out.rstrip().endswith("answers are written by: extractive")


def test_json_of_a_model_names_it_and_the_run(chat: Callable[..., tuple[int, str, str]], demo_copy: Path) -> None:
    with ModelServer(cites, models=("m",)) as server:
        code, out, _ = chat(server, QUESTION, "/compare Falcon SpecTr", options=("--json",))
        documents = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert documents[0]["engine"] == "model:m"
    assert documents[0]["run"]["model"] == "m"
    assert len(documents) == 2
    assert list((demo_copy / "runs").iterdir())
    with closing(Sessions(demo_copy)) as file:
        assert len(file.load(1).turns) == 2


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([faults.wrong_key()], "key"),
        ([faults.out_of_quota()], "quota"),
        ([faults.unknown_model("m")], "no model"),
        ([faults.context_too_long()], "context"),
        (["Nobody knows."] * 4, "in the form asked for"),
    ],
)
def test_a_fault_is_one_line_and_the_keyless_engine_answers(
    script: list[object], says: str, chat: Callable[..., tuple[int, str, str]]
) -> None:
    with ModelServer(script, models=("m",)) as server:  # type: ignore[arg-type]
        code, out, err = chat(server, QUESTION)
    assert code == 0
    assert "ZO2" in out
    assert err.count("\n") == 1, err
    assert err.startswith("notice: model:m ")
    assert says in err


def test_no_save_keeps_no_reply_and_no_record(chat: Callable[..., tuple[int, str, str]], demo_copy: Path) -> None:
    def kept() -> set[str]:
        return {path.name for path in demo_copy.iterdir() if not path.name.startswith("catalog")}

    before = kept()
    with ModelServer(cites, models=("m",)) as server:
        code, out, _ = chat(server, QUESTION, options=("--no-save",), cache=())
    assert code == 0
    assert GPU in " ".join(out.split())
    assert kept() == before


def test_without_fallback_a_fault_is_the_exit_code(chat: Callable[..., tuple[int, str, str]]) -> None:
    with ModelServer([faults.wrong_key()], models=("m",)) as server:
        code, out, err = chat(server, QUESTION, options=("--no-fallback",))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_a_limit_of_money_needs_a_price(chat: Callable[..., tuple[int, str, str]]) -> None:
    with ModelServer(cites, models=("m",)) as server:
        code, out, err = chat(server, QUESTION, options=("--max-cost", "1"))
        assert server.requests == []
    assert code == 2
    assert "price" in err
    assert "Traceback" not in err
    assert out == ""
