"""NLI models that a user names: what their labels mean, where they are found, and that each pair is judged alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agent.checkers import hub
from agent.checkers.choice import CheckerChoice, CheckerKind, parse
from agent.checkers.labels import read_labels
from agent.checkers.nli_folder import LONGEST, ModelCard, read_card
from agent.checkers.runner import Runner, load
from agent.checkers.transformers_nli import NliChecker
from agent.errors import BadSettings, CheckUnavailable
from agent.ground.entail import Pair, Scores

THREE = ("entailment", "neutral", "contradiction")
PAIR = Pair("FuseMax is 6.7x faster than FLAT.", "FuseMax outruns FLAT.")


class Sums:
    """A runner whose probabilities follow from the pair alone; keeps what it was asked."""

    def __init__(self, size: int = 3) -> None:
        self.size = size
        self.asked: list[Pair] = []

    def chances(self, pair: Pair) -> Sequence[float]:
        self.asked.append(pair)
        parts = [1 + sum(map(ord, pair.claim)) % (place + 5) for place in range(self.size)]
        return [part / sum(parts) for part in parts]


class Says:
    """A runner that always says the same."""

    def __init__(self, *chances: float) -> None:
        self._chances = chances

    def chances(self, pair: Pair) -> Sequence[float]:
        return self._chances


class Shelf:
    """A hub that has `folder` under every name, fetched already or not."""

    def __init__(self, folder: Path, *, fetched: bool) -> None:
        self.folder, self.fetched = folder, fetched
        self.asked: list[str] = []

    def cached(self, name: str) -> Path | None:
        return self.folder if self.fetched else None

    def fetch(self, name: str) -> Path:
        self.asked.append(name)
        return self.folder


def folder_of(path: Path, labels: Sequence[str] = THREE, weights: bytes | None = b"weights", **config: object) -> Path:
    path.mkdir()
    named = {"id2label": dict(enumerate(labels)), "architectures": ["BertForSequenceClassification"], **config}
    (path / "config.json").write_text(json.dumps(named), encoding="utf-8")
    if weights is not None:
        (path / "model.safetensors").write_bytes(weights)
    return path


def checker(folder: Path, runner: Runner) -> NliChecker:
    return NliChecker(str(folder), find=Path, load=lambda folder, card: runner)


@pytest.mark.parametrize(
    ("text", "kind", "model"),
    [
        ("bundled", CheckerKind.BUNDLED, ""),
        (" Judge ", CheckerKind.JUDGE, ""),
        ("nli:org/model-v1.0", CheckerKind.NLI, "org/model-v1.0"),
        ("NLI: C:\\models\\nli", CheckerKind.NLI, "C:\\models\\nli"),
    ],
)
def test_a_checker_is_named(text: str, kind: CheckerKind, model: str) -> None:
    assert parse(text) == CheckerChoice(kind, model)


@pytest.mark.parametrize("text", ["", "nli", "nli:", "nli: ", "judge:x", "bundled:", "minicheck", "nli:a\nb", "none"])
def test_what_names_no_checker_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(BadSettings, match="--checker takes bundled, nli:NAME_OR_FOLDER, or judge"):
        parse(text)


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        (("entailment", "neutral", "contradiction"), Scores(0.5, 0.2, 0.3)),
        (("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), Scores(0.2, 0.5, 0.3)),
        (("Contradict", "Entail", "Neutral"), Scores(0.3, 0.5, 0.2)),
        (("SUPPORTS", "REFUTES", "NOT ENOUGH INFO"), Scores(0.5, 0.3, 0.2)),
        (("Supported", "unsupported", "refuted"), Scores(0.5, 0.2, 0.3)),
        (("e", "n", "c"), Scores(0.5, 0.2, 0.3)),
    ],
)
def test_three_labels_in_any_order_and_spelling(labels: tuple[str, ...], scores: Scores) -> None:
    meaning = read_labels(labels, "m")
    assert meaning.scores([0.5, 0.3, 0.2]) == scores
    assert meaning.note == ""


@pytest.mark.parametrize(
    ("labels", "scores", "note"),
    [
        (("entailment", "not_entailment"), Scores(0.7, 0.0, 0.3), "not_entailment counts as not enough information"),
        (("Unsupported", "Supported"), Scores(0.3, 0.0, 0.7), "Unsupported counts as not enough information"),
        (("hallucinated", "consistent"), Scores(0.3, 0.0, 0.7), "hallucinated counts as not enough information"),
        (("entailment", "neutral"), Scores(0.7, 0.0, 0.3), "neutral counts as not enough information"),
        (("supports", "refutes"), Scores(0.7, 0.3, 0.0), "every claim not entailed counts as refutes"),
    ],
)
def test_two_labels_are_read_and_it_is_said_how(labels: tuple[str, ...], scores: Scores, note: str) -> None:
    meaning = read_labels(labels, "m")
    assert meaning.scores([0.7, 0.3]) == scores
    assert note in meaning.note


@pytest.mark.parametrize(
    "labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("0", "1"), ("entailment", ""), ("Class 1",), ()]
)
def test_labels_without_names_are_refused_with_what_to_write(labels: tuple[str, ...]) -> None:
    with pytest.raises(CheckUnavailable, match="id2label in its config") as raised:
        read_labels(labels, "org/m")
    assert str(raised.value).startswith("org/m does not say what its labels mean")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "labels",
    [
        ("POSITIVE", "NEGATIVE"),
        ("entailment",),
        ("entailment", "supports", "neutral"),
        ("contradiction", "neutral"),
        ("entailment", "neutral", "contradiction", "paraphrase"),
        ("entailment", "neutral", "not_entailment"),
    ],
)
def test_models_that_check_no_claims_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(CheckUnavailable, match="is no checker of claims") as raised:
        read_labels(labels, "org/m")
    assert repr(labels[0]) in str(raised.value)


@pytest.mark.parametrize("chances", [(), (1.0,), (0.5, 0.2), (float("nan"), 0.5, 0.5), (0.9, 0.9, 0.9), (2.0, -1, 0)])
def test_numbers_that_are_no_probabilities_are_no_judgement(tmp_path: Path, chances: tuple[float, ...]) -> None:
    with pytest.raises(CheckUnavailable, match="probabilities"):
        checker(folder_of(tmp_path / "m"), Says(*chances)).score([PAIR])


def test_the_same_pair_gets_the_same_scores_whatever_stands_beside_it(tmp_path: Path) -> None:
    others = [Pair("x" * 500, f"claim {number}") for number in range(5)]
    runner = Sums()
    model = checker(folder_of(tmp_path / "m"), runner)
    alone = model.score([PAIR])[0]
    assert model.score([*others, PAIR, *others, PAIR])[5::6] == (alone, alone)
    assert runner.asked == [PAIR, *others, PAIR]
    assert model.score([]) == ()


def test_half_a_surrogate_pair_is_no_fault(tmp_path: Path) -> None:
    runner = Sums()
    checker(folder_of(tmp_path / "m"), runner).score([Pair("a \ud800 b", "c")])
    assert runner.asked == [Pair("a ? b", "c")]


def test_the_name_says_which_model_it_was(tmp_path: Path) -> None:
    one = checker(folder_of(tmp_path / "one"), Sums()).name
    other = checker(folder_of(tmp_path / "other", ("entailment", "not_entailment"), b"others"), Sums(2)).name
    assert one.startswith("nli:one@")
    assert str(tmp_path) not in one
    assert other.split("@")[1].endswith(" (two labels, not_entailment counts as not enough information)")
    assert one.split("@")[1][:8] != other.split("@")[1][:8]


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"architectures": ["BertForMaskedLM"]}, "classifies no sequences (it is BertForMaskedLM)"),
        ({"architectures": None}, "classifies no sequences (it is of no named kind)"),
        ({"problem_type": "multi_label_classification"}, "chooses no one label"),
        ({"problem_type": "regression"}, "chooses no one label"),
        ({"id2label": {"1": "entailment", "2": "neutral"}}, "does not count from 0"),
        ({"id2label": "entailment"}, "is not that of a model"),
        ({"id2label": {}}, "does not say what its labels mean"),
        ({"weights": None}, "no weights as safetensors"),
    ],
)
def test_a_folder_that_holds_no_checker_is_refused_before_any_work(
    tmp_path: Path, config: dict[str, object], says: str
) -> None:
    folder = folder_of(tmp_path / "m", **config)  # type: ignore[arg-type]  # weights among them
    with pytest.raises(CheckUnavailable) as raised:
        checker(folder, Sums())
    assert says in str(raised.value)
    assert str(raised.value).startswith("nli:m")
    assert "\n" not in str(raised.value)


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckUnavailable, match=r"no config\.json can be read"):
        checker(tmp_path, Sums())


@pytest.mark.parametrize(
    ("config", "tokenizer", "length"),
    [
        ({"max_position_embeddings": 512}, 10**30, 512),
        ({"max_position_embeddings": 512}, 256, 256),
        ({"max_position_embeddings": 514, "model_type": "xlm-roberta", "pad_token_id": 1}, 10**30, 512),
        ({"max_position_embeddings": 8192}, 10**30, 8192),
        ({}, 10**30, LONGEST),
        ({}, 384, 384),
    ],
)
def test_pairs_are_cut_to_the_models_length(
    tmp_path: Path, config: dict[str, object], tokenizer: int, length: int
) -> None:
    assert read_card(folder_of(tmp_path / "m", **config), "m").length(tokenizer) == length  # type: ignore[arg-type]


def test_a_folder_and_a_model_fetched_before_ask_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = folder_of(tmp_path / "m")
    shelf = Shelf(folder, fetched=True)
    assert hub.find(str(folder), shelf) == folder
    assert hub.find("org/model", shelf) == folder
    assert shelf.asked == []
    assert caplog.records == []


def test_fetching_is_said_before_it_happens(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = folder_of(tmp_path / "m")
    half = folder_of(tmp_path / "half", weights=None)
    told: list[int] = []

    class Listening(Shelf):
        def fetch(self, name: str) -> Path:
            told.append(len(caplog.records))
            return folder

    for shelf in (Listening(folder, fetched=False), Listening(half, fetched=True)):
        with caplog.at_level(logging.WARNING):
            caplog.clear()
            assert hub.find("org/model", shelf) == folder
        assert "fetching org/model from the Hugging Face Hub" in caplog.text
    assert told == [1, 1]


@pytest.mark.parametrize("reference", ["./missing", "/missing/model", "a/b/c", "no such model", "~/missing"])
def test_a_path_that_is_no_folder_is_never_looked_for_elsewhere(tmp_path: Path, reference: str) -> None:
    shelf = Shelf(tmp_path, fetched=False)
    with pytest.raises(CheckUnavailable, match="no such folder, and no name of a model"):
        hub.find(reference, shelf)
    assert shelf.asked == []


def test_without_the_extra_one_line_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = hub.find_spec
    monkeypatch.setattr(hub, "find_spec", lambda name: None if name == "torch" else real(name))
    with pytest.raises(CheckUnavailable) as raised:
        NliChecker("org/model")
    assert "torch" in str(raised.value)
    assert str(raised.value).endswith('pip install "plumbline-review[nli]"')
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        ("RepositoryNotFoundError", "shows no such model"),
        ("LocalEntryNotFoundError", "connect to the network once"),
        ("OfflineModeIsEnabled", "connect to the network once"),
        ("HFValidationError", "connect to the network once"),
    ],
)
def test_a_hub_that_cannot_be_reached_is_one_line(monkeypatch: pytest.MonkeyPatch, raised: str, says: str) -> None:
    library = pytest.importorskip("huggingface_hub")
    errors = pytest.importorskip("huggingface_hub.errors")
    kind: type[Exception] = getattr(errors, raised)

    def refuse(*arguments: object, **options: object) -> str:
        if options.get("local_files_only"):
            raise errors.LocalEntryNotFoundError("nothing here")
        raise kind.__new__(kind)

    monkeypatch.setattr(library, "snapshot_download", refuse)
    with pytest.raises(CheckUnavailable) as found:
        hub.find("org/model", hub.HuggingFaceHub())
    assert says in str(found.value)
    assert str(found.value).startswith("nli:org/model")
    assert "\n" not in str(found.value)


# With the packages of the extra: a real model with random weights. Without them (as in CI) these are skipped.


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Makes the folder of a BERT of 32 positions that speaks a dozen words, with weights of a fixed seed."""
    torch = pytest.importorskip("torch", reason="the extra nli is not installed: pip install -e '.[nli]'")
    transformers = pytest.importorskip("transformers", reason="the extra nli is not installed")

    def make(labels: Sequence[str] = THREE) -> Path:
        folder = tmp_path / f"tiny{len(labels)}"
        folder.mkdir()
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fuse", "max", "is", "faster", "slower", "than", "flat"]
        (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
        torch.manual_seed(5)
        config = transformers.BertConfig(
            vocab_size=len(words),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            id2label=dict(enumerate(labels)),
            label2id={label: place for place, label in enumerate(labels)},
            initializer_range=1.0,
        )
        transformers.BertForSequenceClassification(config).save_pretrained(folder)
        transformers.BertTokenizerFast(vocab={word: place for place, word in enumerate(words)}).save_pretrained(folder)
        return folder

    return make


def test_a_real_model_judges_each_pair_alone_and_alike(tiny: Callable[..., Path]) -> None:
    folder = tiny()
    pairs = [PAIR, Pair("fuse max is slower than flat .", "flat is faster ."), Pair("flat " * 500, "max " * 300)]
    together = NliChecker(str(folder)).score(pairs)
    again = NliChecker(str(folder))
    assert [again.score([pair])[0] for pair in reversed(pairs)] == list(reversed(together))
    assert all(abs(s.entail + s.contradict + s.neutral - 1) < 1e-3 for s in together)
    assert len(set(together)) == 3


def test_a_real_models_order_of_labels_is_followed(tiny: Callable[..., Path]) -> None:
    folder = tiny()
    before = NliChecker(str(folder)).score([PAIR])[0]
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["id2label"] = {"0": "CONTRADICTION", "1": "NEUTRAL", "2": "ENTAILMENT"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    after = NliChecker(str(folder)).score([PAIR])[0]
    assert (after.contradict, after.neutral, after.entail) == (before.entail, before.neutral, before.contradict)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_a_damaged_real_model_is_one_line(tiny: Callable[..., Path], name: str) -> None:
    folder = tiny(("entailment", "not_entailment"))
    (folder / name).write_bytes(b'{"damaged": [')
    with pytest.raises(CheckUnavailable, match="can't be loaded") as raised:
        NliChecker(str(folder)).score([PAIR])
    assert "\n" not in str(raised.value)


def test_a_real_model_without_its_last_layer_judges_nothing(tiny: Callable[..., Path]) -> None:
    folder = tiny()
    files = pytest.importorskip("safetensors.torch")
    weights = files.load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if not name.startswith("classifier")}
    files.save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckUnavailable, match=r"its weights lack classifier\.bias"):
        NliChecker(str(folder)).score([PAIR])


def test_loading_without_the_packages_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    with pytest.raises(CheckUnavailable, match="needs a package that is missing"):
        load(folder_of(tmp_path / "m"), ModelCard(THREE, 512))
