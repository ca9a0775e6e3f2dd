"""`plumbline ask` with a model, against a server on this machine: flags, notices, exit codes, what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_engine_model import PLAN, QUESTION, claims, quotes_in, verbatim

from agent import cli
from agent.testing import ModelRequest, ModelServer, Reply, faults


def honest(request: ModelRequest) -> str | Reply:
    """Plans as told, and says what the quotes say."""
    system, user = request.messages[0].text, request.messages[-1].text
    if system.startswith("You plan"):
        return json.dumps(PLAN)
    return json.dumps(claims(*verbatim(quotes_in(user))))


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_the_document_says_who_wrote_and_what_it_took(demo_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(honest) as server:
        chosen = ("--model", "scripted", "--base-url", server.base_url)
        assert run("--library", demo_copy, "ask", QUESTION, "--json", *chosen) == 0
        asked = len(server.requests)
        document = json.loads(capsys.readouterr().out)
        assert run("--library", demo_copy, "ask", QUESTION, "--json", "--replay", *chosen) == 0
        again = json.loads(capsys.readouterr().out)
        assert len(server.requests) == asked == 2
    assert document["engine"] == "model:scripted"
    assert document["usage"]["model_calls"] == 2
    assert document["usage"]["input_tokens"] > 500
    assert document["run"]["prompts"][1]["name"] == "write_claims"
    assert document["run"]["cost"] is None
    assert again["sentences"] == document["sentences"]
    assert (again["run"]["cached"], again["usage"]["model_calls"]) == (2, 0)
    (day,) = (demo_copy / "runs").iterdir()
    kept = [json.loads(line) for line in day.read_text("utf-8").splitlines()]
    assert [line["engine"] for line in kept] == ["model:scripted"] * 2
    assert kept[0]["run"] == document["run"]


def test_a_dry_run_sends_nothing(demo_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(honest) as server:
        chosen = ("--model", "scripted", "--base-url", server.base_url, "--dry-run")
        assert run("--library", demo_copy, "ask", QUESTION, *chosen) == 0
        text = capsys.readouterr().out
        assert run("--library", demo_copy, "ask", QUESTION, "--json", *chosen) == 0
        document = json.loads(capsys.readouterr().out)
        assert server.requests == []
    assert "nothing was sent" in text
    assert "unknown" in text
    assert document["schema"] == "plumbline.estimate/1"
    assert document["cost"] is None
    assert document["calls"] == 2
    assert document["input_tokens"] > 1000
    assert not (demo_copy / "runs").exists()


def test_the_keyless_engine_takes_over_and_one_line_says_so(
    demo_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer(lambda request: faults.wrong_key()) as server:
        chosen = ("--model", "scripted", "--base-url", server.base_url)
        assert run("--library", demo_copy, "ask", QUESTION, *chosen) == 0
        told = capsys.readouterr()
        assert run("--library", demo_copy, "ask", QUESTION, "--no-fallback", *chosen) == 2
        refused = capsys.readouterr()
    assert "Written by extractive." in told.out
    assert "\x1b" not in told.out
    assert [line for line in told.err.splitlines() if "extractive answers instead" in line] == told.err.splitlines()
    assert refused.out == ""
    assert refused.err.startswith("error: ")
    assert len(refused.err.splitlines()) == 1


def test_no_model_asks_nobody(demo_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", demo_copy, "ask", QUESTION, "--model", "none", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["engine"] == "extractive"
    assert "run" not in document
    assert not (demo_copy / "runs").exists()
    assert run("--library", demo_copy, "ask", QUESTION, "--dry-run") == 2
    assert "name one with --model" in capsys.readouterr().err
