"""Ask suites: a question, the papers and facts of a good answer, or none where abstaining is right."""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import Answer, Citation
from evals.bench import Bench
from evals.cases import AskCase, Located, read_cases
from evals.errors import SuiteInvalid
from evals.kinds.protocol import Job, Jobs
from evals.metrics import answers
from evals.metrics.citations import citation_counts, entails_with
from evals.metrics.metric import Metric, mean, rate
from evals.resolve import Directory
from evals.result import CaseView, Marked, Scored
from evals.statistics import Counts
from evals.suite import Suite
from store.types import Paper, Span

__all__ = ["METRICS", "plan"]

METRICS: tuple[Metric, ...] = (
    mean("paper_recall", "share of a question's gold papers that the answer cites, mean over questions", sliced=True),
    rate("paper_recall_micro", "share of all gold papers that are cited", sliced=True),
    rate("paper_precision", "share of cited papers that are gold or acceptable, answerable questions", sliced=True),
    rate("fact_recall", "share of gold facts wholly inside quotes of the answer's sentences", sliced=True),
    rate("fact_recall_matrix", "the same, quotes of the matrix counted too", sliced=True),
    rate(
        "fact_recall_text", "share of gold facts whose words the prose itself says (four fifths of them)", sliced=True
    ),
    rate("abstention_recall", "share of unanswerable questions that were abstained from"),
    rate("abstention_precision", "share of abstentions that were right"),
    rate("wrongly_abstained", "share of answerable questions that were abstained from", higher=False, sliced=True),
    mean("words", "words of prose in an answer, abstentions left out", higher=False, sliced=True),
    rate("quotes_exact", "share of citations whose quote equals the stored text at its span"),
    rate("uncited_sentences", "share of sentences without a citation", higher=False),
    rate("supported_sentences", "share of sentences whose verdict is SUPPORTED"),
    rate("citation_recall", "ALCE: share of sentences that the cited quotes together entail, by our checker"),
    rate("citation_precision", "ALCE: share of citations that their sentence needs or that carry it alone"),
)


@dataclass(frozen=True, slots=True)
class _Gold:
    """A case with its papers found in the library and its facts in their abstracts."""

    case: AskCase
    papers: tuple[str, ...]
    acceptable: tuple[str, ...]
    facts: tuple[tuple[Paper, Span], ...]


def plan(suite: Suite, directory: Directory, bench: Bench) -> Jobs:
    """The jobs of an ask suite."""
    golds = [_gold(case, place, directory) for place, case in read_cases(suite.cases_path, AskCase)]
    return Jobs(METRICS, [Job(g.case.id, g.case.id, g.case.type, g.case.question, _Run(g)) for g in golds], worth=8)


def _gold(case: AskCase, place: Located, directory: Directory) -> _Gold:
    papers = [directory.paper(name, place, f"gold_papers.{i}") for i, name in enumerate(case.gold_papers)]
    acceptable = [
        directory.paper(name, place, f"acceptable_papers.{i}") for i, name in enumerate(case.acceptable_papers)
    ]
    if case.answerable is False and papers:
        raise SuiteInvalid(f"{place}, field answerable: false, yet gold_papers are named")
    facts = []
    for index, fact in enumerate(case.gold_facts):
        paper = directory.papers[directory.paper(fact.paper, place, f"gold_facts.{index}.paper")]
        span = answers.locate(paper, fact.span)
        if span is None:
            raise SuiteInvalid(f"{place}, field gold_facts.{index}.span: not in the abstract of {paper.title!r}")
        facts.append((paper, span))
    return _Gold(case, tuple(sorted(set(papers))), tuple(sorted(set(acceptable))), tuple(facts))


