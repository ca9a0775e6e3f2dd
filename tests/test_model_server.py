"""The fakes that stand for a model, met by the clients that people use: openai's, and langchain-openai's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import repeat
from threading import Thread
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain_core.messages import AIMessageChunk, HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr

from agent.testing import (
    FakeClock,
    Fault,
    ModelRequest,
    ModelServer,
    Reply,
    ScriptedChatModel,
    Silence,
    ToolCall,
    faults,
)
from agent.testing.chat_model import ScriptEnded
from agent.testing.replies import pieces
from agent.testing.request import NotARequest, read

HELLO: Any = [{"role": "user", "content": "hello"}]
SEARCH: Any = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}


class Finding(BaseModel):
    """What a paper reports."""

    subject: str
    value: float


FINDING = Finding(subject="ZO2", value=18.0)


@pytest.fixture
def chat() -> Iterator[Any]:
    """Makes openai clients that ask once and are closed in the end."""
    made: list[openai.OpenAI] = []

    def client(server: ModelServer, key: str = "sk-test") -> openai.OpenAI:
        http = httpx2.Client(trust_env=False)
        made.append(openai.OpenAI(base_url=server.base_url, api_key=key, max_retries=0, http_client=http))
        return made[-1]

    yield client
    for each in made:
        each.close()


def langchain(server: ModelServer) -> ChatOpenAI:
    return ChatOpenAI(
        model=server.model, base_url=server.base_url, api_key=SecretStr("sk-test"), max_retries=0, stream_usage=True
    )


def ask(client: openai.OpenAI, model: str = "scripted", **more: Any) -> Any:
    return client.chat.completions.create(model=model, messages=HELLO, **more)


def test_plain_answers_come_in_the_order_of_the_script(chat: Any) -> None:
    with ModelServer(["one", Reply("two", tokens=(7, 3))]) as server:
        client = chat(server)
        first, second = ask(client), ask(client)
        assert [first.choices[0].message.content, second.choices[0].message.content] == ["one", "two"]
        assert (first.usage.prompt_tokens, first.usage.completion_tokens) == (1, 1)
        assert (second.usage.prompt_tokens, second.usage.completion_tokens) == (7, 3)
        assert [model.id for model in client.models.list()] == ["scripted"]


def test_a_script_may_be_a_function_of_the_request(chat: Any) -> None:
    def echo(request: ModelRequest) -> Reply:
        return Reply(f"{request.model} was told: {request.prompt}")

    with ModelServer(echo, models=("small", "large")) as server:
        assert ask(chat(server), "large").choices[0].message.content == "large was told: hello"
        assert server.requests[0].key == "sk-test"
        assert "sk-test" not in repr(server.requests[0])


def test_a_script_at_its_end_says_so(chat: Any) -> None:
    with ModelServer(["only one"]) as server:
        client = chat(server)
        ask(client)
        with pytest.raises(openai.BadRequestError, match="no reply left"):
            ask(client)


def test_a_stream_comes_in_pieces_and_ends_with_what_it_cost(chat: Any) -> None:
    text = "  Three words,\nthen one. "
    with ModelServer(repeat(text)) as server:
        chunks = list(ask(chat(server), stream=True, stream_options={"include_usage": True}))
        silent = list(ask(chat(server), stream=True))
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(deltas) == text
    assert len([delta for delta in deltas if delta]) == 4
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens == chunks[-1].usage.total_tokens - 1 > 0
    assert all(chunk.usage is None for chunk in silent)


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls_reach_langchain_whole_and_streamed(stream: bool) -> None:
    call = Reply("Let me look.", tool_calls=(ToolCall("search", {"query": "a b"}), ToolCall("read", {"key": "K1"})))
    with ModelServer([call]) as server:
        model = langchain(server).bind_tools([SEARCH])
        reply = _joined(model.stream("hello")) if stream else model.invoke("hello")
    assert [(made["name"], made["args"], made["id"]) for made in reply.tool_calls] == [
        ("search", {"query": "a b"}, "call_1"),
        ("read", {"key": "K1"}, "call_2"),
    ]
    assert reply.text == "Let me look."
    assert server.requests[0].tools == ("search",)


def test_tool_arguments_that_are_no_json_are_sent_as_they_stand() -> None:
    with ModelServer([faults.bad_arguments("search")]) as server:
        reply = langchain(server).bind_tools([SEARCH]).invoke("hello")
    assert not reply.tool_calls
    assert reply.invalid_tool_calls[0]["args"] == '{"query": "unfinished'


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_a_form_comes_by_the_way_it_is_asked_for(method: Any) -> None:
    with ModelServer([Reply(form=FINDING)]) as server:
        assert langchain(server).with_structured_output(Finding, method=method).invoke("as json") == FINDING
    request = server.requests[0]
    assert request.tools == (("Finding",) if method == "function_calling" else ())
    assert (request.schema is not None) is (method != "function_calling")
    if method == "json_schema":
        assert request.schema is not None
        assert set(request.schema["required"]) == {"subject", "value"}  # type: ignore[call-overload]


def _joined(chunks: Iterator[AIMessageChunk]) -> AIMessageChunk:
    whole = next(chunks)
    for chunk in chunks:
        whole = whole + chunk
    return whole


STATUS: Sequence[tuple[Fault, type[openai.APIStatusError], str | None]] = (
    (faults.rate_limited(), openai.RateLimitError, "rate_limit_exceeded"),
    (faults.rate_limited(3600), openai.RateLimitError, "rate_limit_exceeded"),
    (faults.out_of_quota(), openai.RateLimitError, "insufficient_quota"),
    (faults.server_error(), openai.InternalServerError, None),
    (faults.server_error(503), openai.InternalServerError, None),
    (faults.unknown_model("x"), openai.NotFoundError, "model_not_found"),
    (faults.context_too_long(), openai.BadRequestError, "context_length_exceeded"),
    (faults.wrong_key("sk-test"), openai.AuthenticationError, "invalid_api_key"),
)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("fault", "error", "code"), STATUS)
def test_faults_with_a_status(
    fault: Fault, error: type[openai.APIStatusError], code: str | None, stream: bool, chat: Any
) -> None:
    with ModelServer([fault]) as server, pytest.raises(error) as caught:
        ask(chat(server), stream=stream)
    assert (caught.value.status_code, caught.value.code) == (fault.status, code)
    assert dict(fault.headers).items() <= {name.title(): v for name, v in caught.value.response.headers.items()}.items()


def test_a_wait_may_be_asked_for_in_any_form(chat: Any) -> None:
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    with ModelServer([faults.rate_limited(date), faults.rate_limited(milliseconds=250)]) as server:
        client = chat(server)
        for name, value in (("retry-after", date), ("retry-after-ms", "250")):
            with pytest.raises(openai.RateLimitError) as caught:
                ask(client)
            assert caught.value.response.headers[name] == value


def test_the_server_objects_by_itself(chat: Any) -> None:
    with ModelServer(repeat("yes"), key="sk-right", refuses=("response_format",), context_tokens=3) as server:
        right = chat(server, "sk-right")
        with pytest.raises(openai.AuthenticationError, match="sk-wrong"):
            ask(chat(server, "sk-wrong"))
        with pytest.raises(openai.AuthenticationError):
            chat(server, "sk-wrong").models.list()
        with pytest.raises(openai.NotFoundError, match="other"):
            ask(right, "other")
        with pytest.raises(openai.BadRequestError, match="response_format"):
            ask(right, response_format={"type": "json_object"})
        with pytest.raises(openai.BadRequestError, match="maximum context length is 3"):
            right.chat.completions.create(
                model="scripted", messages=[{"role": "user", "content": "one two three four"}]
            )
        assert ask(right).choices[0].message.content == "yes"
        assert len(server.requests) == 5


def test_refusal_filter_and_emptiness(chat: Any) -> None:
    with ModelServer([faults.refusal("No."), faults.filtered(), faults.empty(), Reply(finish="length")]) as server:
        client = chat(server)
        refused, filtered, empty, cut = (ask(client).choices[0] for _ in range(4))
    assert (refused.message.refusal, refused.message.content) == ("No.", None)
    assert filtered.finish_reason == "content_filter"
    assert (empty.message.content, empty.finish_reason) == ("", "stop")
    assert cut.finish_reason == "length"


@pytest.mark.parametrize("after", [0, 2])
def test_a_dropped_stream(after: int, chat: Any) -> None:
    came: list[str] = []
    with ModelServer([faults.dropped("one two three four", after)]) as server, pytest.raises(_BROKEN):
        came.extend(chunk.choices[0].delta.content or "" for chunk in ask(chat(server), stream=True))
    assert "".join(came) == ("one two " if after else "")


@pytest.mark.parametrize("after", [0, 2])
def test_a_dropped_document(after: int, chat: Any) -> None:
    with ModelServer([faults.dropped("one two three four", after)]) as server, pytest.raises(_BROKEN):
        ask(chat(server))


_BROKEN = (openai.APIConnectionError, httpx2.RemoteProtocolError, httpx2.ReadError)


def test_an_error_may_come_in_the_middle_of_a_stream(chat: Any) -> None:
    reply = Reply("one two three", cut_after=1, last_words=faults.server_error())
    with ModelServer([reply]) as server, pytest.raises(openai.APIError, match="had an error"):
        list(ask(chat(server), stream=True))


@pytest.mark.parametrize("stream", [False, True])
def test_json_that_breaks_off(stream: bool, chat: Any) -> None:
    with ModelServer([faults.malformed()]) as server, pytest.raises(json.JSONDecodeError):
        list(ask(chat(server), stream=stream))


def test_a_web_page_where_a_reply_should_be(chat: Any) -> None:
    with ModelServer(repeat(faults.web_page())) as server:
        client = chat(server)
        assert "<title>Sign in" in ask(client)  # the client hands over what it can't read
        assert list(ask(client, stream=True)) == []


@pytest.mark.parametrize("stream", [False, True])
def test_a_slow_reply_passes_the_time_of_the_injected_clock(stream: bool, chat: Any) -> None:
    clock = FakeClock()
    with ModelServer([faults.slow("one two three", 30.0)], clock=clock) as server, _looking_at(clock):
        got = ask(chat(server), stream=stream)
        text = "".join(c.choices[0].delta.content or "" for c in got) if stream else got.choices[0].message.content
    assert text == "one two three"
    assert clock.now() == pytest.approx(90.0 + 30.0 * stream)  # a stream has its end to tell, too


def test_a_silent_server_says_nothing_until_it_closes_and_time_passes_for_who_looks(chat: Any) -> None:
    clock, ended = FakeClock(), []

    def ask_in_vain(client: openai.OpenAI) -> None:
        try:
            ask(client)
        except openai.APIConnectionError as error:
            ended.append(error)

    with ModelServer([Silence(step=50.0)], clock=clock) as server:
        asking = Thread(target=ask_in_vain, args=(chat(server),))
        asking.start()
        while clock.now() < 200.0:
            assert not ended
    asking.join()
    assert len(ended) == 1


class _looking_at:  # noqa: N801 - reads as a phrase
    """Somebody who looks at a clock all the time."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock, self._on = clock, True
        self._thread = Thread(target=self._look)

    def _look(self) -> None:
        while self._on:
            self._clock.now()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._on = False
        self._thread.join()


