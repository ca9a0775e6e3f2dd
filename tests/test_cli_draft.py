"""`plumbline draft` and `plumbline verify DIR` at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import cli

TOPIC = "speculative decoding"


def run(capsys: pytest.CaptureFixture[str], library: Path, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        cli.main(["--library", str(library), *arguments])
    shown = capsys.readouterr()
    code = end.value.code
    assert isinstance(code, int)
    assert "Traceback" not in shown.err
    return code, shown.out, shown.err


def test_draft_then_verify(capsys: pytest.CaptureFixture[str], demo_library_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "review"
    code, shown, _ = run(capsys, demo_library_path, "draft", TOPIC, "-o", str(out))
    assert code == 0
    assert "plumbline verify" in shown
    assert (out / "review.md").is_file()
    code, shown, _ = run(capsys, demo_library_path, "verify", str(out))
    assert code == 0
    assert "the draft holds" in shown


def test_json(capsys: pytest.CaptureFixture[str], demo_library_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "review"
    code, shown, _ = run(capsys, demo_library_path, "draft", TOPIC, "-o", str(out), "--json")
    document = json.loads(shown)
    assert code == 0
    assert document["schema"] == "plumbline.drafted/1"
    assert document["papers"] == sum(len(section["papers"]) for section in document["sections"])
    assert set(document["files"]) == {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    code, shown, _ = run(capsys, demo_library_path, "verify", str(out), "--json")
    document = json.loads(shown)
    assert code == 0
    assert (document["schema"], document["passed"], document["problems"]) == ("plumbline.recheck/1", True, [])


def test_verify_says_no(capsys: pytest.CaptureFixture[str], demo_library_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "review"
    run(capsys, demo_library_path, "draft", TOPIC, "-o", str(out))
    review = out / "review.md"
    review.write_text(review.read_text(encoding="utf-8").replace("2.13×", "4.13×", 1), encoding="utf-8")
    code, shown, _ = run(capsys, demo_library_path, "verify", str(out))
    assert code == 1
    assert "review.md:" in shown
    code, shown, _ = run(capsys, demo_library_path, "verify", str(out), "--json")
    assert code == 1
    assert json.loads(shown)["passed"] is False


def test_nothing_to_draft_is_no(capsys: pytest.CaptureFixture[str], demo_library_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "review"
    code, shown, said = run(capsys, demo_library_path, "draft", "medieval poetry", "-o", str(out))
    assert (code, shown) == (1, "")
    assert "no paper of the library is about" in said
    code, shown, _ = run(capsys, demo_library_path, "draft", "medieval poetry", "-o", str(out), "--json")
    assert code == 1
    assert json.loads(shown)["directory"] is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["draft", "  ", "-o", "{out}"], "topic is empty"),
        (["draft", "x" * 100_000, "-o", "{out}"], "100,000 characters"),
        (["draft", TOPIC, "-o", "{file}"], "is a file"),
        (["draft", TOPIC, "-o", "{full}"], "not empty"),
        (["draft", TOPIC, "-o", "{full}", "--force"], "no draft"),
        (["draft", TOPIC, "-o", "{out}", "--must", "no such paper at all"], "no paper"),
        (["draft", TOPIC], "--out"),
        (["draft", TOPIC, "-o", "{out}", "--limit", "0"], "--limit"),
        (["verify", "{missing}"], "no such folder"),
        (["verify", "{file}"], "is a file"),
        (["verify", "{full}"], "no manifest.json"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], demo_library_path: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    places = {name: str(tmp_path / name) for name in ("out", "file", "full", "missing")}
    code, shown, said = run(capsys, demo_library_path, *(argument.format(**places) for argument in arguments))
    assert (code, shown) == (2, "")
    assert words in said
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_no_library(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, said = run(capsys, tmp_path / "none", "draft", TOPIC, "-o", str(tmp_path / "out"))
    assert code == 2
    assert "no library" in said
    assert not (tmp_path / "out").exists()
