"""The shell around every command: help, exit codes, one line for every failure, safe output."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from agent import cli
from agent.cli import console
from agent.cli.console import emit_json
from agent.settings import colour_wanted, from_environment
from store.errors import LibraryNotFound

ROOT = Path(__file__).parents[1]
HEAVY = (
    "numpy",
    "chromadb",
    "langchain",
    "openai",
    "onnxruntime",
    "tantivy",
    "tiktoken",
    "pydantic_core",
    "rich",
    "yaml",
)
RUN = [sys.executable, "-c", "from agent.cli import main; main()"]


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run([*RUN, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def exit_code(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


def only_command(monkeypatch: pytest.MonkeyPatch, body: Callable[[], None]) -> None:
    """Make `plumbline go` run `body`."""

    def build() -> typer.Typer:
        app = typer.Typer()
        app.callback()(lambda: None)
        app.command("go")(body)
        return app

    monkeypatch.setattr(cli, "build", build)


def failing(error: BaseException) -> Callable[[], None]:
    def body() -> None:
        raise error

    return body


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert f"\n  {name} " in shown, name
    assert "..." not in shown.split("Commands:")[1], "the first sentence of every command's help fits its line"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([name, "--help"]) == 0
    assert f"Usage: plumbline {name}" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    build = "import sys, typer\nfrom agent.cli import build\ntyper.main.get_command(build())\n"
    code = build + f"print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--version"]) == 0
    assert capsys.readouterr().out.startswith("plumbline ")


@pytest.mark.parametrize(
    "arguments", [["nope"], ["--nope"], ["papers", "show"], ["search"], ["search", "x", "-k", "many"]]
)
def test_bad_usage_is_one_line_that_says_what_to_type(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert "--help" in captured.err


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([]) == 2
    assert "Commands:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (LibraryNotFound("no library at x; make one"), 2, "error: no library at x; make one"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (typer.Exit(1), 1, ""),
        (BrokenPipeError(), 0, ""),
        (
            RuntimeError("odd\nthing"),
            2,
            "error: RuntimeError: odd thing (a fault of Plumbline; PLUMBLINE_DEBUG=1 shows where)",
        ),
    ],
)
def test_every_end_has_its_code_and_its_line(
    error: BaseException, code: int, line: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    only_command(monkeypatch, failing(error))
    monkeypatch.setattr(cli, "_reader_left", lambda: 0)
    assert exit_code(["go"]) == code
    assert capfd.readouterr().err == (line + "\n" if line else "")


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    only_command(monkeypatch, failing(RuntimeError("odd")))
    monkeypatch.setenv("PLUMBLINE_DEBUG", "1")
    with pytest.raises(RuntimeError, match="odd"):
        cli.main(["go"])


def test_a_reader_that_leaves_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        done = subprocess.run([*RUN, "--help"], cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_survives_a_terminal_that_knows_little(tmp_path: Path) -> None:
    done = run(
        "--library", str(tmp_path / "näher ✓"), "papers", "list", env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: no library at")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_an_empty_one(closed: str, demo_library_path: Path) -> None:
    command = (
        f'"{sys.executable}" -c "from agent.cli import main; main()" --library "{demo_library_path}" chat {closed}'
    )
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, input="/help", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_json_keeps_every_character(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"a": "é\x1b"})
    assert capsys.readouterr().out == '{"a": "é\\u001b"}\n'
    monkeypatch.setattr(console, "_holds", lambda encoding, text: False)
    emit_json({"a": "é"})
    assert capsys.readouterr().out == '{"a": "\\u00e9"}\n'


@pytest.mark.parametrize(
    ("is_terminal", "environ", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(is_terminal: bool, environ: dict[str, str], colour: bool) -> None:
    assert colour_wanted(is_terminal, environ) is colour


def test_flags_come_before_variables_before_defaults() -> None:
    assert from_environment(None, {}).library == Path(".plumbline")
    assert from_environment(None, {"PLUMBLINE_LIBRARY": "a"}).library == Path("a")
    assert from_environment(Path("b"), {"PLUMBLINE_LIBRARY": "a"}).library == Path("b")


def test_a_key_is_never_shown() -> None:
    settings = from_environment(None, {"PLUMBLINE_API_KEY": "secret-key"})
    assert settings.api_key == "secret-key"
    assert "secret-key" not in repr(settings)
    assert "secret-key" not in str(settings)
