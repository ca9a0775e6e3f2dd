"""Verify suites: a claim, the paper it cites, the label it deserves."""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import CheckedSentence, Citation, Label, Verdict
from evals.bench import Bench
from evals.cases import Located, VerifyCase, read_cases
from evals.errors import SuiteInvalid
from evals.kinds.protocol import Job, Jobs
from evals.metrics import labels
from evals.metrics.citations import citation_counts, entails_with
from evals.metrics.metric import Metric, rate
from evals.resolve import Directory
from evals.result import CaseView, Marked, Scored
from evals.statistics import Counts
from evals.suite import Suite
from store.types import Paper, Span

__all__ = ["METRICS", "label_of", "plan"]

METRICS: tuple[Metric, ...] = (
    *labels.metrics(),
    rate("accepted", "share of supported claims whose verdict is SUPPORTED", sliced=True),
    rate("caught", "share of other claims whose verdict is CONTRADICTED or NOT_ENOUGH_INFO", sliced=True),
    rate("citation_recall", "ALCE: share of claims called SUPPORTED that the evidence named carries on its own"),
    rate("citation_precision", "ALCE: share of their pieces of evidence that are needed or carry the claim alone"),
    rate("check_failed", "share of claims that could not be checked", higher=False),
)

_NAMES = {
    "supported": Label.SUPPORTED,
    "support": Label.SUPPORTED,
    "contradicted": Label.CONTRADICTED,
    "contradict": Label.CONTRADICTED,
    "refuted": Label.CONTRADICTED,
    "not_enough_info": Label.NOT_ENOUGH_INFO,
    "nei": Label.NOT_ENOUGH_INFO,
}


def plan(suite: Suite, directory: Directory, bench: Bench) -> Jobs:
    """The jobs of a verify suite; claims on one paper are one cluster."""
    jobs = []
    for place, case in read_cases(suite.cases_path, VerifyCase):
        paper_id = directory.paper(case.paper, place, "paper")
        jobs.append(Job(case.id, paper_id, case.kind, case.claim, _Run(case.claim, paper_id, label_of(case, place))))
    return Jobs(METRICS, jobs)


def label_of(case: VerifyCase, place: Located) -> Label:
    """The gold label. Raises SuiteInvalid for a word that is none."""
    label = _NAMES.get(case.label.strip().casefold().replace(" ", "_").replace("-", "_"))
    if label is None:
        raise SuiteInvalid(f"{place}, field label: {case.label!r}; write supported, contradicted or not_enough_info")
    return label


@dataclass(frozen=True, slots=True)
class _Run:
    """Checks one claim."""

    claim: str
    paper_id: str
    gold: Label

    def __call__(self, bench: Bench) -> Scored:
        paper = bench.library.paper(self.paper_id)
        verdict = bench.grounder.check(self.claim, [paper])
        spans = tuple(Span(q.start, q.end) for q in verdict.evidence if q.paper_id == paper.paper_id)
        said = verdict.label.value
        wrong = () if verdict.label is self.gold else (f"{said}, should be {self.gold.value}: {self.claim}",)
        view = CaseView(self.claim, (), (), (Marked(paper, spans, "cited"),), wrong, verdict)
        observations = observations_of(self.gold, verdict.label)
        if verdict.label is Label.SUPPORTED:
            observations |= _evidence_counts(self.claim, verdict, paper, bench)
        return Scored(observations, view)


def observations_of(gold: Label, predicted: Label) -> dict[str, Counts]:
    """What one claim adds to each metric."""
    matrix = labels.confusion(gold, predicted)
    observations: dict[str, Counts] = {metric.name: matrix for metric in labels.metrics()}
    observations["check_failed"] = (float(predicted is Label.CHECK_FAILED), 1.0)
    if gold is Label.SUPPORTED:
        observations["accepted"] = (float(predicted is Label.SUPPORTED), 1.0)
    else:
        refused = predicted in (Label.CONTRADICTED, Label.NOT_ENOUGH_INFO)
        observations["caught"] = (float(refused), 1.0)
    return observations


def _evidence_counts(claim: str, verdict: Verdict, paper: Paper, bench: Bench) -> dict[str, Counts]:
    """Whether the evidence that the check names carries the claim without the rest of the abstract."""
    cited = tuple(Citation("", q.paper_id, paper.title, "", q.start, q.end, q.quote) for q in verdict.evidence)
    sentence = CheckedSentence(claim, verdict, cited)
    recalled, precise = citation_counts([sentence], entails_with(bench.grounder, {paper.paper_id: paper}))
    return {"citation_recall": recalled, "citation_precision": precise}
