"""Mutation suites: no cases file; each mutant of a library's own sentence must be caught, each original accepted."""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import Label
from evals.bench import Bench
from evals.errors import SuiteInvalid
from evals.kinds.protocol import Job, Jobs
from evals.metrics.metric import Metric, rate
from evals.mutate import Mutant, Text, mutants
from evals.resolve import Directory
from evals.result import CaseView, Marked, Scored
from evals.statistics import Counts
from evals.suite import Suite
from store.types import Span

__all__ = ["METRICS", "plan"]

METRICS: tuple[Metric, ...] = (
    rate("caught", "share of mutants whose verdict is CONTRADICTED or NOT_ENOUGH_INFO", sliced=True),
    rate(
        "false_alarm", "share of untouched or harmlessly rewritten sentences not SUPPORTED", higher=False, sliced=True
    ),
    rate("check_failed", "share of claims that could not be checked", higher=False),
)


def plan(suite: Suite, directory: Directory, bench: Bench) -> Jobs:
    """The jobs of a mutation suite: every mutant of one paper is in one cluster."""
    texts = [Text(paper, bench.library.sentences(paper_id)) for paper_id, paper in sorted(directory.papers.items())]
    made = mutants(texts, suite.per_class, suite.seed)
    if not made:
        raise SuiteInvalid(f"{suite.path}: the library has no sentence to mutate; add papers with abstracts first")
    return Jobs(METRICS, [Job(m.mutant_id, m.paper_ids[0], m.kind, m.claim, _Run(m)) for m in made])


@dataclass(frozen=True, slots=True)
class _Run:
    """Checks one mutant."""

    mutant: Mutant

    def __call__(self, bench: Bench) -> Scored:
        mutant = self.mutant
        papers = [bench.library.paper(paper_id) for paper_id in mutant.paper_ids]
        verdict = bench.grounder.check(mutant.claim, papers)
        refused = verdict.label in (Label.CONTRADICTED, Label.NOT_ENOUGH_INFO)
        good = verdict.label is Label.SUPPORTED if mutant.true else refused
        observations: dict[str, Counts] = {"check_failed": (float(verdict.label is Label.CHECK_FAILED), 1.0)}
        if mutant.true:
            observations["false_alarm"] = (float(not good), 1.0)
        else:
            observations["caught"] = (float(good), 1.0)
        marked = tuple(
            Marked(p, tuple(Span(q.start, q.end) for q in verdict.evidence if q.paper_id == p.paper_id), "cited")
            for p in papers
        )
        wrong = () if good else (f"{mutant.kind}, {verdict.label.value}: {mutant.claim}",)
        lines = (f"Original: {mutant.original}",)
        return Scored(observations, CaseView(mutant.claim, (), lines, marked, wrong, verdict))
