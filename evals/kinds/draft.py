"""Draft suites: a topic, and the outline a person gives it; what is measured is the review written from scratch."""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import Draft
from evals.bench import Bench
from evals.cases import DraftCase, Located, SearchCase, read_cases
from evals.errors import SuiteInvalid
from evals.kinds.protocol import Job, Jobs
from evals.metrics import answers, drafts
from evals.metrics.citations import citation_counts, entails_with
from evals.metrics.metric import Metric, mean, rate
from evals.resolve import Directory
from evals.result import CaseView, Marked, Scored
from evals.statistics import Counts
from evals.suite import Suite
from store.types import Span

__all__ = ["METRICS", "plan"]

METRICS: tuple[Metric, ...] = (
    mean("coverage", "share of the reference papers that the draft cites, mean over topics"),
    rate("on_topic", "share of cited papers that are in the reference set or judged relevant"),
    mean("section_agreement", "adjusted Rand index of the draft's sections and the reference's, over shared papers"),
    rate("citation_recall", "ALCE: share of sentences that the cited quotes together entail, by our checker"),
    rate("citation_precision", "ALCE: share of citations that their sentence needs or that carry it alone"),
    rate("checked", "share of sentences on which the check ran"),
    rate("supported_sentences", "share of sentences whose verdict is SUPPORTED"),
    rate("quotes_exact", "share of citations whose quote equals the stored text at its span"),
    rate("uncited_sentences", "share of sentences without a citation", higher=False),
    rate("duplicate_sentences", "share of sentences that repeat an earlier one", higher=False),
    rate("uncited_papers", "share of included papers that no sentence cites", higher=False),
)


@dataclass(frozen=True, slots=True)
class _Gold:
    """A topic with its reference papers by section, and further relevant ones."""

    case_id: str
    topic: str
    section_of: dict[str, str]
    relevant: frozenset[str]


def plan(suite: Suite, directory: Directory, bench: Bench) -> Jobs:
    """The jobs of a draft suite."""
    topics = _topics(suite)
    jobs = []
    for place, case in read_cases(suite.cases_path, DraftCase, key="case_id"):
        gold = _gold(case, place, topics, directory)
        jobs.append(Job(gold.case_id, gold.case_id, None, gold.topic, _Run(gold)))
    return Jobs(METRICS, jobs, worth=2)


def _topics(suite: Suite) -> dict[str, tuple[Located, SearchCase]]:
    if suite.topics is None:
        return {}
    return {case.id: (place, case) for place, case in read_cases(suite.beside(suite.topics), SearchCase)}


def _gold(
    case: DraftCase, place: Located, topics: dict[str, tuple[Located, SearchCase]], directory: Directory
) -> _Gold:
    known = topics.get(case.topic_id or "")
    if case.topic is None and known is None:
        raise SuiteInvalid(f"{place}, field topic: missing; give a topic, or a topic_id of the suite's `topics` file")
    section_of: dict[str, str] = {}
    for index, section in enumerate(case.sections):
        for reference in section.papers:
            section_of.setdefault(directory.paper(reference, place, f"sections.{index}.papers"), section.heading)
    if not section_of:
        raise SuiteInvalid(f"{place}, field sections: no paper in any section")
    judged = known[1].grades if known else {}
    relevant = frozenset(directory.paper(r, known[0], "relevant") for r, g in judged.items() if g > 0 and known)
    topic = case.topic or (known[1].query if known else "")
    return _Gold(case.case_id, topic, section_of, relevant)


@dataclass(frozen=True, slots=True)
class _Run:
    """Drafts one review."""

    gold: _Gold

    def __call__(self, bench: Bench) -> Scored:
        from agent.draft import write_draft

        draft = write_draft(self.gold.topic, bench.library, bench.engine, bench.grounder)
        sentences = [s for section in draft.sections for s in section.sentences]
        citations = [c for s in sentences for c in s.citations]
        included = sorted({p for section in draft.sections for p in section.paper_ids})
        cited = {c.paper_id for c in citations}
        papers = {paper_id: bench.library.paper(paper_id) for paper_id in sorted(cited)}
        found, wanted = answers.paper_recall(cited, self.gold.section_of.keys())
        recalled, precise = citation_counts(sentences, entails_with(bench.grounder, papers))
        observations: dict[str, Counts] = {
            "coverage": (found / wanted, 1.0),
            "on_topic": answers.paper_precision(cited, {*self.gold.section_of, *self.gold.relevant}),
            "citation_recall": recalled,
            "citation_precision": precise,
            "checked": drafts.checked(sentences),
            "supported_sentences": answers.supported(sentences),
            "quotes_exact": answers.quotes_exact(citations, papers),
            "uncited_sentences": answers.uncited(sentences),
            "duplicate_sentences": drafts.duplicates(sentences),
            "uncited_papers": drafts.uncited_papers(included, sentences),
        }
        agreement = drafts.adjusted_rand(_sections_of(draft), self.gold.section_of)
        if agreement is not None:
            observations["section_agreement"] = (agreement, 1.0)
        return Scored(observations, self._view(draft, bench))

    def _view(self, draft: Draft, bench: Bench) -> CaseView:
        sentences = tuple(s for section in draft.sections for s in section.sentences)
        spans: dict[str, list[Span]] = {}
        for citation in (c for s in sentences for c in s.citations):
            spans.setdefault(citation.paper_id, []).append(Span(citation.start, citation.end))
        expected = {*self.gold.section_of, *self.gold.relevant}
        missing = [p for p in self.gold.section_of if p not in spans]
        failures = [f"reference paper not cited: {bench.library.paper(p).title}" for p in missing]
        failures += [f"{s.verdict.label.value}: {s.text}" for s in sentences if s.verdict.label != "SUPPORTED"]
        return CaseView(
            question=draft.topic,
            sentences=sentences,
            lines=tuple(f"Section: {s.heading} ({len(s.paper_ids)} papers)" for s in draft.sections),
            papers=tuple(
                Marked(bench.library.paper(p), tuple(found), "cited" if p in expected else "cited, not expected")
                for p, found in sorted(spans.items())
            ),
            failures=tuple(failures),
        )


def _sections_of(draft: Draft) -> dict[str, str]:
    """The first section that takes each paper in."""
    found: dict[str, str] = {}
    for index, section in enumerate(draft.sections):
        for paper_id in section.paper_ids:
            found.setdefault(paper_id, f"{index}")
    return found
