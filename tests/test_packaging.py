"""What leaves the house: the wheel's and the sdist's contents, and what packages export."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from importlib import import_module
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
LARGEST = 60 * 2**20
"""Bytes a wheel may have; package indexes take 100 MB."""

SHIPPED = {
    *(".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "PKG-INFO", "README.md"),
    *("agent", "docs", "evals", "prompts", "pyproject.toml", "store", "tests"),
}
"""What the sdist holds at its top, `PKG-INFO` and `.gitignore` put there by the build."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheel and sdist, built without a network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> list[PurePosixPath]:
    (path,) = built.glob("*.whl")
    assert path.stat().st_size < LARGEST
    with zipfile.ZipFile(path) as archive:
        return [PurePosixPath(name) for name in archive.namelist()]


def test_top_level_names_are_ours(wheel: list[PurePosixPath]) -> None:
    names = {path.parts[0] for path in wheel if not path.parts[0].endswith(".dist-info")}
    assert names == {"agent", "evals", "prompts", "store"}


@pytest.mark.parametrize(
    "needed",
    [
        "agent/ground/minilm_nli/LICENSE",
        "agent/ground/minilm_nli/README.md",
        "agent/ground/minilm_nli/model.onnx",
        "agent/ground/minilm_nli/tokenizer.json",
        "agent/ground/weights.json",
        "agent/py.typed",
        "evals/demo/digests.jsonl",
        "evals/suites/demo/ask.jsonl",
        "evals/suites/demo/ask.yaml",
        "prompts/judge.md",
        "store/embed/minilm/model.onnx",
        "store/embed/minilm/tokenizer.json",
        "store/embed/minilm/LICENSE",
        "store/py.typed",
        "store/ranks/o200k_base.tiktoken.gz",
    ],
)
def test_the_wheel_has_what_it_needs_to_run(wheel: list[PurePosixPath], needed: str) -> None:
    assert PurePosixPath(needed) in wheel


def test_the_wheel_has_nothing_else(wheel: list[PurePosixPath]) -> None:
    for path in wheel:
        assert "__pycache__" not in path.parts
        assert "tests" not in path.parts


def test_every_tracked_data_file_is_in_the_wheel(wheel: list[PurePosixPath]) -> None:
    packages = ("agent", "evals", "prompts", "store")
    listed = subprocess.run(["git", "ls-files", *packages], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    missing = {PurePosixPath(line) for line in listed.stdout.splitlines()} - set(wheel)
    assert not missing


def test_the_sdist_has_what_is_listed_and_licences_travel_with_both(built: Path, wheel: list[PurePosixPath]) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in archive.getnames()}
    assert {PurePosixPath(name) for name in ("LICENSE", "README.md", "Makefile", "tests/conftest.py")} <= names
    assert {path.parts[0] for path in names if path.parts} == SHIPPED
    assert any(path.name == "LICENSE" and path.parts[0].endswith(".dist-info") for path in wheel)


@pytest.mark.parametrize(
    ("package", "exported"),
    [
        ("prompts", {"Message", "Prompt", "PromptFault", "fence", "load", "names", "parse"}),
        ("agent.cli", {"COMMANDS", "build", "main"}),
        (
            "agent.app",
            {"make_embedder", "make_engine", "make_entailment", "make_grounder", "make_keyless", "make_model"}
            | {"open_library"},
        ),
        (
            "agent.testing",
            {"FakeClock", "Fault", "ModelCall", "ModelRequest", "ModelServer", "Reply", "ScriptedChatModel"}
            | {"ScriptedEngine", "SentMessage", "Silence", "ToolCall", "faults"},
        ),
    ],
)
def test_what_is_exported_is_pinned(package: str, exported: set[str]) -> None:
    module = import_module(package)
    assert set(module.__all__) == exported
    assert all(hasattr(module, name) for name in exported)
