"""The table of layers: what it reads, how thresholds are fitted, what the tables say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.ground.entail import Pair, Scores
from agent.types import Label, Verdict
from evals.errors import SuiteInvalid
from evals.layers.__main__ import main, measure
from evals.layers.observed import Observed
from evals.layers.sets import ClaimSet, Labelled, corpus_set, public_sets, sample
from evals.layers.systems import TOGETHER, fit_threshold, labels_by_system
from evals.layers.table import Measured, tables
from store.library import Library
from store.types import Paper

S, C, N = Label.SUPPORTED, Label.CONTRADICTED, Label.NOT_ENOUGH_INFO
PAPER = Paper("p1", "FooNet", "FooNet is up to 6.7 times faster than BarNet on small images. It never needs labels.")


class Agreeable:
    """An entailment model that takes everything as entailed."""

    name = "agreeable"

    def score(self, pairs: Sequence[Pair]) -> Sequence[Scores]:
        return [Scores(0.8, 0.1, 0.1) for _ in pairs]


def _claims(*claims: tuple[str, Label, str]) -> tuple[Labelled, ...]:
    return tuple(Labelled(text, PAPER, gold, PAPER.paper_id, kind) for text, gold, kind in claims)


CLAIMS = _claims(
    ("FooNet is up to 6.7 times faster than BarNet on small images.", S, "verbatim"),
    ("FooNet is up to 9.1 times faster than BarNet on small images.", C, "number"),
    ("BarNet is up to 6.7 times faster than FooNet on small images.", C, "turned"),
    ("FooNet always needs labels.", C, "negation"),
    ("ZorNet is up to 6.7 times faster than BarNet on small images.", N, "name"),
)


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure([ClaimSet("claims", CLAIMS)], Agreeable())[0]


@pytest.mark.parametrize(
    ("system", "caught"),
    [("numbers", [1]), ("names", [4]), ("entailment", []), (TOGETHER, [1, 2, 3, 4])],
)
def test_a_layer_alone_sees_its_own_faults_only(measured: Measured, system: str, caught: list[int]) -> None:
    assert [i for i, label in enumerate(measured.said[system]) if label is not S] == caught


def test_turned_sides_are_caught_by_a_layer_that_reads_them(measured: Measured) -> None:
    readers = [name for name in ("comparison", "roles", "wording") if measured.said[name][2] is C]
    assert readers
    assert measured.said["numbers"][2] is S


def test_without_a_model_its_row_is_left_out() -> None:
    [without] = measure([ClaimSet("claims", CLAIMS[:2])], None)
    assert "entailment" not in without.said
    assert TOGETHER in without.said


@pytest.mark.parametrize(
    ("scores", "gold", "cut"),
    [
        ([0.1, 0.2, 0.8, 0.9], [False, False, True, True], 0.8),
        ([0.1, 0.5, 0.6, 0.9], [False, True, False, True], 0.5),
        ([0.3, 0.3], [True, False], 0.3),
    ],
)
def test_a_threshold_is_the_lowest_of_the_best(scores: list[float], gold: list[bool], cut: float) -> None:
    assert fit_threshold(scores, gold) == cut


def _seen(score: float, gold: Label, cluster: str) -> Observed:
    row = Labelled("claim", PAPER, gold, cluster)
    return Observed(row, score, score, None, None, Verdict(S, 0.9, (), ()))


def test_thresholds_come_from_the_train_part() -> None:
    train = [_seen(0.7, S, "a"), _seen(0.6, N, "b")]
    seen = [_seen(0.65, S, "c"), _seen(0.75, N, "d")]
    assert labels_by_system(seen, train, ())["baseline: embedding"] == [N, S]


def test_without_a_train_part_a_paper_is_never_judged_by_a_threshold_of_its_own() -> None:
    # Clusters 0 to 9 fall into five folds. Fold 0 (clusters 0 and 5) scores high throughout: its own claims would put
    # the cut above 0.8, the others put it at 0.3.
    rest = [_seen(0.3 if n % 2 else 0.2, S if n % 2 else N, str(n)) for n in range(10) if n not in (0, 5)]
    seen = [_seen(0.9, S, "0"), _seen(0.8, N, "5"), *rest]
    assert labels_by_system(seen, (), ())["baseline: word overlap"][:2] == [S, S]


def test_where_all_is_true_the_other_sets_fit_the_threshold() -> None:
    seen = [_seen(0.9, S, "a"), _seen(0.2, S, "b")]
    elsewhere = [_seen(0.5, S, "c"), _seen(0.4, N, "d")]
    assert labels_by_system(seen, (), elsewhere)["baseline: word overlap"] == [S, N]
    assert "baseline: word overlap" not in labels_by_system(seen, (), ())


def test_the_tables_say_all_of_it() -> None:
    said = {"baseline: word overlap": [S, S, N], TOGETHER: [S, C, N]}
    rows = tuple(Labelled("c", PAPER, gold, f"p{i}", f"kind{i}") for i, gold in enumerate((S, C, N)))
    text = tables([Measured("three", rows, said), Measured("true", (rows[0],) * 2, {TOGETHER: [S, N]})])
    assert "| all together | 1.000 [1.00, 1.00] |" in text
    assert "| baseline: word overlap | 0.750 [" in text
    assert "| all together minus word overlap | +0.250 [+0.00, +0.50] |" in text
    assert "| all together minus embedding | – |" in text
    assert "### False alarms, where every claim is true (lower is better)" in text
    assert "| all together | 0.500 [" in text
    assert "kind0 (accepted) | kind1 (caught) | kind2 (caught)" in text


def _public(folder: Path, name: str, rows: Sequence[dict[str, object]]) -> None:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / name).write_text(lines, encoding="utf-8")


ROW: dict[str, object] = {"id": "1", "claim": "It  is so.", "title": None, "evidence": ["It is\nso.", "It is."]}


def test_public_sets_are_read_and_sampled(tmp_path: Path) -> None:
    _public(tmp_path, "wice.dev.jsonl", [ROW | {"label": label} for label in ("SUPPORT", "PARTIAL", "NEI")])
    [found] = public_sets(tmp_path, ["wice"], 0, 0, 1)
    assert (found.name, [row.gold for row in found.rows], found.train) == ("wice.dev", [S, N, N], ())
    assert (found.rows[0].claim, found.rows[0].paper.abstract) == ("It is so.", "It is so. It is.")
    assert len({row.cluster for row in found.rows}) == 1
    assert sample(found.rows, 2, 7) == sample(found.rows, 2, 7)
    assert len(sample(found.rows, 2, 7)) == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [({"label": "TRUE"}, "wice.dev.jsonl, line 1, field label"), ({"label": "NEI", "evidence": "x"}, "field evidence")],
)
def test_a_malformed_row_is_named(tmp_path: Path, row: dict[str, object], message: str) -> None:
    _public(tmp_path, "wice.dev.jsonl", [ROW | row])
    with pytest.raises(SuiteInvalid, match=message):
        public_sets(tmp_path, ["wice"], 0, 0, 1)


def test_claims_over_a_library_are_clustered_by_paper(tmp_path: Path, demo_library: Library) -> None:
    paper = demo_library.papers()[0]
    case = {"id": "a", "claim": "It is so.", "paper": paper.title, "label": "supported", "kind": "close"}
    _public(tmp_path, "mine.jsonl", [case])
    found = corpus_set(tmp_path / "mine.jsonl", demo_library, 0, 1)
    assert (found.name, found.rows) == ("mine", (Labelled("It is so.", paper, S, paper.paper_id, "close"),))


def test_the_command_writes_the_same_bytes_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [ROW | {"label": "SUPPORT"}, ROW | {"claim": "Puffins nest on cliffs.", "label": "NEI"}]
    _public(tmp_path, "wice.dev.jsonl", rows)
    options = ["--grounding", str(tmp_path), "--sets", "wice"]
    main([*options, "--out", str(tmp_path / "table.md")])
    assert (tmp_path / "table.md").read_text(encoding="utf-8").startswith("# Every layer alone, and all together")
    capsys.readouterr()
    main(options)
    assert capsys.readouterr().out == (tmp_path / "table.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit, match=r"error: .*scifact.dev.jsonl: no such cases file"):
        main(["--grounding", str(tmp_path), "--sets", "scifact"])
    with pytest.raises(SystemExit, match="error: no checker is called 'oracle'"):
        main([*options, "--checker", "oracle"])
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
