"""The guarded model against a server that fails in every known way: bounded in time, one clear line, a true bill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool

from agent.errors import (
    BadReply,
    BudgetEnded,
    ContextTooLong,
    ModelFault,
    ModelUnreachable,
    QuotaUsedUp,
    RateLimited,
    RealRequestForbidden,
    Refused,
    ReplayMissing,
    RequestRefused,
    UnknownModel,
    WrongKey,
)
from agent.models import connect as connecting
from agent.models.cache import ReplyCache
from agent.models.connect import connect, forbid_real_requests
from agent.models.guarded import GuardedChatModel
from agent.models.meter import Meter
from agent.models.prices import Price, Prices
from agent.models.protocol import Limits, ModelChoice, Spent
from agent.testing import FakeClock, ModelServer, Reply, ScriptedChatModel, ToolCall, faults
from agent.testing.faults import Fault, Silence

KEY = "sk-very-secret"
LIMITS = Limits()
PRICES = Prices({"scripted": Price(1.0, 2.0)})


def model_at(
    server: ModelServer,
    clock: FakeClock,
    limits: Limits = LIMITS,
    cache: ReplyCache | None = None,
    prices: Prices = PRICES,
    **choice: object,
) -> GuardedChatModel:
    chosen = ModelChoice("scripted", server.base_url, KEY, **choice)  # type: ignore[arg-type]
    return connect(chosen, limits, cache or ReplyCache(None), clock, prices)


def ask(model: GuardedChatModel) -> str:
    return model.invoke([HumanMessage("Is it so?")]).text


def stream(model: GuardedChatModel) -> str:
    return "".join(chunk.text for chunk in model.stream([HumanMessage("Is it so?")]))


BOTH = pytest.mark.parametrize("way", [ask, stream])


@BOTH
def test_an_answer_is_booked(way: Callable[[GuardedChatModel], str]) -> None:
    clock = FakeClock()
    with ModelServer([Reply("It is so.", tokens=(1000, 500))], key=KEY, clock=clock) as server:
        model = model_at(server, clock)
        assert way(model) == "It is so."
        assert model.meter.spent == Spent(1, 1000, 500, 1000 / 1e6 + 2 * 500 / 1e6, 0)
        sent = server.requests[0]
        assert sent.body["temperature"] == 0.0
        assert sent.body["max_tokens"] == model.reply_tokens
        assert "max_completion_tokens" not in sent.body
    assert clock.sleeps == []


@BOTH
def test_what_no_endpoint_counts_is_counted_here(way: Callable[[GuardedChatModel], str]) -> None:
    clock = FakeClock()
    with ModelServer([Reply("It is so.", usage=False)], clock=clock) as server:
        model = model_at(server, clock)
        way(model)
        spent = model.meter.spent
    assert (spent.calls, spent.output_tokens) == (1, 4)
    assert 8 <= spent.input_tokens <= 16


@BOTH
@pytest.mark.parametrize(
    ("said", "error", "attempts", "waits"),
    [
        (faults.rate_limited(), RateLimited, 3, [0.5, 2.0]),
        (faults.rate_limited(7), RateLimited, 3, [7.0, 7.0]),
        (faults.rate_limited(milliseconds=1500), RateLimited, 3, [1.5, 1.5]),
        (faults.rate_limited("soon"), RateLimited, 3, [0.5, 2.0]),
        (faults.rate_limited("inf"), RateLimited, 3, [0.5, 2.0]),
        (faults.rate_limited(3600), RateLimited, 1, []),
        (faults.rate_limited(60), RateLimited, 1, []),
        (faults.rate_limited(40), RateLimited, 2, [40.0]),
        (faults.out_of_quota(), QuotaUsedUp, 1, []),
        (Fault(402, "Payment required"), QuotaUsedUp, 1, []),
        (faults.server_error(500), ModelUnreachable, 3, [0.5, 2.0]),
        (faults.server_error(503), ModelUnreachable, 3, [0.5, 2.0]),
        (Fault(408, "Timeout"), ModelUnreachable, 3, [0.5, 2.0]),
        (Fault(409, "Conflict"), ModelUnreachable, 3, [0.5, 2.0]),
        (faults.dropped(after=0), ModelUnreachable, 3, [0.5, 2.0]),
        (faults.context_too_long(), ContextTooLong, 1, []),
        (Fault(413, "Too large"), ContextTooLong, 1, []),
        (faults.wrong_key(KEY), WrongKey, 1, []),
        (Fault(403, f"No access for {KEY}"), WrongKey, 1, []),
        (faults.unknown_model("scripted"), UnknownModel, 1, []),
        (Fault(404, "page not found"), UnknownModel, 1, []),
        (Fault(307, "Moved", headers=(("Location", "https://elsewhere.example/v1"),)), ModelUnreachable, 1, []),
        (Fault(400, "Something else"), RequestRefused, 1, []),
        (Fault(501, "Not implemented"), RequestRefused, 1, []),
        (faults.web_page(), BadReply, 1, []),
        (faults.malformed(), BadReply, 1, []),
        (Fault(200, body='{"choices": null}'), BadReply, 1, []),
        (Fault(200, body="[" * 5000), BadReply, 1, []),
        (faults.refusal(), Refused, 1, []),
        (faults.filtered(), Refused, 1, []),
        (faults.empty(), BadReply, 1, []),
        (Reply(finish="length"), BadReply, 1, []),
        (faults.bad_arguments("search"), BadReply, 1, []),
        (Silence(step=10), BudgetEnded, 1, []),
    ],
)
def test_every_fault_is_one_line(
    said: Fault | Reply | Silence,
    error: type[ModelFault],
    attempts: int,
    waits: list[float],
    way: Callable[[GuardedChatModel], str],
) -> None:
    clock = FakeClock()
    with ModelServer(lambda _: said, clock=clock) as server:
        model = model_at(server, clock)
        with pytest.raises(error) as raised:
            way(model)
        assert type(raised.value) is error
        assert len(server.requests) == attempts
    line = str(raised.value)
    assert "\n" not in line
    assert KEY not in line
    assert len(line) < 300
    assert clock.sleeps == waits
    assert clock.now() <= model.meter.limits.deadline_s + 30, "the silent server's time goes on with every look at it"


def test_an_hour_is_named() -> None:
    clock = FakeClock()
    with ModelServer([faults.rate_limited(3600)], clock=clock) as server, pytest.raises(RateLimited) as raised:
        ask(model_at(server, clock))
    assert "asks to wait 60 min, and 60 s are left for this question" in str(raised.value)


@BOTH
def test_a_fault_that_passes_is_not_noticed(way: Callable[[GuardedChatModel], str]) -> None:
    clock = FakeClock()
    script = [faults.server_error(502), faults.rate_limited(3), Reply("Yes.")]
    with ModelServer(script, clock=clock) as server:
        assert way(model_at(server, clock)) == "Yes."
    assert clock.sleeps == [0.5, 3.0]


@BOTH
def test_a_slow_drip_ends_with_the_deadline(way: Callable[[GuardedChatModel], str]) -> None:
    clock = FakeClock()
    with ModelServer([faults.slow("word " * 100, delay=1)], clock=clock) as server:
        model = model_at(server, clock, Limits(deadline_s=45))
        with pytest.raises(BudgetEnded, match=r"45 s.*--deadline"):
            way(model)
    assert 45 <= clock.now() <= 48
    assert len(server.requests) == 1


def test_a_stream_that_breaks_off_is_billed_and_told() -> None:
    clock = FakeClock()
    with ModelServer([faults.dropped("One two three four five six.", after=3)], clock=clock) as server:
        model = model_at(server, clock)
        got: list[str] = []
        with pytest.raises(ModelUnreachable, match="broke off"):
            got.extend(chunk.text for chunk in model.stream("Count."))
        assert len(server.requests) == 1, "what was shown is not asked for again"
    assert "".join(got).startswith("One two")
    assert model.meter.spent.calls == 1
    assert model.meter.spent.output_tokens >= 2


def test_a_stream_left_by_its_reader_is_billed() -> None:
    clock = FakeClock()
    with ModelServer([Reply("One two three four five six.")], clock=clock) as server:
        model = model_at(server, clock)
        chunks = model.stream("Count.")
        next(chunks)
        chunks.close()  # type: ignore[attr-defined]
    assert model.meter.spent.calls == 1


def test_an_error_in_a_stream_is_told() -> None:
    clock = FakeClock()
    last = Reply("One two three.", cut_after=2, last_words=faults.rate_limited())
    with ModelServer(lambda _: last, clock=clock) as server:
        model = model_at(server, clock)
        with pytest.raises(ModelFault, match=r"127\.0\.0\.1"):
            stream(model)


def test_nobody_there() -> None:
    clock = FakeClock()
    with ModelServer() as server:
        pass
    with pytest.raises(ModelUnreachable, match=r"cannot be reached, asked 3 times; is the server running"):
        ask(model_at(server, clock))
    assert clock.sleeps == [0.5, 2.0]


@pytest.mark.parametrize("refused", ["temperature", "stream_options"])
def test_what_an_endpoint_does_not_take_is_left_out(refused: str) -> None:
    clock = FakeClock()
    with ModelServer(lambda _: "Yes.", refuses=(refused,), clock=clock) as server:
        model = model_at(server, clock)
        assert stream(model) == "Yes."
        assert stream(model) == "Yes."
        assert [refused in request.body for request in server.requests] == [True, False, False]


def test_tokens_end_before_the_call() -> None:
    clock = FakeClock()
    with ModelServer(lambda _: Reply("Yes.", tokens=(200, 100)), clock=clock) as server:
        model = model_at(server, clock, Limits(max_tokens=400))
        assert ask(model) == "Yes."
        assert 300 <= int(str(server.requests[0].body["max_tokens"])) < 400
        assert ask(model) == "Yes."
        assert int(str(server.requests[1].body["max_tokens"])) < 100
        with pytest.raises(BudgetEnded, match=r"tokens .*\(400\).*--max-tokens"):
            ask(model)
        assert len(server.requests) == 2


def test_money_ends_before_the_call() -> None:
    clock = FakeClock()
    with ModelServer(lambda _: Reply("Yes.", tokens=(1000, 1000)), clock=clock) as server:
        model = model_at(server, clock, Limits(max_cost=0.003))
        assert ask(model) == "Yes."
        assert int(str(server.requests[0].body["max_tokens"])) < 1500, "no more than the money pays for"
        with pytest.raises(BudgetEnded, match=r"\$0\.003\).*\$0\.0030 are spent.*--max-cost"):
            ask(model)
        assert len(server.requests) == 1
        unknown = model_at(server, clock, Limits(max_cost=1.0), prices=Prices())
        with pytest.raises(BudgetEnded, match="price of 'scripted' is not known"):
            ask(unknown)


def test_an_unknown_price_is_not_nothing() -> None:
    clock = FakeClock()
    with ModelServer(["Yes."], clock=clock) as server:
        model = model_at(server, clock, prices=Prices())
        assert model.meter.spent.cost == 0.0
        ask(model)
    assert model.meter.spent.cost is None


def test_a_prompt_that_cannot_fit_is_not_sent() -> None:
    clock = FakeClock()
    with ModelServer(["Yes."], clock=clock) as server:
        model = model_at(server, clock, context_tokens=512)
        with pytest.raises(ContextTooLong, match="config set context-tokens"):
            model.invoke("word " * 600)
        assert server.requests == []
        assert model.room == 512 - 170


def test_each_question_has_its_own_meter() -> None:
    clock = FakeClock()
    with ModelServer(lambda _: Reply("Yes.", tokens=(10, 5)), models=("scripted", "tiny"), clock=clock) as server:
        model = model_at(server, clock, small="tiny")
        first, second = model.with_meter(model.new_meter()), model.with_meter(model.new_meter())
        ask(first)
        ask(first.cheaper)
        ask(second)
        assert [request.model for request in server.requests] == ["scripted", "tiny", "scripted"]
    assert (first.meter.spent.calls, second.meter.spent.calls, model.meter.spent.calls) == (2, 1, 0)
    assert first.cheaper.meter is first.meter
    assert first.meter.spent.cost is None, "the price of the small model is not known"


def test_a_password_in_the_address_is_not_shown() -> None:
    clock = FakeClock()
    with ModelServer(["Yes.", Fault(500, "no"), Fault(500, "no"), Fault(500, "no")], clock=clock) as server:
        choice = ModelChoice("scripted", server.base_url.replace("http://", "http://ann:hunter2@"), KEY)
        model = connect(choice, Limits(), ReplyCache(None), clock, PRICES)
        assert ask(model) == "Yes."
        assert server.requests[0].key is None, "the password goes in place of the key"
        with pytest.raises(ModelUnreachable) as raised:
            ask(model)
    shown = f"{raised.value} {choice!r} {model!r} {model.choice}"
    assert "***@127.0.0.1" in shown
    assert "hunter2" not in shown
    assert KEY not in shown


@tool
def search(query: str) -> str:
    """Search the library."""
    return query


@BOTH
def test_tools(way: Callable[[GuardedChatModel], str], tmp_path: Path) -> None:
    clock = FakeClock()
    call = Reply(tool_calls=(ToolCall("search", {"query": "memory"}),))
    with ModelServer([call], clock=clock) as server:
        for _ in range(2):  # the second time it comes from the recording
            model = model_at(server, clock, cache=ReplyCache(tmp_path))
            bound = model.bind_tools([search])
            if way is ask:
                reply = bound.invoke("Look.")
            else:
                whole = None
                for chunk in bound.stream("Look."):
                    whole = chunk if whole is None else whole + chunk  # type: ignore[operator]
                assert whole is not None
                reply = whole
            assert isinstance(reply, AIMessage)
            assert [(made["name"], made["args"]) for made in reply.tool_calls] == [("search", {"query": "memory"})]
        assert [request.tools for request in server.requests] == [("search",)]


@BOTH
def test_recordings_answer_again_and_alone(way: Callable[[GuardedChatModel], str], tmp_path: Path) -> None:
    clock = FakeClock()
    with ModelServer([Reply("It is so.", tokens=(9, 9))], clock=clock) as server:
        assert way(model_at(server, clock, cache=ReplyCache(tmp_path))) == "It is so."
        again = model_at(server, clock, Limits(max_tokens=1), cache=ReplyCache(tmp_path))
        assert way(again) == "It is so."
        assert again.meter.spent == Spent(0, 0, 0, 0.0, 1)
        assert len(server.requests) == 1
        replay = model_at(server, clock, cache=ReplyCache(tmp_path, replay=True))
        forbid_real_requests()
        assert way(replay) == "It is so."
        with pytest.raises(ReplayMissing, match="without --replay"):
            replay.invoke("Another question?")
    assert KEY not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))


def test_the_switch_forbids_real_requests() -> None:
    clock = FakeClock()
    with ModelServer(["Yes."], clock=clock) as server:
        forbid_real_requests()
        for way in (ask, stream):
            with pytest.raises(RealRequestForbidden, match="PLUMBLINE_FORBID_MODEL"):
                way(model_at(server, clock))
        assert server.requests == []
        forbid_real_requests(except_loopback=True)
        assert ask(model_at(server, clock)) == "Yes."
    far = connect(ModelChoice("gpt", None, KEY), Limits(), ReplyCache(None), clock)
    with pytest.raises(RealRequestForbidden, match=r"api\.openai\.com"):
        ask(far)
    assert connecting._SWITCH.forbidden


def guarded(inner: ScriptedChatModel, clock: FakeClock, limits: Limits = LIMITS) -> GuardedChatModel:
    return GuardedChatModel(
        inner=inner,
        choice=ModelChoice("scripted"),
        meter=Meter(limits, clock, PRICES),
        cache_of_replies=ReplyCache(None),
    )


@BOTH
def test_any_chat_model_can_stand_behind_the_guard(way: Callable[[GuardedChatModel], str]) -> None:
    inner = ScriptedChatModel(["It is so."])
    model = guarded(inner, FakeClock())
    assert way(model) == "It is so."
    assert model.meter.spent.calls == 1
    assert len(inner.calls) == 1


def test_the_agent_of_langchain_runs_on_it() -> None:
    from langchain.agents import create_agent

    inner = ScriptedChatModel([Reply(tool_calls=(ToolCall("search", {"query": "memory"}),)), "Done."])
    model = guarded(inner, FakeClock())
    done = create_agent(model, [search]).invoke({"messages": [HumanMessage("Look.")]})
    assert done["messages"][-1].text == "Done."
    assert model.meter.spent.calls == 2
    assert inner.calls[0].tools == ("search",)