@dataclass(frozen=True, slots=True)
class _Run:
    """Asks one question."""

    gold: _Gold

    def __call__(self, bench: Bench) -> Scored:
        from agent.answer import answer

        given = answer(self.gold.case.question, bench.library, bench.engine, bench.grounder)
        prose = [c for s in given.sentences for c in s.citations]
        cells = [c for cell in given.matrix.cells for c in cell.citations] if given.matrix else []
        papers = {c.paper_id: bench.library.paper(c.paper_id) for c in [*prose, *cells]}
        observations = _abstention(self.gold.case.has_answer, given.abstained)
        if self.gold.case.has_answer:
            observations |= self._content(given, prose, cells)
        if not given.abstained:
            observations |= _form(given, prose, cells, papers, bench)
        return Scored(observations, self._view(given, prose, papers, bench))

    def _content(self, given: Answer, prose: list[Citation], cells: list[Citation]) -> dict[str, Counts]:
        gold, cited = self.gold, {c.paper_id for c in prose}
        found, wanted = answers.paper_recall(cited, gold.papers)
        fact_count = float(len(gold.facts))
        observations: dict[str, Counts] = {
            "paper_precision": answers.paper_precision(cited, {*gold.papers, *gold.acceptable}),
            "fact_recall": (float(sum(answers.covered(p, s, prose) for p, s in gold.facts)), fact_count),
            "fact_recall_matrix": (
                float(sum(answers.covered(p, s, [*prose, *cells]) for p, s in gold.facts)),
                fact_count,
            ),
            "fact_recall_text": (float(sum(answers.said(p, s, given.sentences) for p, s in gold.facts)), fact_count),
        }
        if wanted:
            observations |= {"paper_recall": (found / wanted, 1.0), "paper_recall_micro": (found, wanted)}
        return observations

    def _view(self, given: Answer, prose: list[Citation], papers: dict[str, Paper], bench: Bench) -> CaseView:
        gold = self.gold
        cited = dict.fromkeys(c.paper_id for c in prose)
        marked = [
            Marked(papers[p], tuple(Span(c.start, c.end) for c in prose if c.paper_id == p), self._role(p))
            for p in cited
        ]
        for paper_id in gold.papers:
            if paper_id not in cited:
                spans = tuple(span for paper, span in gold.facts if paper.paper_id == paper_id)
                marked.append(Marked(bench.library.paper(paper_id), spans, "gold, not cited; its facts marked"))
        abstention = given.abstention
        lines = (
            (f"Abstained: {abstention.reason}", *(f"Missing: {m}" for m in abstention.missing)) if abstention else ()
        )
        return CaseView(gold.case.question, given.sentences, lines, tuple(marked), self._failures(given, prose, bench))

    def _role(self, paper_id: str) -> str:
        if paper_id in self.gold.papers:
            return "cited, gold"
        return "cited, acceptable" if paper_id in self.gold.acceptable else "cited, not expected"

    def _failures(self, given: Answer, prose: list[Citation], bench: Bench) -> tuple[str, ...]:
        gold, cited = self.gold, {c.paper_id for c in prose}
        if not gold.case.has_answer:
            return () if given.abstained else ("answered, though the library does not hold the answer",)
        if given.abstained:
            return ("abstained, though the library holds the answer",)
        failures = [f"not cited: {bench.library.paper(p).title}" for p in gold.papers if p not in cited]
        stray = sorted(cited - {*gold.papers, *gold.acceptable})
        failures += [f"cited, not expected: {bench.library.paper(p).title}" for p in stray]
        failures += [
            f"fact not quoted: {paper.abstract[span.start : span.end]}"
            for paper, span in gold.facts
            if not answers.covered(paper, span, prose)
        ]
        failures += [f"{s.verdict.label.value}: {s.text}" for s in given.sentences if s.verdict.label != "SUPPORTED"]
        return tuple(failures)


def _abstention(answerable: bool, abstained: bool) -> dict[str, Counts]:
    observations: dict[str, Counts] = {
        "abstention_precision": (float(abstained and not answerable), float(abstained)),
    }
    observations["wrongly_abstained" if answerable else "abstention_recall"] = (float(abstained), 1.0)
    return observations


def _form(
    given: Answer, prose: list[Citation], cells: list[Citation], papers: dict[str, Paper], bench: Bench
) -> dict[str, Counts]:
    recalled, precise = citation_counts(given.sentences, entails_with(bench.grounder, papers))
    return {
        "words": (float(answers.words(given.sentences)), 1.0),
        "quotes_exact": answers.quotes_exact([*prose, *cells], papers),
        "uncited_sentences": answers.uncited(given.sentences),
        "supported_sentences": answers.supported(given.sentences),
        "citation_recall": recalled,
        "citation_precision": precise,
    }
