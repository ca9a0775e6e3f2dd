"""Search suites: a query, graded papers, a ranking."""

from __future__ import annotations

from dataclasses import dataclass

from evals.bench import Bench
from evals.cases import Located, SearchCase, read_cases
from evals.errors import SuiteInvalid
from evals.kinds.protocol import Job, Jobs
from evals.metrics import retrieval
from evals.metrics.metric import Metric, mean
from evals.resolve import Directory
from evals.result import CaseView, Marked, Scored
from evals.statistics import Counts
from evals.suite import Suite
from store.types import Hit, Span

__all__ = ["plan"]

_MEASURES = (
    ("nDCG", retrieval.ndcg, "normalised discounted cumulative gain of the first {k}, gain = grade"),
    ("recall", retrieval.recall, "share of the relevant papers among the first {k}"),
    ("MRR", retrieval.reciprocal_rank, "mean of one over the rank of the first relevant paper, 0 beyond {k}"),
    ("success", retrieval.success, "share of queries with a relevant paper among the first {k}"),
)


def plan(suite: Suite, directory: Directory, bench: Bench) -> Jobs:
    """The jobs of a search suite."""
    jobs = [
        _job(case, _grades(case, place, directory), suite) for place, case in read_cases(suite.cases_path, SearchCase)
    ]
    return Jobs(_metrics(suite), jobs)


def _metrics(suite: Suite) -> tuple[Metric, ...]:
    return tuple(
        mean(f"{name}@{k}", definition.format(k=k), sliced=True)
        for k in suite.cutoffs
        for name, _, definition in _MEASURES
    )


def _grades(case: SearchCase, place: Located, directory: Directory) -> dict[str, int]:
    grades: dict[str, int] = {}
    for reference, grade in case.grades.items():
        paper_id = directory.paper(reference, place, "relevant")
        grades[paper_id] = max(grade, grades.get(paper_id, 0))
    if not any(grade > 0 for grade in grades.values()):
        raise SuiteInvalid(f"{place}, field relevant: no relevant paper; a query that nothing answers is an ask case")
    return grades


def _job(case: SearchCase, grades: dict[str, int], suite: Suite) -> Job:
    return Job(case.id, case.id, case.kind, case.query, _Run(case, grades, suite.cutoffs))


@dataclass(frozen=True, slots=True)
class _Run:
    """Runs one query."""

    case: SearchCase
    grades: dict[str, int]
    cutoffs: tuple[int, ...]

    def __call__(self, bench: Bench) -> Scored:
        hits = bench.library.search(self.case.query, k=max(self.cutoffs))
        ranking = [hit.paper.paper_id for hit in hits]
        observations: dict[str, Counts] = {
            f"{name}@{k}": (measure(ranking, self.grades, k), 1.0)
            for k in self.cutoffs
            for name, measure, _ in _MEASURES
        }
        return Scored(observations, self._view(hits, bench))

    def _view(self, hits: tuple[Hit, ...], bench: Bench) -> CaseView:
        first = hits[: min(self.cutoffs)]
        return CaseView(
            question=self.case.query,
            lines=tuple(f"{hit.rank}. [grade {self._grade(hit)}] {hit.paper.title}" for hit in first),
            papers=tuple(
                Marked(
                    hit.paper,
                    (Span(hit.passage.start, hit.passage.end),),
                    f"rank {hit.rank}, grade {self._grade(hit)}",
                )
                for hit in first
            ),
            failures=self._missed(first, bench),
        )

    def _grade(self, hit: Hit) -> int:
        return self.grades.get(hit.paper.paper_id, 0)

    def _missed(self, first: tuple[Hit, ...], bench: Bench) -> tuple[str, ...]:
        """Relevant papers that the first ranks lack; none where more are relevant than there are ranks."""
        relevant = sorted(paper_id for paper_id, grade in self.grades.items() if grade > 0)
        k = min(self.cutoffs)
        if len(relevant) > k:
            return ()
        shown = {hit.paper.paper_id for hit in first}
        return tuple(f"not among the first {k}: {bench.library.paper(p).title}" for p in relevant if p not in shown)
