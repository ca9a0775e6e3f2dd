"""`plumbline ask`: the contract's document, batches, filters, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import cli

QUESTION = "How do ProDiff and CoMoSpeech compare in speed?"
TOP = ["schema", "question", "engine", "abstained", "abstention", "sentences", "matrix", "sources", "usage"]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    assert isinstance(end.value.code, int)
    return end.value.code


def test_the_json_document(demo_library_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", str(demo_library_path), "ask", QUESTION, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == TOP
    assert document["schema"] == "plumbline.answer/1"
    assert (document["engine"], document["abstained"], document["abstention"]) == ("extractive", False, None)
    for sentence in document["sentences"]:
        assert list(sentence) == ["text", "verdict", "checks", "citations"]
        assert list(sentence["citations"][0]) == ["key", "paper_id", "title", "passage_id", "start", "end", "quote"]
    assert list(document["matrix"]) == ["rows", "columns", "cells"]
    assert document["usage"]["model_calls"] == 0


def test_an_abstention_is_an_answer(demo_library_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", str(demo_library_path), "ask", "How do penguins stay warm?", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["abstained"]
    assert document["abstention"]["missing"]
    assert (document["sentences"], document["matrix"], document["sources"]) == ([], None, [])


def test_terminal_and_markdown(demo_library_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", str(demo_library_path), "ask", QUESTION) == 0
    assert "ProDiff" in capsys.readouterr().out
    assert run("--library", str(demo_library_path), "ask", QUESTION, "--markdown") == 0
    assert "ProDiff" in capsys.readouterr().out


def test_a_batch_keeps_its_order_and_tells_bad_lines(
    demo_library_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "batch.jsonl"
    lines = [
        '{"id": "b", "question": "How fast is FuseMax?"}',
        "",
        "not json",
        '{"id": 2, "question": ""}',
        '{"id": "x"}',
    ]
    batch.write_text("\n".join([*lines, json.dumps({"id": "a", "question": QUESTION})]), encoding="utf-8")
    assert run("--library", str(demo_library_path), "ask", "--batch", str(batch), "--json") == 1
    captured = capsys.readouterr()
    documents = [json.loads(line) for line in captured.out.splitlines()]
    assert [document["id"] for document in documents] == ["b", "a"]
    assert [line for line in (3, 4, 5) if f"line {line}:" in captured.err] == [3, 4, 5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give one QUESTION"),
        (("what?", "--batch", "f"), "give one QUESTION"),
        (("--batch", "f"), "--json"),
        (("--batch", "no-such-file", "--json"), "no-such-file"),
        (("",), "empty"),
        (("x " * 50_000,), "characters"),
    ],
)
def test_bad_input_is_one_line(
    demo_library_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert run("--library", str(demo_library_path), "ask", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.strip().splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_batch_file_that_holds_nothing(
    demo_library_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    batch = tmp_path / "batch.jsonl"
    batch.write_bytes(content)
    assert run("--library", str(demo_library_path), "ask", "--batch", str(batch), "--json") == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_no_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", str(tmp_path / "none"), "ask", "what?") == 2
    assert "none" in capsys.readouterr().err


def test_filters(demo_library_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", str(demo_library_path), "ask", QUESTION, "--year-from", "2090", "--json") == 0
    assert json.loads(capsys.readouterr().out)["abstained"]
