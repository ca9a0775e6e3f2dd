"""Suites and cases: what is read, and the one-line error, with file, line and field, for what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.cases import AskCase, DraftCase, GoldFact, SearchCase, VerifyCase, read_cases
from evals.errors import SuiteInvalid
from evals.gates import parse_bound
from evals.resolve import Directory
from evals.suite import Gate, load_suite
from store.types import Paper

GOOD = """\
name: mine
kind: search
cases: c.jsonl
k: [10, 5, 10]
gates:
  - metric: nDCG@10
    min: 0.8
    reason: measured 0.84
  - metric: recall@5
    max: 1
    reason: cannot be more
"""


def _write(folder: Path, text: str, name: str = "s.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_suite(tmp_path: Path) -> None:
    suite = load_suite(_write(tmp_path, GOOD))
    assert (suite.name, suite.kind, suite.cutoffs) == ("mine", "search", (5, 10))
    assert suite.gates == [
        Gate("nDCG@10", "measured 0.84", min=0.8),
        Gate("recall@5", "cannot be more", max=1.0),
    ]
    assert suite.cases_path == tmp_path / "c.jsonl"
    assert suite.library_path is None


def test_names_of_kinds_in_the_plural_and_grounding(tmp_path: Path) -> None:
    assert load_suite(_write(tmp_path, "name: a\nkind: grounding\ncases: c\n")).kind == "verify"
    assert load_suite(_write(tmp_path, "name: a\nkind: drafts\ncases: c\n")).kind == "draft"


def test_paths_are_relative_to_the_suite(tmp_path: Path) -> None:
    suite = load_suite(_write(tmp_path, "name: a\nkind: ask\ncases: /elsewhere/c.jsonl\nlibrary: lib\n"))
    assert suite.cases_path == Path("/elsewhere/c.jsonl")
    assert suite.library_path == tmp_path / "lib"


BAD_SUITES = [
    ("", None, "empty suite"),
    ("- a\n- b\n", None, "empty suite"),
    ("name: a\nkind: [\n", 3, "not YAML"),
    ("name: a\nkind: search\n", 1, "field cases: missing"),
    ("kind: search\ncases: c\n", 1, "field name"),
    ("name: a\nkind: serach\ncases: c\n", 2, "field kind"),
    ("name: a\nkind: search\ncases: c\nk: 0\n", 4, "field k"),
    ("name: a\nkind: search\ncases: c\nk: ten\n", 4, "field k"),
    ("name: a\nkind: search\ncases: c\nk: []\n", 4, "field k"),
    ("name: a\nkind: search\ncase: c\n", 3, "did you mean 'cases'"),
    ("name: a\nname: b\nkind: search\ncases: c\n", 2, "given twice"),
    ("name: a\nkind: search\ncases: c\ngates:\n  - metric: x\n    reason: y\n", 5, "either min or max"),
    ("name: a\nkind: search\ncases: c\ngates:\n  - metric: x\n    min: 1\n", 5, "field gates.0.reason"),
    ("name: a\nkind: search\ncases: c\ngates:\n  - {metric: x, min: 1, reason: ''}\n", 5, "say why"),
    ("name: a\nkind: search\ncases: c\ngates:\n  - metric: x\n    mim: 1\n    reason: y\n", 6, "field gates.0.mim"),
    ("name: a\nkind: search\ncases: c\ngates:\n  - metric: x\n    min: high\n    reason: y\n", 6, "gates.0.min"),
    ("name: 2020-01-01\nkind: search\ncases: c\n", None, "values are text"),
    ("name: a\nkind: mutation\nper_class: 0\n", 3, "field per_class"),
    ("name: a\nkind: mutation\nseed: -1\n", 3, "field seed"),
    ("name: a\nkind: speed\nper_class: 0\n", 3, "field per_class"),
    ("name: ' '\nkind: mutation\n", 1, "field name: empty"),
]


@pytest.mark.parametrize(("text", "line", "message"), BAD_SUITES)
def test_a_bad_suite_is_one_line_with_its_place(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(SuiteInvalid) as caught:
        load_suite(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert message in said
    assert "\n" not in said
    if line is not None:
        assert f"line {line}" in said


def test_a_missing_or_binary_suite(tmp_path: Path) -> None:
    with pytest.raises(SuiteInvalid, match="no such suite"):
        load_suite(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SuiteInvalid, match="not UTF-8"):
        load_suite(tmp_path / "b.yaml")
    with pytest.raises(SuiteInvalid, match="directory"):
        load_suite(tmp_path)


@given(st.text(max_size=200))
def test_any_text_is_a_suite_or_a_suite_error(text: str) -> None:
    said = ""
    try:
        load_suite(_Held(text))  # type: ignore[arg-type]
    except SuiteInvalid as error:
        said = str(error)
    assert "\n" not in said


class _Held:
    """A path whose file is held in memory."""

    def __init__(self, text: str) -> None:
        self._bytes = text.encode("utf-8", "surrogatepass")

    def read_bytes(self) -> bytes:
        return self._bytes

    def __str__(self) -> str:
        return "held.yaml"


def test_cases_of_every_kind(tmp_path: Path) -> None:
    cases = {
        SearchCase: {"id": "s", "query": "q", "relevant": {"P": 2}, "narrative": "n"},
        AskCase: {"id": "a", "question": "q", "gold_papers": ["P"], "gold_facts": [{"paper": "P", "span": "x"}]},
        VerifyCase: {"id": "v", "claim": "c", "paper": "P", "label": "supported", "near": {"paper": "P"}},
    }
    for shape, case in cases.items():
        path = _write(tmp_path, json.dumps(case) + "\n\n", "c.jsonl")
        [(place, read)] = read_cases(path, shape)
        assert read.id == case["id"]  # type: ignore[attr-defined]
        assert str(place) == f"{path}, line 1"


def test_defaults_of_an_ask_case(tmp_path: Path) -> None:
    path = _write(tmp_path, '{"id":"a","question":"q","gold_facts":[{"paper":"P","span":"x"}]}', "c.jsonl")
    [(_, case)] = read_cases(path, AskCase)
    assert case.gold_facts == [GoldFact("P", "x")]
    assert not case.has_answer


def test_relevant_as_a_plain_list(tmp_path: Path) -> None:
    path = _write(tmp_path, '{"id":"s","query":"q","relevant":["P","Q"]}', "c.jsonl")
    [(_, case)] = read_cases(path, SearchCase)
    assert case.grades == {"P": 1, "Q": 1}


def test_a_draft_case_is_known_by_topic_id(tmp_path: Path) -> None:
    path = _write(tmp_path, '{"topic_id":"T1","sections":[{"heading":"h","papers":["P"]}]}', "c.jsonl")
    [(_, case)] = read_cases(path, DraftCase, key="case_id")
    assert case.case_id == "T1"


LINE = '{"id":"s","query":"q","relevant":{"P":2}}'
BAD_CASES = [
    ("", "no case in the file"),
    ("\n\n", "no case in the file"),
    (f"{LINE}\nnot json", "line 2: not JSON"),
    (f"{LINE}\n[1]", "line 2: a case is a JSON object"),
    (f"{LINE}\n{LINE}", "line 2, field id: 's' is used on line 1"),
    ('{"id":"s","relevant":{"P":2}}', "line 1, field query: Field required"),
    ('{"id":7,"query":"q","relevant":{"P":2}}', "line 1, field id"),
    ('{"id":"s","query":"q","relevant":{"P":"two"}}', "line 1, field relevant"),
    ('{"id":"s","query":"q","relevent":{"P":2}}', "line 1, field relevent: unknown; did you mean 'relevant'"),
]


@pytest.mark.parametrize(("text", "message"), BAD_CASES)
def test_bad_cases_are_one_line_with_their_place(tmp_path: Path, text: str, message: str) -> None:
    path = _write(tmp_path, text, "c.jsonl")
    with pytest.raises(SuiteInvalid) as caught:
        read_cases(path, SearchCase)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_missing_and_binary_cases(tmp_path: Path) -> None:
    with pytest.raises(SuiteInvalid, match="no such cases file"):
        read_cases(tmp_path / "none.jsonl", SearchCase)
    (tmp_path / "b.jsonl").write_bytes(b"\xff")
    with pytest.raises(SuiteInvalid, match="not UTF-8"):
        read_cases(tmp_path / "b.jsonl", SearchCase)


def test_papers_are_found_by_id_and_by_folded_title(tmp_path: Path) -> None:
    path = _write(tmp_path, LINE, "c.jsonl")
    [(place, _)] = read_cases(path, SearchCase)
    twin = [Paper("p3", "Twin", ""), Paper("p4", "twin.", "")]
    directory = Directory.of([Paper("p1", "A Study: of Things", ""), *twin])
    assert directory.paper("p1", place, "relevant") == "p1"
    assert directory.paper("a study of things", place, "relevant") == "p1"
    with pytest.raises(SuiteInvalid, match="2 papers have the title"):
        directory.paper("Twin", place, "relevant")
    with pytest.raises(SuiteInvalid, match=r"line 1, field relevant: no paper 'A Study of Thongs'.*closest title"):
        directory.paper("A Study of Thongs", place, "relevant")
    with pytest.raises(SuiteInvalid, match=r"no paper 'zzz' in the library$"):
        directory.paper("zzz", place, "relevant")


@pytest.mark.parametrize("text", ["nDCG@10", "=0.5", "nDCG@10=", "nDCG@10=high", "nDCG@10=nan", "a=inf", "a=1e999"])
def test_a_bad_bound(text: str) -> None:
    with pytest.raises(SuiteInvalid, match="metric=number"):
        parse_bound(text, "--fail-under")


def test_a_good_bound() -> None:
    assert parse_bound(" paper_recall/pair=0.95", "--fail-under") == ("paper_recall/pair", 0.95)
