"""Runs jobs, in this process or in several. Each process opens what it needs once; results come in the order of jobs.

Processes, not threads: most of the work is Python, and a library is opened by one thread at a time.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from evals.bench import Bench
from evals.errors import WorkerDied
from evals.kinds.protocol import Job
from evals.result import CaseResult, CaseView
from store.errors import PlumblineError

if TYPE_CHECKING:
    from agent.settings import Settings

__all__ = ["Workers"]

_benches: dict[Settings, Bench] = {}
"""What this worker process has opened."""


class Workers:
    """One or more processes for the length of a run. Use it as a context manager."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None
        self._here: dict[Settings, Bench] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            if error is not None:
                # Nobody waits for the cases that still run. (Cancelling the others here would race with the pool.)
                for process in multiprocessing.active_children():
                    process.terminate()
            self._pool.shutdown()
        for bench in self._here.values():
            bench.close()

    def run(self, settings: Settings, jobs: Sequence[Job], worth: int) -> Iterator[CaseResult]:
        """The result of each job. Starting a process pays from `worth` jobs on; fewer are run here.

        Raises WorkerDied when a process was killed or crashed.
        """
        if self._count <= 1 or len(jobs) < worth:
            yield from (_run_case(job, _bench(self._here, settings)) for job in jobs)
            return
        try:
            with _no_interrupts():
                results = self._started().map(_work, [settings] * len(jobs), jobs)
            yield from results
        except BrokenProcessPool:
            raise WorkerDied(
                "a worker process was killed or crashed; free some memory, or find the case with --workers 1"
            ) from None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fork would copy half of the threads that other libraries have started.
            fresh = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, mp_context=fresh)
        return self._pool


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C: it is the parent's to handle, they would only print tracebacks."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _work(settings: Settings, job: Job) -> CaseResult:
    return _run_case(job, _bench(_benches, settings))


def _bench(opened: dict[Settings, Bench], settings: Settings) -> Bench:
    if settings not in opened:
        opened[settings] = Bench(settings)
    return opened[settings]


def _run_case(job: Job, bench: Bench) -> CaseResult:
    started = perf_counter()
    try:
        scored = job.run(bench)
    except PlumblineError as error:
        return _failed(job, str(error), perf_counter() - started)
    except Exception as error:  # noqa: BLE001  # a case that raises anything is that case's error, listed; exit code 2
        return _failed(job, f"{type(error).__name__}: {error} (in {_place(error)})", perf_counter() - started)
    seconds = perf_counter() - started
    return CaseResult(job.case_id, job.cluster, job.group, scored.observations, scored.view, None, seconds)


def _failed(job: Job, reason: str, seconds: float) -> CaseResult:
    line = " ".join(reason.split())
    return CaseResult(job.case_id, job.cluster, job.group, {}, CaseView(job.title), line, seconds)


def _place(error: Exception) -> str:
    """The module and line that raised: enough to report a fault of ours."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_globals.get('__name__')}, line {frame.tb_lineno}" if frame else "nowhere"
