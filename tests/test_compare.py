"""The comparison table: rows as asked, every cell a quote or "not reported"."""

from __future__ import annotations

from agent.compare import NOT_REPORTED, compare
from agent.gather import gather
from agent.keys import assign
from agent.plan import make_plan
from agent.types import Matrix
from store.library import Library


def table(question: str, library: Library) -> Matrix | None:
    plan = make_plan(question, library)
    evidence = gather(plan, library)
    return compare(plan, evidence, library, assign(library.paper(e.paper_id) for e in evidence))


def test_rows_columns_and_cells(demo_library: Library) -> None:
    matrix = table("How do ProDiff and CoMoSpeech compare in speed and quality?", demo_library)
    assert matrix is not None
    assert matrix.rows == ("ProDiff", "CoMoSpeech")
    assert "speed" in matrix.columns
    assert [(c.row, c.column) for c in matrix.cells] == [(r, c) for r in matrix.rows for c in matrix.columns]
    assert any(any(char.isdigit() for char in cell.text) for cell in matrix.cells if cell.column == "speed")


def test_every_cell_is_its_span_or_not_reported(demo_library: Library) -> None:
    matrix = table("Which quantization methods save memory, and at what accuracy?", demo_library)
    assert matrix is not None
    for cell in matrix.cells:
        if cell.citations:
            (citation,) = cell.citations
            assert cell.text in citation.quote
            assert demo_library.paper(citation.paper_id).abstract[citation.start : citation.end] == citation.quote
        else:
            assert cell.text == NOT_REPORTED


def test_no_row_and_no_column_is_empty(demo_library: Library) -> None:
    matrix = table("Which methods speed up decoding by speculation, and how much energy is saved?", demo_library)
    assert matrix is not None
    for column in matrix.columns:
        assert any(cell.citations for cell in matrix.cells if cell.column == column)
    for row in matrix.rows:
        assert any(cell.citations for cell in matrix.cells if cell.row == row)


def test_one_paper_needs_no_table(demo_library: Library) -> None:
    assert table("How fast is FuseMax?", demo_library) is None