def test_requests_that_are_none(chat: Any) -> None:
    with ModelServer() as server, httpx2.Client(trust_env=False) as client:
        url = server.base_url
        assert client.get(url.removesuffix("/v1")).status_code == 404
        assert client.post(f"{url}/embeddings", json={}).status_code == 404
        for body in (b"{", b"[]", b'{"messages": []}', b'{"messages": 3}'):
            assert client.post(f"{url}/chat/completions", content=body).status_code == 400
        assert server.requests == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda of: st.lists(of) | st.dictionaries(
    st.sampled_from(["messages", "content", "role", "tools", "function", "name", "tool_calls", "response_format",
                     "json_schema", "schema", "tool_choice", "stream_options", "text"]), of)))  # fmt: skip
def test_any_body_is_a_request_or_is_not(body: Any) -> None:
    is_one = isinstance(body, dict) and isinstance(body.get("messages"), list) and body["messages"]
    with nullcontext() if is_one else pytest.raises(NotARequest):
        assert read(json.dumps(body).encode(), None).messages


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_a_scripted_model_needs_no_server() -> None:
    model = ScriptedChatModel(["one two", "one two", FINDING, OSError("lost")])
    assert model.invoke("hello").text == "one two"
    chunks = list(model.stream("hello"))
    assert [chunk.text for chunk in chunks] == ["one ", "two", ""]
    assert chunks[-1].usage_metadata == {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    assert model.with_structured_output(Finding).invoke("hello") == FINDING
    with pytest.raises(OSError, match="lost"):
        model.invoke("hello")
    with pytest.raises(ScriptEnded, match="call 5"):
        model.invoke("hello")
    assert [call.tools for call in model.calls] == [(), (), ("Finding",), (), ()]
    assert model.calls[0].prompt == "hello"


def test_a_scripted_model_is_slow_and_breaks_off_by_the_clock_and_the_script() -> None:
    clock = FakeClock()
    model = ScriptedChatModel([faults.slow("one two three", 5.0), faults.dropped("one two three", 1)], clock=clock)
    assert [(chunk.text, clock.now()) for chunk in model.stream("hello")][:3] == [
        ("one ", 5.0), ("two ", 10.0), ("three", 15.0)]  # fmt: skip
    came = model.stream("hello")
    assert next(came).text == "one "
    with pytest.raises(httpx2.RemoteProtocolError):
        next(came)
    assert clock.sleeps == [5.0, 5.0, 5.0]


def search(query: str) -> str:
    """Search the papers."""
    return f"found for {query}: ZO2 takes 18 GB"


def _agent_script() -> list[Any]:
    return [Reply(tool_calls=(ToolCall("search", {"query": "memory"}),)), FINDING]


def test_an_agent_works_with_the_scripted_model_as_with_the_server() -> None:
    scripted = ScriptedChatModel(_agent_script())
    served = ModelServer([Reply(form=said) if isinstance(said, Finding) else said for said in _agent_script()])
    with served as server:
        for model in (scripted, langchain(server)):
            agent: Any = create_agent(model, tools=[search], response_format=ToolStrategy(Finding))
            result = agent.invoke({"messages": [HumanMessage("How much memory does ZO2 take?")]})
            assert result["structured_response"] == FINDING
            assert any("found for memory" in message.text for message in result["messages"])
        assert [message.role for message in server.requests[1].messages] == ["user", "assistant", "tool"]
        assert server.requests[1].messages[-1].tool_call_id == "call_1"
    assert scripted.calls[1].tools == ("search", "Finding")
