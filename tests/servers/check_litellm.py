"""Our client and `plumbline ask` against LiteLLM's proxy, which makes up its replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from serving import KEY, Finding, free_port, installed, main, serving

from agent.errors import BadReply, ContextTooLong, ModelFault, ModelUnreachable, RateLimited, UnknownModel, WrongKey
from agent.models.cache import ReplyCache
from agent.models.connect import connect
from agent.models.guarded import GuardedChatModel
from agent.models.protocol import Limits, ModelChoice
from agent.models.structured import structured
from agent.testing import FakeClock
from prompts import Message

FAULTS: tuple[tuple[str, type[ModelFault]], ...] = (
    ("limited", RateLimited),
    ("failing", ModelUnreachable),
    ("narrow", ContextTooLong),
    ("not-there", UnknownModel),
)
Connect = Callable[..., GuardedChatModel]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program, port = installed("litellm") / "litellm", free_port()
    config = Path(__file__).with_name("litellm.yaml")
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    with serving(command, port, tmp_path_factory.mktemp("litellm") / "log", KEY) as base_url:
        yield base_url


@pytest.fixture
def model(url: str) -> Connect:
    def made(name: str, key: str = KEY) -> GuardedChatModel:
        return connect(ModelChoice(name, url, key), Limits(), ReplyCache(None), FakeClock())

    return made


def test_a_reply_whole_and_streamed_with_its_usage(model: Connect) -> None:
    plain = model("plain")
    assert plain.invoke("hello").text == "Two words."
    assert "".join(chunk.text for chunk in plain.stream("hello")) == "Two words."
    assert plain.meter.spent.calls == 2
    assert plain.meter.spent.output_tokens > 0
    assert plain.meter.spent.cost is None


def test_a_form(model: Connect) -> None:
    found = structured(model("form"), [Message("You read papers.", "What takes how much?")], Finding)
    assert found == Finding(subject="ZO2", value=18.0)


def test_a_model_that_ignores_the_schema(model: Connect) -> None:
    plain = model("plain")
    with pytest.raises(BadReply, match="form asked for"):
        structured(plain, [Message("You read papers.", "What takes how much?")], Finding)
    assert plain.meter.spent.calls == 2


@pytest.mark.parametrize(("name", "error"), FAULTS)
@pytest.mark.parametrize("stream", [False, True])
def test_faults_are_told_as_what_they_are(name: str, error: type[ModelFault], stream: bool, model: Connect) -> None:
    with pytest.raises(error) as caught:
        list(model(name).stream("hello")) if stream else model(name).invoke("hello")
    assert "\n" not in str(caught.value)


def test_a_wrong_key(model: Connect) -> None:
    with pytest.raises(WrongKey) as caught:
        model("plain", "sk-wrong-and-secret").invoke("hello")
    assert "secret" not in str(caught.value)


def test_ask_falls_back_and_says_so(
    url: str, demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLUMBLINE_API_KEY", KEY)
    command = ["--library", str(demo_copy), "ask", "How do ZO2 and MeZO compare in memory?"]
    endpoint = ["--model", "plain", "--base-url", url, "--no-cache"]
    assert main([*command, *endpoint]) == 0
    shown = capsys.readouterr()
    assert "ZO2" in shown.out
    assert "Two words" not in shown.out
    assert "extractive answers instead" in shown.err + shown.out
    assert main([*command, *endpoint, "--no-fallback"]) == 2
    assert "form asked for" in capsys.readouterr().err
