"""Our client and `plumbline ask` against llama-cpp-python's server, with a model of random weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import KEY, SERVERS, Finding, free_port, installed, main, serving

from agent.errors import BadReply, ContextTooLong, WrongKey
from agent.models.cache import ReplyCache
from agent.models.connect import connect
from agent.models.guarded import GuardedChatModel
from agent.models.protocol import Limits, ModelChoice
from agent.models.structured import structured
from agent.testing import FakeClock
from prompts import Message


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    python, port = installed("llama") / "python", free_port()
    command = [str(python), "-m", "llama_cpp.server", "--model", str(SERVERS / "gibberish.gguf")]
    command += ["--model_alias", "gibberish", "--n_ctx", "2048", "--host", "127.0.0.1", "--port", str(port)]
    with serving([*command, "--api_key", KEY], port, tmp_path_factory.mktemp("llama") / "log", KEY) as base_url:
        yield base_url


def gibberish(url: str, key: str = KEY) -> GuardedChatModel:
    choice = ModelChoice("gibberish", url, key, context_tokens=1024)
    return connect(choice, Limits(max_tokens=3000), ReplyCache(None), FakeClock())


def test_a_reply_whole_and_streamed_with_its_usage(url: str) -> None:
    for stream in (False, True):
        model = gibberish(url)
        try:
            text = "".join(c.text for c in model.stream("hello")) if stream else model.invoke("hello").text
        except BadReply as fault:  # gibberish has no end, and is cut off at the limit
            text = str(fault)
        assert text
        assert model.meter.spent.calls == 1
        assert model.meter.spent.input_tokens > 0


def test_a_form_or_one_line_that_says_there_is_none(url: str) -> None:
    with pytest.raises(BadReply) as caught:
        structured(gibberish(url), [Message("You read papers.", "What takes how much?")], Finding)
    assert "\n" not in str(caught.value)


def test_a_prompt_that_does_not_fit_is_told_by_the_server(url: str) -> None:
    choice = ModelChoice("gibberish", url, KEY, context_tokens=100_000)
    with pytest.raises(ContextTooLong):
        connect(choice, Limits(), ReplyCache(None), FakeClock()).invoke("word " * 3000)


def test_a_wrong_key(url: str) -> None:
    with pytest.raises(WrongKey) as caught:
        gibberish(url, "sk-wrong-and-secret").invoke("hello")
    assert "secret" not in str(caught.value)


def test_ask_falls_back_and_says_so(
    url: str, demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLUMBLINE_API_KEY", KEY)
    command = ["--library", str(demo_copy), "ask", "How do ZO2 and MeZO compare in memory?"]
    assert main([*command, "--model", "gibberish", "--base-url", url, "--no-cache"]) == 0
    shown = capsys.readouterr()
    assert "ZO2" in shown.out
    assert "extractive" in shown.err + shown.out
