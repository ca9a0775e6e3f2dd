"""The contract's JSON documents, key by key, as the command line prints them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DEMO

from agent import cli
from store.library import Library

QUESTION = "How do Falcon, SpecTr and Judge Decoding compare in speed and quality?"
PAPER = {"schema", "paper_id", "title", "authors", "year", "date", "venue", "doi", "arxiv_id", "url", "source"}
CITATION = {"key", "paper_id", "title", "passage_id", "start", "end", "quote"}
CHECK = {"name", "outcome", "detail"}
LABELS = {"SUPPORTED", "CONTRADICTED", "NOT_ENOUGH_INFO", "CHECK_FAILED"}
Documents = Callable[..., list[dict[str, object]]]


@pytest.fixture
def documents(demo_copy: Path, capsys: pytest.CaptureFixture[str]) -> Documents:
    """The JSON documents that `plumbline ... --json` prints, one a line, and nothing else on stdout."""

    def run(*arguments: str | Path, code: int = 0) -> list[dict[str, object]]:
        with pytest.raises(SystemExit) as end:
            cli.main(["--library", str(demo_copy), *map(str, arguments), "--json"])
        assert end.value.code == code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def keys(value: object) -> set[str]:
    assert isinstance(value, dict)
    return set(value)


def items(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


@pytest.fixture
def stored(demo_library: Library) -> dict[object, str]:
    """The stored abstract of every paper, by id."""
    return {paper.paper_id: paper.abstract for paper in demo_library.papers()}


def test_papers(documents: Documents, stored: dict[object, str]) -> None:
    listed = documents("papers", "list")
    assert len(listed) == len(DEMO.read_text("utf-8").splitlines())
    assert all(keys(paper) == PAPER for paper in listed)
    (shown,) = documents("papers", "show", str(listed[0]["paper_id"]))
    assert keys(shown) == PAPER | {"abstract"}
    assert shown["schema"] == "plumbline.paper/1"
    assert shown["doi"] is None
    assert shown["abstract"] == stored[shown["paper_id"]]


def test_add(documents: Documents, tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_text('{"title": "One", "abstract": "It says a thing."}\nnot json\n', "utf-8")
    (report,) = documents("add", tmp_path / "more.jsonl", code=1)
    assert keys(report) == {"schema", "added", "updated", "duplicates", "failed", "papers", "passages"}
    assert (report["schema"], report["added"]) == ("plumbline.add/1", 1)
    assert [keys(failure) for failure in items(report["failed"])] == [{"path", "locator", "reason"}]


def test_search(documents: Documents, stored: dict[object, str]) -> None:
    (found,) = documents("search", "speculative decoding", "-k", "3")
    assert keys(found) == {"schema", "query", "hits"}
    assert (found["schema"], found["query"]) == ("plumbline.search/1", "speculative decoding")
    hits = items(found["hits"])
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    for hit in hits:
        assert keys(hit) == {"rank", "paper_id", "title", "score", "passage_id", "start", "end", "text"}
        assert hit["text"] == stored[hit["paper_id"]][int(str(hit["start"])) : int(str(hit["end"]))]


def test_ask(documents: Documents, stored: dict[object, str]) -> None:
    (answer,) = documents("ask", QUESTION)
    names = {"schema", "question", "engine", "abstained", "abstention", "sentences", "matrix", "sources", "usage"}
    assert keys(answer) == names
    assert (answer["schema"], answer["question"], answer["abstained"]) == ("plumbline.answer/1", QUESTION, False)
    assert keys(answer["usage"]) == {"model_calls", "input_tokens", "output_tokens", "seconds"}
    cited: list[dict[str, object]] = []
    for sentence in items(answer["sentences"]):
        assert keys(sentence) == {"text", "verdict", "checks", "citations"}
        assert sentence["verdict"] in LABELS
        assert all(keys(check) == CHECK for check in items(sentence["checks"]))
        assert sentence["citations"], "no sentence without a citation"
        cited += items(sentence["citations"])
    matrix = answer["matrix"]
    assert isinstance(matrix, dict)
    assert keys(matrix) == {"rows", "columns", "cells"}
    for cell in items(matrix["cells"]):
        assert keys(cell) == {"row", "column", "text", "citations"}
        cited += items(cell["citations"])
    for citation in cited:
        assert keys(citation) == CITATION
        assert (
            citation["quote"] == stored[citation["paper_id"]][int(str(citation["start"])) : int(str(citation["end"]))]
        )
    sources = items(answer["sources"])
    assert all(keys(source) == {"key", "paper_id", "title", "authors", "year"} for source in sources)
    assert {citation["key"] for citation in cited} == {source["key"] for source in sources}


def test_an_abstention(documents: Documents) -> None:
    (answer,) = documents("ask", "What does tea cost in China?")
    assert (answer["abstained"], answer["sentences"], answer["matrix"]) == (True, [], None)
    assert keys(answer["abstention"]) == {"reason", "missing"}


def test_a_batch_answers_in_order_under_its_ids(documents: Documents, tmp_path: Path) -> None:
    batch = tmp_path / "batch.jsonl"
    questions = {"b": QUESTION, "a": "How fast is Falcon?"}
    batch.write_text("".join(json.dumps({"id": i, "question": q}) + "\n" for i, q in questions.items()), "utf-8")
    answers = documents("ask", "--batch", batch)
    assert [(answer["id"], answer["question"]) for answer in answers] == list(questions.items())


def test_the_same_question_gives_the_same_bytes(documents: Documents) -> None:
    first, second = (documents("ask", QUESTION)[0] for _ in range(2))
    for answer in (first, second):
        usage = answer["usage"]
        assert isinstance(usage, dict)
        del usage["seconds"]
    assert json.dumps(first) == json.dumps(second)


def test_verify_claims(documents: Documents, tmp_path: Path) -> None:
    paper = json.loads(DEMO.read_text("utf-8").splitlines()[0])
    true = paper["abstract"].split(". ")[0] + "."
    lines = [
        {"id": "t", "claim": true, "paper": paper["title"]},
        {"id": "n", "claim": "It costs 9 dollars.", "paper": paper["title"]},
    ]
    claims = tmp_path / "claims.jsonl"
    claims.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    verdicts = documents("verify", "--claims", claims, code=1)
    assert [(verdict["id"], verdict["schema"]) for verdict in verdicts] == [(i, "plumbline.verdict/1") for i in "tn"]
    for verdict in verdicts:
        assert keys(verdict) == {"schema", "id", "paper_id", "verdict", "confidence", "checks", "evidence"}
        assert verdict["verdict"] in LABELS
        assert 0 <= float(str(verdict["confidence"])) <= 1
        assert all(keys(check) == CHECK for check in items(verdict["checks"]))
        assert all(keys(quote) == {"start", "end", "quote"} for quote in items(verdict["evidence"]))
    assert [verdict["verdict"] == "SUPPORTED" for verdict in verdicts] == [True, False]
