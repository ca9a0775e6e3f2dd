"""One writer at a time, and a lock that dies with its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from store.errors import LibraryLocked
from store.lock import writer_lock

HOLD = """
import sys
from pathlib import Path
from store.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_writer_is_refused_at_once_in_the_same_process(tmp_path: Path) -> None:
    with writer_lock(tmp_path), pytest.raises(LibraryLocked, match="is writing to the library"), writer_lock(tmp_path):
        pass
    with writer_lock(tmp_path):
        pass


def test_lock_dies_with_its_process(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(LibraryLocked, match=str(holder.pid)), writer_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with writer_lock(tmp_path):
            pass


def test_lock_is_let_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="boom"), writer_lock(tmp_path):
        raise ValueError("boom")
    with writer_lock(tmp_path):
        pass
