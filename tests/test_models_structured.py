"""Replies of a known form: native where there is, else in text, mended once, and then one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import BadReply, ModelUnreachable, ReplayMissing
from agent.models.cache import ReplyCache
from agent.models.connect import connect
from agent.models.form import FormFault, native, read
from agent.models.guarded import GuardedChatModel
from agent.models.protocol import Limits, ModelChoice
from agent.models.structured import structured
from agent.testing import FakeClock, ModelServer, Reply, faults
from prompts import Message


class Part(BaseModel):
    """One sentence."""

    title: str = Field(min_length=1)
    ids: list[str] = []


class Claims(BaseModel):
    """What a model writes."""

    model_config = ConfigDict(extra="forbid")

    parts: list[Part]
    note: str | None = None


GOOD = '{"parts": [{"title": "Memory falls.", "ids": ["e1"]}], "note": null}'
WANTED = Claims(parts=[Part(title="Memory falls.", ids=["e1"])])
ASKED = [Message("You write.", "Write."), Message("You write.", "Now.")]


def model_at(server: ModelServer, cache: ReplyCache | None = None) -> GuardedChatModel:
    return connect(ModelChoice("scripted", server.base_url), Limits(), cache or ReplyCache(None), FakeClock())


def test_native_where_the_endpoint_has_it() -> None:
    with ModelServer([GOOD]) as server:
        assert structured(model_at(server), ASKED, Claims) == WANTED
        (sent,) = server.requests
    assert [(message.role, message.text) for message in sent.messages] == [
        ("system", "You write."),
        ("user", "Write.\n\nNow."),
    ]
    assert sent.schema is not None
    assert sent.schema["required"] == ["parts", "note"]


def test_the_native_schema_is_strict() -> None:
    schema = native(Claims)["json_schema"]
    assert (schema["name"], schema["strict"]) == ("Claims", True)
    part = schema["schema"]["$defs"]["Part"]
    assert part == {
        "type": "object",
        "description": "One sentence.",
        "properties": {"title": {"type": "string"}, "ids": {"type": "array", "items": {"type": "string"}}},
        "required": ["title", "ids"],
        "additionalProperties": False,
    }


def test_without_native_it_is_asked_for_in_text_and_remembered() -> None:
    with ModelServer(lambda _: f"Here you are:\n```json\n{GOOD}\n```", refuses=("response_format",)) as server:
        model = model_at(server)
        assert structured(model, ASKED, Claims) == WANTED
        assert structured(model.with_meter(model.new_meter()), ASKED, Claims) == WANTED
        assert ["response_format" in sent.body for sent in server.requests] == [True, False, False]
        assert '"Memory' not in server.requests[1].prompt
        assert "JSON schema of the reply:" in server.requests[1].prompt


@pytest.mark.parametrize(
    ("first", "says"),
    [
        ("I would rather talk.", "it holds no JSON object"),
        (GOOD[:-9], "its JSON object breaks off or is not sound"),
        ('{"parts": "none"}', "parts: Input should be a valid list"),
        ('{"parts": [{"title": ""}]}', "parts.0.title: String should have at least 1 character"),
        ('{"parts": [], "more": 1}', "more: Extra inputs are not permitted"),
        ("", "It was empty."),
        ("<think>The user wants " + GOOD + "</think>", "it holds no JSON object"),
    ],
)
def test_a_reply_of_another_form_is_mended_once(first: str, says: str) -> None:
    with ModelServer([Reply(first), GOOD]) as server:
        assert structured(model_at(server), ASKED, Claims) == WANTED
        second = server.requests[1]
    assert says in second.messages[-1].text
    roles = [message.role for message in second.messages]
    assert roles == (["system", "user", "assistant", "user"] if first else ["system", "user"])


def test_after_one_repair_it_is_told() -> None:
    with ModelServer(lambda _: '{"parts": 3}') as server:
        with pytest.raises(BadReply, match=r"not reply in the form asked for, nor when told so \(parts: Input should"):
            structured(model_at(server), ASKED, Claims)
        assert len(server.requests) == 2


def test_other_faults_are_not_mended() -> None:
    with ModelServer(lambda _: faults.server_error()) as server:
        with pytest.raises(ModelUnreachable):
            structured(model_at(server), ASKED, Claims)
        assert len(server.requests) == 3


def test_recorded_without_native_it_replays(tmp_path: Path) -> None:
    with ModelServer([GOOD], refuses=("response_format",)) as server:
        structured(model_at(server, ReplyCache(tmp_path)), ASKED, Claims)
        replay = model_at(server, ReplyCache(tmp_path, replay=True))
        assert structured(replay, ASKED, Claims) == WANTED
        with pytest.raises(ReplayMissing):
            structured(replay, [Message("You write.", "Something else.")], Claims)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GOOD, WANTED),
        (f"{{not json}} {GOOD} and so on", WANTED),
        (f'{{"parts": 1}} {GOOD}', WANTED),
        (f"<think>{{}}</think>{GOOD}", WANTED),
        ("{" * 50_000, None),
        ('{"a":' * 5_000, None),
    ],
)
def test_reading(text: str, wanted: Claims | None) -> None:
    if wanted is not None:
        assert read(text, Claims) == wanted
    else:
        with pytest.raises(FormFault):
            read(text, Claims)


@given(st.text(), st.text(), st.text(min_size=1))
def test_an_object_is_found_among_words(before: str, after: str, title: str) -> None:
    wanted = Claims(parts=[Part(title=title)])
    around = before.replace("{", "").replace("<", "")
    assert read(f"{around}{json.dumps(wanted.model_dump())}{after}", Claims) == wanted


@given(st.text())
def test_any_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(FormFault) as raised:
        read(text, Claims)
    assert "\n" not in str(raised.value)


def test_a_part_of_a_broken_reply_is_no_reply() -> None:
    class Loose(BaseModel):
        title: str = ""

    with pytest.raises(FormFault, match="breaks off"):
        read('{"parts": [{"title": "inner"}], "no', Loose)
    with pytest.raises(FormFault, match="not sound"):
        read('{"parts": [1 2], "more": {"title": "inner"}}', Loose)
