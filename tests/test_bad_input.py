"""Bad input everywhere: one line that says what, where and what next, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DEMO, ROOT

from agent import cli
from store.catalog import CATALOG_NAME

HOSTILE = "Evil \x1b[31mred\x1b[0m title \u202eltr\x07\x9b5m"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """`plumbline ...` in this process: exit code, stdout, stderr."""

    def go(*arguments: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        assert isinstance(end.value.code, int)
        assert "Traceback" not in captured.err
        return end.value.code, captured.out, captured.err

    return go


def one_line(err: str) -> str:
    """The one line of an error."""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    assert "a fault of Plumbline" not in lines[0]
    return lines[0]


def raw_controls(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in ("Cc", "Cs")} - {"\n"}


@pytest.mark.parametrize("question", ["", "   \n\t ", "?!", "\x1b\x00\x07"])
def test_an_empty_question(run: Run, demo_library_path: Path, question: str) -> None:
    code, out, err = run("--library", demo_library_path, "ask", question)
    assert (code, out) == (2, "")
    assert "question" in one_line(err)


def test_a_question_of_100_000_characters(run: Run, demo_library_path: Path) -> None:
    code, out, err = run("--library", demo_library_path, "ask", "why so long? " * 7693)
    assert (code, out) == (2, "")
    assert "characters" in one_line(err)
    assert len(err) < 400


@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_badly_encoded_question_is_taken_as_far_as_it_reads(run: Run, demo_library_path: Path, command: str) -> None:
    code, out, err = run("--library", demo_library_path, command, "\udcff\udcfe memory of ZO2")
    assert (code, err) == (0, "")
    assert "ZO2" in out


def test_a_long_search_is_answered_or_refused_in_one_line(run: Run, demo_library_path: Path) -> None:
    code, _, err = run("--library", demo_library_path, "search", "memory " * 15_000)
    assert code == 0 or (code == 2 and one_line(err))


@pytest.mark.parametrize("arguments", [["papers", "show", "p000000000000"], ["papers", "remove", "p000000000000"]])
def test_an_unknown_paper(run: Run, demo_copy: Path, arguments: list[str]) -> None:
    code, out, err = run("--library", demo_copy, *arguments)
    assert (code, out) == (2, "")
    assert "p000000000000" in one_line(err)


@pytest.mark.parametrize("command", [["search", "x"], ["ask", "What is x?"]])
def test_a_filter_that_names_an_unknown_paper(run: Run, demo_library_path: Path, command: list[str]) -> None:
    code, out, err = run("--library", demo_library_path, *command, "--paper", "p000000000000")
    assert (code, out) == (2, "")
    assert "p000000000000" in one_line(err)


@pytest.mark.parametrize("command", [["search", "x"], ["ask", "What is x?"], ["papers", "list"], ["papers", "export"]])
def test_years_that_no_paper_can_have(run: Run, demo_library_path: Path, command: list[str]) -> None:
    code, out, err = run("--library", demo_library_path, *command, "--year-from", "2024", "--year-to", "2020")
    assert (code, out) == (2, "")
    assert "2024 is later than" in one_line(err)


@pytest.mark.parametrize(
    "command",
    [
        ["search", "x"],
        ["ask", "What is x?"],
        ["papers", "list"],
        ["chat"],
        ["draft", "speculative decoding", "-o", "d"],
    ],
)
class TestNoUsableLibrary:
    def test_none_there(self, run: Run, tmp_path: Path, command: list[str]) -> None:
        code, out, err = run("--library", tmp_path / "none", *command)
        assert (code, out) == (2, "")
        assert str(tmp_path / "none") in one_line(err)
        assert "add" in err
        assert not (tmp_path / "none").exists()

    def test_a_file(self, run: Run, tmp_path: Path, command: list[str]) -> None:
        file = tmp_path / "file"
        file.write_text("mine")
        code, out, err = run("--library", file, *command)
        assert (code, out) == (2, "")
        assert "file" in one_line(err)
        assert file.read_text() == "mine"

    def test_a_newer_schema(self, run: Run, demo_copy: Path, command: list[str]) -> None:
        with sqlite3.connect(demo_copy / CATALOG_NAME) as database:
            database.execute("PRAGMA user_version = 9999")
        code, out, err = run("--library", demo_copy, *command)
        assert (code, out) == (2, "")
        assert "newer" in one_line(err)


def test_adding_to_a_path_that_is_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    code, out, err = run("--library", file, "add", DEMO)
    assert (code, out) == (2, "")
    assert str(file) in one_line(err)
    assert file.read_text() == "mine"


def on_a_small_disk(options: str, script: str, tmp_path: Path, library: Path) -> subprocess.CompletedProcess[str]:
    """Run `script` in a namespace where $LIBRARY lies on a file system of its own, mounted with `options` at last."""
    unshare = shutil.which("unshare")
    probe = [unshare or "false", "--user", "--map-root-user", "--mount", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets us mount no file system of our own")
    disk = tmp_path / "disk"
    disk.mkdir()
    whole = f'mount -t tmpfs none "$DISK" && cp -r "$FROM" "$LIBRARY" && mount -o remount,{options} "$DISK" && {script}'
    names = {"DISK": disk, "LIBRARY": disk / "library", "FROM": library, "DEMO": DEMO, "PYTHON": sys.executable}
    environ = {**os.environ, **{name: str(value) for name, value in names.items()}}
    command = [*probe[:-1], "sh", "-c", whole]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


PLUMBLINE = """"$PYTHON" -c 'from agent.cli import main; main()' --library "$LIBRARY" """


def test_a_read_only_disk_can_be_read_but_not_added_to(demo_library_path: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"title": "One more", "abstract": "It says one thing."}) + "\n")
    script = f"{PLUMBLINE} papers list --json | wc -l && {PLUMBLINE} add {more}"
    done = on_a_small_disk("ro", script, tmp_path, demo_library_path)
    assert done.returncode == 2, done.stderr
    assert int(done.stdout) == len(DEMO.read_text("utf-8").splitlines())
    assert "library" in one_line(done.stderr)


def test_a_full_disk_loses_nothing(demo_library_path: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.jsonl"
    lines = (json.dumps({"title": f"Paper {n}", "abstract": f"{n} words. " * 400}) + "\n" for n in range(50))
    more.write_text("".join(lines))
    fill = 'head -c 100M /dev/zero > "$DISK/filler" 2>/dev/null'
    after = f'code=$?; rm "$DISK/filler"; {PLUMBLINE} papers list --json | wc -l; exit $code'
    script = f"{fill}; {PLUMBLINE} add {more}; {after}"
    done = on_a_small_disk("size=20M", script, tmp_path, demo_library_path)
    assert done.returncode == 2, done.stderr
    assert int(done.stdout) >= len(DEMO.read_text("utf-8").splitlines())
    assert "disk" in one_line(done.stderr)


@pytest.mark.parametrize("name", ["missing.jsonl", "empty.bin"])
def test_input_that_cannot_be_read(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.bin").write_bytes(b"\x00\x01\x02\x03" * 100)
    code, out, err = run("--library", tmp_path / "library", "add", tmp_path / name)
    assert (code, out) == (2, "")
    assert name in one_line(err)


@pytest.fixture
def hostile_library(run: Run, tmp_path: Path) -> Path:
    """A library of one paper whose every text is hostile."""
    abstract = f"{HOSTILE} tiling makes attention 3 times faster. It needs {HOSTILE} 4 GB of memory."
    record = {"title": HOSTILE, "abstract": abstract, "authors": [HOSTILE], "venue": HOSTILE, "year": 2024}
    (tmp_path / "bad.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
    code, out, err = run("--library", tmp_path / "library", "add", tmp_path / "bad.jsonl")
    assert code == 0, err
    assert not raw_controls(out + err)
    return tmp_path / "library"


def test_no_control_character_of_a_paper_reaches_the_terminal(run: Run, hostile_library: Path) -> None:
    for command in (
        ["papers", "list"],
        ["search", "tiling attention"],
        ["search", HOSTILE],
        ["ask", "How much faster does tiling make attention?"],
        ["ask", f"How fast is {HOSTILE}?"],
        ["papers", "show", HOSTILE],
        ["papers", "list", "--json"],
        ["search", "tiling attention", "--json"],
        ["ask", "How much faster does tiling make attention?", "--json"],
        ["doctor"],
    ):
        _, out, err = run("--library", hostile_library, *command)
        assert not raw_controls(out + err), command
