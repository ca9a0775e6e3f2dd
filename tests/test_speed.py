"""The speed report: what it prints and writes. What it measures is a machine, and no test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import speed


def test_the_report_is_printed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = [speed.Measured("ask", 0.25, "s", "median of 3"), speed.Measured("search p95", 12.5, "ms", "5 queries")]
    monkeypatch.setattr(speed, "measure", lambda library, scratch: figures)
    speed.main(["--json", str(tmp_path / "speed.json")])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "ask               0.25 s         median of 3"
    document = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert document["schema"] == "plumbline.speed/1"
    assert document["figures"][1] == {"name": "search p95", "value": 12.5, "unit": "ms", "on": "5 queries"}
    assert document["machine"]["cores"] >= 1


def test_sizes_count_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "a").write_bytes(b"x" * 1000)
    (tmp_path / "index" / "b").write_bytes(b"x" * 500)
    (tmp_path / "catalog").write_bytes(b"x" * 2000)
    assert [(m.name, m.value, m.on) for m in speed._sizes(tmp_path)] == [
        ("size of catalog", 0.002, "1 files"),
        ("size of index", 0.0015, "2 files"),
    ]
