"""Speed suites: no cases file; searching, asking and checking over the library, timed on this machine.

The one kind whose report differs from run to run: time is what it measures. Its cases run one after another in one
process, whatever the number of workers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from evals.bench import Bench
from evals.errors import SuiteInvalid
from evals.kinds.protocol import Job, Jobs
from evals.metrics.metric import Metric, mean, ratio
from evals.mutate import Mutant, Text, mutants
from evals.resolve import Directory
from evals.result import CaseView, Scored
from evals.statistics import FloatArray
from evals.suite import Suite

if TYPE_CHECKING:
    from agent.ground import Item

__all__ = ["METRICS", "plan"]

_QUERIES = 50
_QUESTIONS = 8
_BATCH = 32


def _first(sums: FloatArray) -> FloatArray:
    claims: FloatArray = sums[..., 0]
    return claims


def _per_second(name: str, definition: str) -> Metric:
    """A rate: each case adds (things done, seconds)."""
    return Metric(name, definition, ratio, _first)


METRICS: tuple[Metric, ...] = (
    mean("search_ms", "mean milliseconds of a search with a title as the query", higher=False),
    mean("ask_seconds", "mean seconds of an answer to a question about one paper", higher=False),
    _per_second("verify_per_second", "claims checked in a second, one call a claim, their papers read before"),
    _per_second("verify_batch_per_second", f"the same, {_BATCH} claims a call"),
)


def plan(suite: Suite, directory: Directory, bench: Bench) -> Jobs:
    """The jobs of a speed suite: titles searched for and asked about, and batches of mutants."""
    papers = [paper for _, paper in sorted(directory.papers.items()) if paper.abstract]
    made = mutants([Text(p, bench.library.sentences(p.paper_id)) for p in papers], suite.per_class, suite.seed)
    if not made:
        raise SuiteInvalid(f"{suite.path}: the library has no sentence to check; add papers with abstracts first")
    jobs = [Job(f"search-{p.paper_id}", p.paper_id, None, p.title, _Search(p.title)) for p in papers[:_QUERIES]]
    for paper in papers[:_QUESTIONS]:
        question = f"What does {paper.title} report?"
        jobs.append(Job(f"ask-{paper.paper_id}", paper.paper_id, None, question, _Ask(question)))
    for start in range(0, len(made), _BATCH):
        batch = tuple(made[start : start + _BATCH])
        title = f"{len(batch)} mutants from number {start + 1}"
        jobs.append(Job(f"verify-{start + 1:04}", f"verify-{start + 1:04}", None, title, _Verify(batch, title)))
    return Jobs(METRICS, jobs, worth=sys.maxsize)


@dataclass(frozen=True, slots=True)
class _Search:
    """Searches once."""

    query: str

    def __call__(self, bench: Bench) -> Scored:
        _warm(bench)
        seconds = _timed(lambda: bench.library.search(self.query))
        return Scored({"search_ms": (1000 * seconds, 1.0)}, CaseView(self.query, lines=(f"{1000 * seconds:.1f} ms",)))


@dataclass(frozen=True, slots=True)
class _Ask:
    """Asks once."""

    question: str

    def __call__(self, bench: Bench) -> Scored:
        from agent.answer import answer

        _warm(bench)
        seconds = _timed(lambda: answer(self.question, bench.library, bench.engine, bench.grounder))
        return Scored({"ask_seconds": (seconds, 1.0)}, CaseView(self.question, lines=(f"{seconds:.3f} s",)))


@dataclass(frozen=True, slots=True)
class _Verify:
    """Checks a batch claim by claim and at once, after once untimed."""

    batch: tuple[Mutant, ...]
    title: str

    def __call__(self, bench: Bench) -> Scored:
        items = self._items(bench)
        bench.grounder.check_many(items)
        alone = _timed(lambda: [bench.grounder.check(item.claim, item.papers) for item in items])
        together = _timed(lambda: bench.grounder.check_many(items))
        claims = float(len(items))
        lines = (f"one by one: {claims / alone:.0f} claims/s", f"in one batch: {claims / together:.0f} claims/s")
        observed = {"verify_per_second": (claims, alone), "verify_batch_per_second": (claims, together)}
        return Scored(observed, CaseView(self.title, lines=lines))

    def _items(self, bench: Bench) -> Sequence[Item]:
        from agent.ground import Item

        return [Item(m.claim, tuple(bench.library.paper(p) for p in m.paper_ids)) for m in self.batch]


def _warm(bench: Bench) -> None:
    """Loads the embedder, so that no case pays for it."""
    bench.library.embed(["one short text"])


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return max(perf_counter() - started, 1e-9)
