"""The README's commands work, one after another, as a new user would type them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DEMO, ROOT

BLOCK = re.compile(r"<!-- every command in this block is run by tests/test_readme.py -->\n```sh\n(.*?)```", re.DOTALL)
ELSEWHERE = "plumbline eval"
"""Run by .ci/evals, because it takes longer than a test should."""


def commands() -> list[str]:
    found = BLOCK.search((ROOT / "README.md").read_text("utf-8"))
    assert found is not None
    return [line.split("  #")[0].strip() for line in found[1].splitlines()]


@pytest.fixture
def desk(tmp_path: Path, demo_library_path: Path) -> Path:
    """A folder with the files that the README names, and a `plumbline` on the path."""
    if not (ROOT / "README.md").exists():
        pytest.skip("the README does not travel with this copy")
    shutil.copy(DEMO, tmp_path / "papers.jsonl")
    shutil.copytree(demo_library_path, tmp_path / ".plumbline")  # so that `add` has nothing to embed again
    first = json.loads(DEMO.read_text("utf-8").splitlines()[0])
    claim = {"id": "1", "claim": first["abstract"].split(". ")[0] + ".", "paper": first["title"]}
    (tmp_path / "claims.jsonl").write_text(json.dumps(claim) + "\n", "utf-8")
    (tmp_path / "questions.txt").write_text("How much memory does ZO2 need?\n", "utf-8")
    tool = tmp_path / "bin" / "plumbline"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'from agent.cli import main; main()' \"$@\"\n")
    tool.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the README speaks to a POSIX shell")
def test_the_readme_is_true(desk: Path) -> None:
    environ = {**os.environ, "PATH": f"{desk / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for command in commands():
        if command == ELSEWHERE:
            continue
        done = subprocess.run(["sh", "-c", command], cwd=desk, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip(), f"{command} said nothing"


def test_every_page_the_readme_names_exists() -> None:
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} points to {target}, which is not there"
