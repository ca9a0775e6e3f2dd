"""Recordings: what decides a reply decides its key; damage is told and ignored; nothing secret is kept."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agent.errors import ReplayMissing
from agent.models.asked import request_key, request_tokens
from agent.models.cache import ReplyCache
from agent.models.protocol import ModelChoice

CHOICE = ModelChoice("m", "http://localhost:1/v1", "sk-1")
MESSAGES = [SystemMessage("Be good."), HumanMessage("Is it so?")]
KEY = "ab" * 32


def key(choice: ModelChoice = CHOICE, messages: list[BaseMessage] | None = None, **parameters: Any) -> str:
    return request_key(choice, messages or list(MESSAGES), None, parameters)


def called(name: str, identity: str) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": {}, "id": identity}])


@pytest.mark.parametrize(
    "other",
    [
        key(ModelChoice("n", "http://localhost:1/v1")),
        key(ModelChoice("m", "http://localhost:2/v1")),
        key(ModelChoice("m", "http://localhost:1/v1", temperature=0.5)),
        key(messages=[SystemMessage("Be good."), HumanMessage("Is it?")]),
        key(messages=[HumanMessage("Be good."), SystemMessage("Is it so?")]),
        key(messages=[*MESSAGES, called("search", "1")]),
        key(messages=[*MESSAGES, called("search", "2")]),
        key(messages=[*MESSAGES, ToolMessage("found", tool_call_id="1")]),
        key(tools=[{"type": "function", "function": {"name": "search"}}]),
        key(response_format={"type": "json_object"}),
        key(max_tokens=5),
        request_key(CHOICE, MESSAGES, ["STOP"], {}),
    ],
)
def test_all_that_decides_a_reply_decides_its_key(other: str) -> None:
    assert other != key()


def test_what_does_not_decide_a_reply_does_not_decide_its_key() -> None:
    assert key(ModelChoice("m", "http://localhost:1/v1", "sk-2", small="s", context_tokens=9999)) == key()
    assert key(ModelChoice("m", "http://ann:a@localhost:1/v1")) == key(ModelChoice("m", "http://bob:b@localhost:1/v1"))
    assert key(messages=[SystemMessage("Be good.", id="run-1"), HumanMessage("Is it so?", id="run-2")]) == key()
    assert key(a=1, b=2) == key(b=2, a=1)


def test_tokens_are_counted_with_tools_and_schema() -> None:
    bare = request_tokens(MESSAGES, {})
    assert 10 <= bare <= 25
    assert request_tokens([*MESSAGES, called("search", "1")], {}) > bare
    assert request_tokens(MESSAGES, {"tools": [{"name": "search", "description": "Searches a library."}]}) > bare + 5
    assert request_tokens(MESSAGES, {"temperature": 1}) == bare


@given(
    st.text(),
    st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text())),
)
def test_a_reply_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, text: str, args: dict[str, Any]
) -> None:
    cache = ReplyCache(tmp_path_factory.mktemp("replies"))
    sendable = text.encode("utf-8", "replace").decode()
    calls = [{"name": "search", "args": args, "id": "call_1"}]
    cache.put(KEY, AIMessage(sendable, tool_calls=calls, response_metadata={"finish_reason": "stop", "x": 1}))
    back = cache.get(KEY)
    assert back is not None
    assert back.content == sendable
    assert [(call["name"], call["args"], call["id"]) for call in back.tool_calls] == [("search", args, "call_1")]
    assert back.response_metadata == {"finish_reason": "stop"}


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("so", "no"),
        lambda text: text.replace("reply/1", "reply/9"),
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: '{"schema": "plumbline.reply/1", "sha256": "", "reply": {}}',
    ],
)
def test_a_damaged_recording_is_told_and_ignored(harm: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ReplyCache(tmp_path).put(KEY, AIMessage("It is so."))
    (path,) = tmp_path.rglob("*.json")
    path.write_text(harm(path.read_text()))
    with caplog.at_level(logging.WARNING):
        assert ReplyCache(tmp_path).get(KEY) is None
    assert "damaged and ignored" in caplog.text
    with pytest.raises(ReplayMissing):
        ReplyCache(tmp_path, replay=True).get(KEY)
    ReplyCache(tmp_path).put(KEY, AIMessage("It is so."))
    assert ReplyCache(tmp_path).get(KEY) is not None


def test_off_keeps_nothing_and_replay_writes_nothing(tmp_path: Path) -> None:
    ReplyCache(None).put(KEY, AIMessage("It is so."))
    assert ReplyCache(None).get(KEY) is None
    ReplyCache(tmp_path, replay=True).put(KEY, AIMessage("It is so."))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "replies").write_text("a file")
    cache = ReplyCache(tmp_path / "replies")
    with caplog.at_level(logging.WARNING):
        cache.put(KEY, AIMessage("It is so."))
        cache.put(KEY, AIMessage("It is so."))
    assert caplog.text.count("model replies are not recorded") == 1


def test_no_half_written_recording_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    ReplyCache(tmp_path).put(KEY, AIMessage("It is so."))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
