"""Jobs in this process and in others: order, errors of cases, a process that dies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.settings import Settings
from evals.bench import Bench
from evals.errors import SuiteInvalid, WorkerDied
from evals.kinds.protocol import Job
from evals.result import CaseResult, CaseView, Scored
from evals.workers import Workers

SETTINGS = Settings(library=Path("nowhere"))


@dataclass(frozen=True)
class _Act:
    """Says its name, or fails in the way named."""

    name: str

    def __call__(self, bench: Bench) -> Scored:
        if self.name == "ours":
            raise SuiteInvalid("a line of ours")
        if self.name == "theirs":
            raise ValueError("two\nlines")
        if self.name == "dies":
            os._exit(9)
        return Scored({"m": (1.0, 1.0)}, CaseView(self.name))


def _run(count: int, names: list[str]) -> list[CaseResult]:
    jobs = [Job(f"c{i}", f"c{i}", None, name, _Act(name)) for i, name in enumerate(names)]
    with Workers(count) as workers:
        return list(workers.run(SETTINGS, jobs, worth=2))


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_order_and_errors_belong_to_their_case(count: int) -> None:
    results = _run(count, ["a", "ours", "b", "theirs", "c"])
    assert [result.case_id for result in results] == ["c0", "c1", "c2", "c3", "c4"]
    assert [result.view.question for result in results] == ["a", "ours", "b", "theirs", "c"]
    assert [result.error for result in results if result.error is None] == [None] * 3
    assert results[1].error == "a line of ours"
    assert results[3].error is not None
    assert results[3].error.startswith("ValueError: two lines (in test_workers, line ")
    assert results[3].observations == {}


def test_a_process_that_dies_is_an_error_not_a_hang() -> None:
    with pytest.raises(WorkerDied, match="--workers 1"):
        _run(2, ["a", "dies", "b"])
