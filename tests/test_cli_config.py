"""`plumbline config`: what it keeps, what it never shows; and the settings that come of it."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent import cli
from agent.app import make_model
from agent.cli.model_flags import ModelFlags
from agent.configuration import NAMES, Stored, load, loose, parsed, save
from agent.errors import BadSettings
from agent.models.cache import CacheUse
from agent.models.protocol import Limits
from agent.settings import ModelSettings, Settings, config_file, from_environment
from agent.testing import ModelServer, faults

KEY = "sk-very-secret"


@dataclass(frozen=True, slots=True)
class Done:
    """One run of the command line."""

    code: int
    out: str
    err: str


Shell = Callable[..., Done]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "config.json"
    monkeypatch.setenv("PLUMBLINE_CONFIG", str(path))
    monkeypatch.setenv("PLUMBLINE_LIBRARY", str(tmp_path / "library"))
    return path


@pytest.fixture
def shell(file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    def run(*arguments: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            cli.main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(end.value.code, int)
        assert KEY not in captured.out + captured.err
        return Done(end.value.code, captured.out, captured.err)

    return run


def test_set_show_unset(shell: Shell, file: Path) -> None:
    assert shell("config", "set", "model", "llama3").code == 0
    assert shell("config", "set", "base-url", "http://localhost:11434/v1/").code == 0
    assert shell("config", "set", "context-tokens", "32_768").code == 0
    assert load(file) == Stored(model="llama3", base_url="http://localhost:11434/v1", context_tokens=32768)
    shown = shell("config", "show").out
    assert "model           llama3  (file)" in shown
    assert "api-key         -" in shown
    assert shell("config", "unset", "model").err == f"model is no longer set in {file}\n"
    assert shell("config", "unset", "model").err == f"model was not set in {file}\n"
    assert load(file).model is None


def test_the_key_comes_from_a_pipe_and_is_never_shown(shell: Shell, file: Path) -> None:
    assert shell("config", "set", "api-key", stdin=f"{KEY}\n").err == f"api-key is set in {file}\n"
    assert load(file).api_key == KEY
    assert KEY not in repr(load(file))
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "api-key         set  (file)" in shell("config", "show").out
    document = json.loads(shell("config", "show", "--json").out)
    assert document["schema"] == "plumbline.config/1"
    assert {"name": "api-key", "value": "set", "from": "file"} in document["settings"]
    assert "goes to this address now" in shell("config", "set", "base-url", "http://elsewhere.example/v1").err
    assert shell("config", "unset", "api-key").code == 0
    assert KEY not in file.read_text()


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
def test_a_key_others_can_read_is_told(shell: Shell, file: Path) -> None:
    save(file, Stored(api_key=KEY))
    assert not loose(file)
    file.chmod(0o644)
    assert "others may read the key" in shell("config", "show").err
    assert shell("config", "set", "model", "llama3").code == 0
    assert not loose(file), "written again, it is private again"


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["set", "api-key", "sk-1234"], "", "at the prompt or through a pipe"),
        (["set", "api-key"], "\n", "api-key must be text on one line"),
        (["set", "model"], "", "model needs a VALUE"),
        (["set", "model", "a\nb"], "", "model must be text on one line"),
        (["set", "colour", "blue"], "", "unknown setting 'colour'; known are model, base-url"),
        (["unset", "colour"], "", "unknown setting 'colour'"),
        (["set", "base-url", "localhost:11434"], "", "not the address of a model server"),
        (["set", "base-url", "http://ann:hunter2@host:99999/v1"], "", "not the address of a model server"),
        (["set", "context-tokens", "many"], "", "context-tokens must be a number"),
        (["set", "context-tokens", "12"], "", "context-tokens must be at least 512"),
        (["set", "deadline", "inf"], "", "deadline must be at least 1"),
        (["set", "temperature", "nan"], "", "temperature must be at least 0"),
        (["set", "prices", "no-such-file.yaml"], "", "cannot be read"),
        (["test"], "", "no model is configured; plumbline config set model NAME"),
    ],
)
def test_what_cannot_be_set_is_one_line(arguments: list[str], stdin: str, says: str, shell: Shell, file: Path) -> None:
    done = shell("config", *arguments, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1
    assert "hunter2" not in done.err
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"modle": "x"}', "unknown setting 'modle'"),
        ('{"model": 3}', "model must be text"),
        ('{"deadline": true}', "deadline must be a number"),
        ('{"max-tokens": 1.5}', "max-tokens must be a whole number"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(text: str, says: str, file: Path) -> None:
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(BadSettings, match=f"{file.name}: .*{says}"):
        load(file)


def test_no_file_and_an_empty_one_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert load(None) == load(tmp_path / "none") == load(tmp_path / "empty") == Stored()


def test_every_name_can_be_set() -> None:
    for name, kind in NAMES.items():
        value = parsed(name, "1000" if kind is not str else "text") if name != "temperature" else parsed(name, "1")
        assert Stored().having(name, value).get(name) == value


def test_a_model_is_tried(shell: Shell) -> None:
    with ModelServer(["ready", faults.wrong_key(KEY)]) as server:
        shell("config", "set", "model", server.model)
        shell("config", "set", "base-url", server.base_url)
        done = shell("config", "test")
        assert done.code == 0
        assert done.out.startswith(f"the model 'scripted' at {server.base_url} answers: ")
        assert done.out.endswith("price unknown\n")
        refused = shell("config", "test")
    assert (refused.code, refused.out) == (2, "")
    assert "wants a key (401); plumbline config set api-key" in refused.err


def test_the_doctor_knows_the_model(shell: Shell) -> None:
    def line() -> dict[str, str]:
        parts = json.loads(shell("doctor", "--json", *asked).out)["parts"]
        found: dict[str, str] = next(part for part in parts if part["part"] == "model")
        return found

    asked: list[str] = []
    assert line()["detail"] == "none configured: answers are composed without one"
    with ModelServer(["ready"]) as server:
        shell("config", "set", "model", server.model)
        shell("config", "set", "base-url", server.base_url)
        assert "without a key; not asked" in line()["detail"]
        assert server.requests == []
        asked = ["--ask-model"]
        assert (line()["state"], len(server.requests)) == ("sound", 1)
    assert line()["state"] == "unsound"
    shell("config", "unset", "base-url")
    assert "wants a key" in line()["detail"]


FILE = Stored(model="in-file", base_url="http://localhost:1/v1", api_key="sk-file", small_model="small-file")


@pytest.mark.parametrize(
    ("env", "stored", "name", "base_url", "key"),
    [
        ({}, Stored(), None, None, None),
        ({}, FILE, "in-file", "http://localhost:1/v1", "sk-file"),
        ({"PLUMBLINE_MODEL": "none"}, FILE, None, "http://localhost:1/v1", "sk-file"),
        ({"PLUMBLINE_MODEL": "m"}, FILE, "m", "http://localhost:1/v1", "sk-file"),
        ({"PLUMBLINE_BASE_URL": "http://other:1/v1"}, FILE, "in-file", "http://other:1/v1", None),
        ({"PLUMBLINE_API_KEY": "sk-own"}, FILE, "in-file", "http://localhost:1/v1", "sk-own"),
        ({"OPENAI_API_KEY": "sk-openai"}, FILE, "in-file", "http://localhost:1/v1", "sk-file"),
        ({"OPENAI_API_KEY": "sk-openai", "PLUMBLINE_MODEL": "m"}, Stored(), "m", None, "sk-openai"),
        (
            {"OPENAI_API_KEY": "sk-openai", "PLUMBLINE_BASE_URL": "http://api.openai.com.example/v1"},
            Stored(),
            None,
            "http://api.openai.com.example/v1",
            None,
        ),
        (
            {"OPENAI_API_KEY": "sk-openai", "PLUMBLINE_BASE_URL": "https://api.openai.com/v1"},
            Stored(),
            None,
            "https://api.openai.com/v1",
            "sk-openai",
        ),
    ],
)
def test_environment_over_file_and_no_key_to_strangers(
    env: dict[str, str], stored: Stored, name: str | None, base_url: str | None, key: str | None, tmp_path: Path
) -> None:
    save(tmp_path / "config.json", stored)
    model = from_environment(environ={**env, "PLUMBLINE_CONFIG": str(tmp_path / "config.json")}).model
    assert (model.name, model.base_url, model.api_key) == (name, base_url, key)
    for secret in ("sk-file", "sk-own", "sk-openai"):
        assert secret not in repr(model)


def test_flags_over_all() -> None:
    settings = Settings(model=ModelSettings("m", "http://localhost:1/v1", stored=Stored(deadline=90, max_tokens=5)))
    flags = ModelFlags(model="n", base_url="http://localhost:2/v1/", small_model="s", max_cost=0.5)
    model = flags.over(settings).model
    assert (model.name, model.base_url, model.small) == ("n", "http://localhost:2/v1", "s")
    assert flags.limits(settings) == Limits(5, 0.5, 90)
    assert ModelFlags(deadline=5, max_tokens=7).limits(settings) == Limits(7, None, 5)
    assert ModelFlags(model="none").over(settings).model.name is None
    assert [ModelFlags().cache, ModelFlags(no_cache=True).cache, ModelFlags(replay=True).cache] == [
        CacheUse.KEEP,
        CacheUse.OFF,
        CacheUse.REPLAY,
    ]


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"PLUMBLINE_CONFIG": "x.json"}, Path("x.json")),
        ({}, None),
    ],
)
def test_where_the_file_lies(env: dict[str, str], expected: Path | None) -> None:
    assert config_file(env) == expected


def test_the_model_of_settings(tmp_path: Path) -> None:
    def made(limits: Limits | None = None, **model: object) -> object:
        chosen = ModelSettings(**model)  # type: ignore[arg-type]
        return make_model(Settings(library=tmp_path, model=chosen), limits)

    assert made() is None
    with pytest.raises(BadSettings, match="wants a key"):
        made(name="gpt-5-mini")
    with pytest.raises(BadSettings, match="not the address"):
        made(name="m", base_url="localhost")
    with pytest.raises(BadSettings, match="price of 'm' is not known"):
        made(Limits(max_cost=1.0), name="m", base_url="http://localhost:1/v1")
    with pytest.raises(BadSettings, match="price of 'odd' is not known"):
        made(Limits(max_cost=1.0), name="gpt-5", small="odd", openai_key="sk-1")
    model = make_model(
        Settings(library=tmp_path, model=ModelSettings("gpt-5-mini", small="gpt-5-nano", openai_key="k"))
    )
    assert model is not None
    assert (model.choice.context_tokens, model.cheaper.choice.name) == (400_000, "gpt-5-nano")
    assert model.cache_of_replies.folder == tmp_path / "replies"
    assert model.learned.refuses("temperature"), "the client knows that these models take none"
