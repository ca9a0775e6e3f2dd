"""The JSON documents of the contract (docs/contracts.md), one function a document.

Each returns a plain JSON object ready for `json.dumps`; offsets are code points in the stored abstract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from agent.types import Answer, Check, CheckedSentence, Citation, Contradiction, LedgerLine, Matrix, Run, Verdict
from store.types import Hit, IngestReport, Paper

__all__ = [
    "Json",
    "JsonObject",
    "add_document",
    "answer_document",
    "ledger_document",
    "paper_document",
    "run_document",
    "search_document",
    "verdict_document",
]

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


def paper_document(paper: Paper, *, with_abstract: bool = True) -> JsonObject:
    """`plumbline.paper/1`; `papers list` leaves the abstract out."""
    document: JsonObject = {"schema": "plumbline.paper/1", "paper_id": paper.paper_id, "title": paper.title}
    if with_abstract:
        document["abstract"] = paper.abstract
    document |= {
        "authors": [author.name for author in paper.authors],
        "year": paper.year,
        "date": paper.date,
        "venue": paper.venue,
        "doi": paper.doi,
        "arxiv_id": paper.arxiv_id,
        "url": paper.url,
        "source": paper.source,
    }
    return document


def add_document(report: IngestReport) -> JsonObject:
    """`plumbline.add/1`."""
    return {
        "schema": "plumbline.add/1",
        "added": report.added,
        "updated": report.updated,
        "duplicates": report.duplicates,
        "failed": [{"path": f.path, "locator": f.locator, "reason": f.reason} for f in report.failed],
        "papers": report.papers,
        "passages": report.passages,
    }


def search_document(query: str, hits: Sequence[Hit]) -> JsonObject:
    """`plumbline.search/1`, one hit a paper."""
    return {
        "schema": "plumbline.search/1",
        "query": query,
        "hits": [
            {
                "rank": hit.rank,
                "paper_id": hit.paper.paper_id,
                "title": hit.paper.title,
                "score": round(hit.score, 6),
                "passage_id": hit.passage.passage_id,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "text": hit.passage.text,
            }
            for hit in hits
        ],
    }


def answer_document(answer: Answer) -> JsonObject:
    """`plumbline.answer/1`. What stands last is there only where there is something to say."""
    abstention: JsonObject | None = None
    if answer.abstention is not None:
        abstention = {"reason": answer.abstention.reason, "missing": list(answer.abstention.missing)}
    return {
        "schema": "plumbline.answer/1",
        "question": answer.question,
        "engine": answer.engine,
        "abstained": answer.abstained,
        "abstention": abstention,
        "sentences": [_sentence(s) for s in answer.sentences],
        "matrix": _matrix(answer.matrix),
        "sources": [
            {
                "key": source.key,
                "paper_id": source.paper.paper_id,
                "title": source.paper.title,
                "authors": [author.name for author in source.paper.authors],
                "year": source.paper.year,
            }
            for source in answer.sources
        ],
        "usage": {
            "model_calls": answer.usage.model_calls,
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": answer.usage.output_tokens,
            "seconds": round(answer.usage.seconds, 3),
        },
        **_beside(answer),
    }


def _beside(answer: Answer) -> JsonObject:
    """The optional fields."""
    document: JsonObject = {}
    if answer.contradictions:
        document["contradictions"] = [_contradiction(pair) for pair in answer.contradictions]
    if answer.partial:
        document["partial"] = True
    if answer.notes:
        document["notes"] = list(answer.notes)
    if answer.run is not None:
        document["run"] = run_document(answer.run)
    return document


def _contradiction(pair: Contradiction) -> JsonObject:
    first, second = _citations([pair.first, pair.second])
    return {"subject": pair.subject, "aspect": pair.aspect, "why": pair.why, "first": first, "second": second}


def run_document(run: Run) -> JsonObject:
    """How a model was used."""
    return {
        "model": run.model,
        "small": run.small,
        "endpoint": run.endpoint,
        "temperature": run.temperature,
        "context_tokens": run.context_tokens,
        "prompts": [{"name": p.name, "version": p.version, "digest": p.digest} for p in run.prompts],
        "calls": run.calls,
        "cached": run.cached,
        "input_tokens": run.input_tokens,
        "output_tokens": run.output_tokens,
        "cost": None if run.cost is None else round(run.cost, 6),
        "written": run.written,
        "refused": run.refused,
        "mended": run.mended,
    }


def verdict_document(claim_id: str, paper_id: str | None, verdict: Verdict) -> JsonObject:
    """`plumbline.verdict/1`."""
    return {
        "schema": "plumbline.verdict/1",
        "id": claim_id,
        "paper_id": paper_id,
        "verdict": verdict.label.value,
        "confidence": round(verdict.confidence, 4),
        "checks": _checks(verdict.checks),
        "evidence": [{"start": q.start, "end": q.end, "quote": q.quote} for q in verdict.evidence],
    }


def ledger_document(line: LedgerLine) -> JsonObject:
    """One line of a draft's `ledger.jsonl`: section, then the sentence as in an answer."""
    return {"section": line.section, **_sentence(line.sentence)}


def _sentence(sentence: CheckedSentence) -> JsonObject:
    return {
        "text": sentence.text,
        "verdict": sentence.verdict.label.value,
        "checks": _checks(sentence.verdict.checks),
        "citations": _citations(sentence.citations),
    }


def _checks(checks: Sequence[Check]) -> list[Json]:
    return [{"name": c.name, "outcome": c.outcome.value, "detail": c.detail} for c in checks]


def _citations(citations: Sequence[Citation]) -> list[Json]:
    return [
        {
            "key": c.key,
            "paper_id": c.paper_id,
            "title": c.title,
            "passage_id": c.passage_id,
            "start": c.start,
            "end": c.end,
            "quote": c.quote,
        }
        for c in citations
    ]


def _matrix(matrix: Matrix | None) -> JsonObject | None:
    if matrix is None:
        return None
    return {
        "rows": list(matrix.rows),
        "columns": list(matrix.columns),
        "cells": [
            {"row": c.row, "column": c.column, "text": c.text, "citations": _citations(c.citations)}
            for c in matrix.cells
        ],
    }
