"""`plumbline verify --claims`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.cli import main
from store.library import Library


def verify(library: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--library", str(library), "verify", *arguments])
    return int(ended.value.code or 0)


def claims_file(folder: Path, *rows: object) -> Path:
    path = folder / "claims.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def test_own_words_pass_and_the_contract_holds(
    demo_library_path: Path, demo_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = demo_library.papers()[0]
    sentence = demo_library.sentences(paper.paper_id)[0]
    rows = [
        {"id": "a", "claim": sentence.text, "paper": paper.title},
        {"id": "b", "claim": sentence.text, "paper": paper.paper_id},
    ]
    assert verify(demo_library_path, "--claims", str(claims_file(tmp_path, *rows)), "--json") == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [d["id"] for d in documents] == ["a", "b"]
    for document in documents:
        assert list(document) == ["schema", "id", "paper_id", "verdict", "confidence", "checks", "evidence"]
        assert document["schema"] == "plumbline.verdict/1"
        assert document["verdict"] == "SUPPORTED"
        assert 0 <= document["confidence"] <= 1
        for quote in document["evidence"]:
            assert paper.abstract[quote["start"] : quote["end"]] == quote["quote"]


def test_an_unsupported_claim_ends_with_1_and_says_why(
    demo_library_path: Path, demo_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paper = demo_library.papers()[0]
    row = {"id": "x", "claim": "It runs 987.6 times faster on a Zorbium-9000.", "paper": paper.title}
    assert verify(demo_library_path, "--claims", str(claims_file(tmp_path, row))) == 1
    printed = capsys.readouterr().out
    assert "NOT_ENOUGH_INFO" in printed
    assert "Zorbium-9000" in printed
    assert "0 of 1 supported" in printed


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "holds no claims"),
        ("not json\n", "line 1: not JSON"),
        ("[1]\n", "line 1: not an object"),
        ('{"id": "1", "paper": "p"}\n', "line 1, field claim: missing"),
        ('{"id": "1", "claim": " ", "paper": "p"}\n', "line 1, field claim: must be a text"),
        ('{"id": "1", "claim": "x", "paper": 3}\n', "line 1, field paper: must be a text"),
        ('{"id": true, "claim": "x", "paper": "p"}\n', "line 1, field id"),
        ('\n{"id": "1", "claim": "x y z", "paper": "no such paper anywhere"}\n', "line 2: no paper"),
        ("[" * 100_000 + "\n", "line 1: not JSON"),
    ],
)
def test_bad_files_are_one_clear_error(
    demo_library_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, part: str
) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text(content, "utf-8")
    assert verify(demo_library_path, "--claims", str(path), "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert part in captured.err
    assert captured.err.count("\n") == 1


def test_an_id_given_twice_is_refused(
    demo_library_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"id": "1", "claim": "x", "paper": "p"}
    assert verify(demo_library_path, "--claims", str(claims_file(tmp_path, row, row))) == 2
    assert "line 2: id '1' stands on line 1 already" in capsys.readouterr().err


def test_missing_file_folder_and_bytes(
    demo_library_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(demo_library_path, "--claims", str(tmp_path / "none.jsonl")) == 2
    assert "is not there" in capsys.readouterr().err
    assert verify(demo_library_path, "--claims", str(tmp_path)) == 2
    assert "is a folder" in capsys.readouterr().err
    (tmp_path / "raw.jsonl").write_bytes(b"\xff\xfe\x00")
    assert verify(demo_library_path, "--claims", str(tmp_path / "raw.jsonl")) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_a_draft_folder_or_a_claims_file(demo_library_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(demo_library_path) == 2
    assert "one of the two" in capsys.readouterr().err
