"""The answer on a terminal and as markdown: layout, numbers, marks, and nothing untrusted raw."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.render.answer import terminal, why
from agent.render.answer_markdown import markdown
from agent.render.numbering import numbered
from agent.render.terminal import Look, columns, grid, stacked, wrap
from agent.types import (
    Abstention,
    Answer,
    Cell,
    Check,
    CheckedSentence,
    Citation,
    Contradiction,
    Label,
    Matrix,
    Outcome,
    Source,
    Verdict,
)
from store.types import Paper

HOSTILE = (
    "Evil \x1b[31mred\x1b[0m \u202etitle\x07 <b>x</b> [a](http://b) | pipe `code` https://evil.example www.evil.example"
)


def citation(key: str = "tile2024", start: int = 0, quote: str = "Tiling makes it 3 times faster.") -> Citation:
    return Citation(key, f"p{key}", f"Paper {key}", f"p{key}:0-200", start, start + len(quote), quote)


def sentence(text: str, *citations: Citation, label: Label = Label.SUPPORTED) -> CheckedSentence:
    checks = (Check("numbers", Outcome.PASS, "3x stands in the quote"), Check("polarity", Outcome.SKIP, ""))
    return CheckedSentence(text, Verdict(label, 0.93, checks, ()), citations)


def answer(*sentences: CheckedSentence, **fields: object) -> Answer:
    papers = {c.paper_id: c for s in sentences for c in s.citations}
    sources = tuple(Source(c.key, Paper(c.paper_id, c.title, "", year=2024)) for c in papers.values())
    whole: dict[str, object] = {"matrix": None, "sources": sources, **fields}
    return Answer("How fast is tiling?", "extractive", sentences, **whole)  # type: ignore[arg-type]


def matrix(text: str = "3 times faster") -> Matrix:
    rows, names = ("Tile", "Fuse"), ("speed", "memory")
    cells = [Cell(row, name, "not reported", ()) for row in rows for name in names]
    cells[0] = Cell("Tile", "speed", text, (citation(),))
    return Matrix(rows, names, tuple(cells))


def test_prose_cites_quotes_by_number_before_the_full_stop() -> None:
    text = terminal(
        answer(sentence("Tiling is fast.", citation()), sentence("So is fusing.", citation("fuse2023"))), Look()
    )
    assert "Tiling is fast [1]. So is fusing [2]." in text
    assert text.index("Paper tile2024 (2024)") < text.index("Paper fuse2023 (2024)")


def test_a_long_answer_over_several_papers_is_one_point_a_paper() -> None:
    one, two = citation(), citation("fuse2023")
    whole = answer(sentence("A.", one), sentence("B.", one), sentence("C.", two), sentence("D.", one))
    assert terminal(whole, Look()).splitlines()[:3] == ["• A [1]. B [1].", "• C [2].", "• D [1]."]
    assert "\n- A [1]. B [1].\n- C [2].\n- D [1].\n" in markdown(whole)


def test_a_label_is_not_repeated_within_a_paper() -> None:
    one, two = citation(), citation("fuse2023")
    texts = [("Tile is fast.", one), ("Tile: It is 3x.", one), ("Fuse: It is 2x.", two), ("Tile: Also: this.", one)]
    whole = answer(*(sentence(text, quote) for text, quote in texts))
    expected = ["Tile is fast [1]. It is 3x [1].", "Fuse: It is 2x [2].", "Tile: Also: this [1]."]
    assert terminal(whole, Look()).splitlines()[:3] == [f"• {line}" for line in expected]


def test_one_quote_has_one_number_wherever_it_is_cited() -> None:
    whole = answer(sentence("A.", citation()), sentence("B.", citation(), citation(start=90)), matrix=matrix())
    assert [quote.number for quote in numbered(whole)] == [1, 2]
    text = terminal(whole, Look())
    assert "A [1]. B [1][2]." in text
    assert "3 times faster [1]" in text


def test_a_quote_inside_another_has_its_number_and_the_table_is_not_repeated() -> None:
    inner = Citation("tile2024", "ptile2024", "Paper tile2024", "ptile2024:0-200", 10, 30, "makes it 3 times fas")
    other = Citation("tile2024", "ptile2024", "Paper tile2024", "ptile2024:0-200", 50, 63, "it needs 4 GB")
    cells = (Cell("Tile", "speed", "3 times", (inner,)), Cell("Tile", "memory", "it needs 4 GB", (other,)))
    text = terminal(answer(sentence("A.", citation()), matrix=Matrix(("Tile",), ("speed", "memory"), cells)), Look())
    assert "3 times [1]  it needs 4 GB [2]" in text
    assert "  [2] word for word in the table" in text.splitlines()


@pytest.mark.parametrize(
    ("label", "words", "mark"),
    [
        (Label.CONTRADICTED, "contradicted by its source", "✗"),
        (Label.NOT_ENOUGH_INFO, "not shown by its source", "~"),
        (Label.CHECK_FAILED, "could not be checked", "!"),
    ],
)
def test_a_sentence_that_did_not_pass_says_so_where_it_is_read(label: Label, words: str, mark: str) -> None:
    text = terminal(answer(sentence("Tiling is slow.", citation(), label=label)), Look())
    assert f"Tiling is slow [1]. ({words})" in text
    assert f"[1] {mark} “" in text
    assert "0 of 1 sentence supported; 1 marked." in text


def test_dropped_sentences_and_missing_parts_are_told() -> None:
    text = terminal(
        answer(sentence("A.", citation()), dropped=2, missing=("energy of Tile",)), Look(), next_steps=["try x"]
    )
    assert "Left out, because the sources did not carry it: 2 sentences." in text
    assert "Not found in this library:\n  - energy of Tile" in text
    assert text.endswith("Next\n  try x")


def test_an_abstention_is_the_first_thing_said() -> None:
    whole = answer(abstention=Abstention("Nothing here speaks of tea.", ("tea", "its price")))
    assert terminal(whole, Look()).splitlines() == [
        "No answer from this library.",
        "  Nothing here speaks of tea.",
        "  missing: tea",
        "  missing: its price",
    ]
    assert "**No answer from this library.** Nothing here speaks of tea." in markdown(whole)


def test_without_unicode_no_mark_is_a_question_mark() -> None:
    text = terminal(answer(sentence("A.", citation()), matrix=matrix()), Look(unicode=False))
    assert text.isascii()
    assert '[1] ok "Tiling' in text


def test_colour_only_where_asked() -> None:
    whole = answer(sentence("A.", citation()), matrix=matrix())
    assert "\x1b" not in terminal(whole, Look())
    coloured = terminal(whole, Look(colour=True))
    assert re.sub(r"\x1b\[\d+m", "", coloured) == terminal(whole, Look())


def test_nothing_hostile_reaches_the_terminal_or_the_markdown() -> None:
    bad = Citation(HOSTILE, "p1", HOSTILE, "p1:0-9", 0, 9, HOSTILE)
    pair = Contradiction(HOSTILE, HOSTILE, HOSTILE, bad, bad)
    grid_of_it = Matrix((HOSTILE,), (HOSTILE,), (Cell(HOSTILE, HOSTILE, HOSTILE, (bad,)),))
    whole = answer(
        sentence(HOSTILE, bad),
        matrix=grid_of_it,
        missing=(HOSTILE,),
        abstention=Abstention(HOSTILE, (HOSTILE,)),
        contradictions=(pair,),
        notes=(HOSTILE,),
        partial=True,
    )
    for text in (terminal(whole, Look(), next_steps=[HOSTILE]), why(numbered(whole)[0], Look()), markdown(whole)):
        controls = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")} - {"\n"}
        assert not controls, controls
    assert "<b>" not in markdown(whole)
    assert "[a](" not in markdown(whole)
    assert re.search(r"(?<!\\)://", markdown(whole)) is None
    assert "www.evil" not in markdown(whole)
    assert all(line.count(" | ") == 1 for line in markdown(whole).splitlines() if line.startswith("| "))


def test_markdown_stands_on_its_own() -> None:
    assert markdown(answer(sentence("Tiling is fast.", citation()), matrix=matrix())) == (
        "## How fast is tiling?\n\n"
        "Tiling is fast [1].\n\n"
        "| | speed | memory |\n|---|---|---|\n"
        "| Tile | 3 times faster [1] | not reported |\n| Fuse | not reported | not reported |\n\n"
        "### Quotes\n\n"
        "- [1] “Tiling makes it 3 times faster.” Paper tile2024 (tile2024, ptile2024, characters 0 to 31). "
        "Verdict: supported.\n\n"
        "Checked against the sources: 1 of 1 sentence supported.\n"
        "Written by extractive, without a model.\n"
    )


def test_why_shows_quote_sentence_and_every_check() -> None:
    text = why(numbered(answer(sentence("Tiling is fast.", citation())))[0], Look())
    for part in (
        "ptile2024:0-200, characters 0 to 31",
        "said:   Tiling is fast.",
        "confidence 0.93",
        "numbers pass: 3x",
    ):
        assert part in text
    assert text.endswith("polarity skip")


def test_long_cells_are_stacked_and_short_ones_stand_side_by_side() -> None:
    header, short = ["", "speed", "memory"], [["Tile", "3x", "1 GB"]]
    side_by_side = grid(header, short, Look())
    assert side_by_side is not None
    assert side_by_side[0].split() == ["speed", "memory"]
    long = [["Tile", "word " * 150, "not reported"]]
    assert grid(header, long, Look()) is None
    assert stacked(header, long, Look())[:2] == ["Tile", "  speed   " + ("word " * 14).rstrip()]


@given(st.text(), st.integers(20, 100))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrap(text, width, first="> ", rest="  ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(line[2:] for line in lines).split()) == "".join(text.split())


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cc"])), min_size=3, max_size=3), min_size=1, max_size=4
    )
)
def test_tables_fit_the_width(rows: list[list[str]]) -> None:
    header = ["", "speed", "memory"]
    for lines in (grid(header, rows, Look(60)), stacked(header, rows, Look(60))):
        assert lines is None or all(columns(line) <= 60 for line in lines)
