"""Every fault of an endpoint: told as what it is, in one line, within the deadline, and never in the answer's way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from agent.cli import main
from agent.errors import BudgetEnded, RealRequestForbidden
from agent.models.cache import ReplyCache
from agent.models.connect import connect
from agent.models.protocol import Limits, ModelChoice
from agent.models.structured import structured
from agent.testing import FakeClock, Fault, ModelServer, faults
from evals.faults.__main__ import table
from evals.faults.cases import CASES, DRIP, KEY, STEP, FaultCase
from evals.faults.measure import DEADLINE, QUESTION, End, Measured, Workplace
from prompts import Message
from store.library import Library

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
REQUESTS_OF_A_QUESTION = 9
LOOKS = 3
"""How often who has passed the deadline may look at the clock, which a slow endpoint then moves."""
CLASSES = {"answers", "RateLimited", "QuotaUsedUp", "ModelUnreachable", "BudgetEnded", "BadReply", "Refused"} | {
    "UnknownModel",
    "ContextTooLong",
    "WrongKey",
}


@pytest.fixture(scope="module")
def place(demo_library: Library) -> Workplace:
    return Workplace(demo_library)


@pytest.fixture(scope="module", params=CASES, ids=[case.name for case in CASES])
def found(request: pytest.FixtureRequest, place: Workplace) -> Measured:
    return place.measure(request.param)


def test_one_call_is_told_as_what_it_is_and_asks_again_only_where_that_helps(found: Measured) -> None:
    expected = "" if found.case.error is None else found.case.error.__name__
    assert found.call.error == expected
    assert found.call.requests == found.case.requests


def test_time_keeps_to_the_deadline(found: Measured) -> None:
    for end in (found.call, found.at_once, found.alone, found.writing):
        assert end.seconds <= DEADLINE + (LOOKS * DRIP if found.case.name == "slow drip" else STEP), end


def test_a_question_asks_a_bounded_number_of_times(found: Measured) -> None:
    for end in (found.at_once, found.alone, found.writing):
        assert end.requests <= REQUESTS_OF_A_QUESTION
    if found.case.error is not None and found.case.error.__name__ in ("WrongKey", "QuotaUsedUp", "UnknownModel"):
        assert found.at_once.requests == 1


def test_the_reader_has_an_answer_and_one_line_that_says_what_failed(found: Measured) -> None:
    for end in (found.at_once, found.writing):
        assert not end.error
        assert end.own + end.keyless > 0
    lines = [end.line for end in (found.call, found.at_once, found.alone, found.writing)]
    for line in lines:
        assert "\n" not in line
        assert len(line) < 320
        assert KEY not in line
    if found.case.times is None:
        assert all(lines[1:])
        assert "extractive" in found.at_once.line or found.at_once.own


def test_without_fallback_a_fault_is_an_error_or_a_partial_answer(found: Measured) -> None:
    if found.case.times is not None:
        assert found.alone.own > 0
    elif found.alone.own:
        assert "what was checked until then is shown" in found.alone.line
    else:
        assert found.alone.error
    assert found.alone.keyless == 0


def test_work_done_before_a_fault_is_kept(place: Workplace) -> None:
    by_name = {case.name: case for case in CASES}
    for name in ("dropped in the reply", "slow drip", "JSON in the text breaks off", "cut at the length limit"):
        writing = place.measure(by_name[name]).writing
        assert writing.own >= 2, (name, writing)
        assert "what was checked until then is shown" in writing.line


def test_a_wait_of_an_hour_is_not_begun_and_is_told() -> None:
    (case,) = (case for case in CASES if "an hour" in case.name)
    clock = FakeClock()
    with ModelServer(lambda request: faults.rate_limited(3600), clock=clock) as server:
        model = connect(ModelChoice(server.model, server.base_url), Limits(), ReplyCache(None), clock)
        assert case.error is not None
        with pytest.raises(case.error, match="60 min"):
            model.invoke("hello")
    assert clock.sleeps == []


def test_the_deadline_is_for_all_of_a_question_not_for_each_call() -> None:
    clock = FakeClock()
    text = "word " * 40
    with ModelServer(lambda request: faults.slow(text, 1.0), clock=clock) as server:
        model = connect(ModelChoice(server.model, server.base_url), Limits(deadline_s=60), ReplyCache(None), clock)
        assert model.invoke("hello").text == text
        with pytest.raises(BudgetEnded):
            model.invoke("hello again")
    assert 60 <= clock.now() <= 60 + LOOKS


class Finding(BaseModel):
    """What a paper reports."""

    subject: str


REFUSED_SCHEMA = (
    Fault(400, "Unsupported parameter: 'response_format'", param="response_format"),
    Fault(500, "1 validation error: {'loc': ('body', 'response_format', 'type')", "internal_server_error"),
    Fault(422, body='{"detail": [{"loc": ["body", "response_format", "type"], "msg": "unexpected value"}]}'),
)


@pytest.mark.parametrize("refused", REFUSED_SCHEMA)
def test_an_endpoint_without_json_schemas_is_asked_for_json_in_text_once_and_for_all(refused: Fault) -> None:
    text = '{"subject": "ZO2"}'
    with ModelServer(lambda asked: text if asked.schema is None else refused) as server:
        model = connect(ModelChoice(server.model, server.base_url), Limits(), ReplyCache(None), FakeClock())
        for _ in range(2):
            assert structured(model, [Message("You read papers.", "Of what?")], Finding) == Finding(subject="ZO2")
    assert [asked.schema is None for asked in server.requests] == [False, True, True]


ASKED_ONCE = (
    (faults.out_of_quota(), "quota is used up"),
    (faults.rate_limited(3600), "60 min"),
    (faults.wrong_key(KEY), "refuses the key"),
    (faults.unknown_model("scripted"), "no model 'scripted'"),
)


@pytest.mark.parametrize(("fault", "said"), ASKED_ONCE)
def test_ask_answers_without_the_model_where_that_is_allowed_and_says_so_in_a_line(
    fault: Fault, said: str, demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLUMBLINE_API_KEY", KEY)
    with ModelServer([fault, fault]) as server:
        command = ["--library", str(demo_copy), "ask", QUESTION, "--model", server.model, "--base-url", server.base_url]
        assert _ended([*command, "--json"]) == 0
        answered = capsys.readouterr()
        assert _ended([*command, "--no-fallback"]) == 2
        failed = capsys.readouterr()
        assert len(server.requests) == 2
    document = json.loads(answered.out)
    assert document["engine"] == "extractive"
    assert document["sentences"]
    assert failed.out == ""
    for shown in (answered, failed):
        assert len(shown.err.splitlines()) == 1
        assert said in shown.err
        assert KEY not in shown.err + shown.out


def _ended(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_no_test_asks_a_model_that_is_not_on_this_machine() -> None:
    choice = ModelChoice("any", "https://models.example.org/v1", KEY)
    with pytest.raises(RealRequestForbidden) as caught:
        connect(choice, Limits(), ReplyCache(None), FakeClock()).invoke("hello")
    assert KEY not in str(caught.value)


def test_the_page_has_every_fault_as_it_is_told() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| (\w+) \| \d", PAGE.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == {case.name: _told_as(case) for case in CASES}
    assert {told for _, told in rows} == CLASSES


def _told_as(case: FaultCase) -> str:
    return "answers" if case.error is None else case.error.__name__


def test_the_table_has_a_row_and_a_line_for_every_fault() -> None:
    end = End(1, 2.0, "WrongKey", "refused", 0, 3)
    text = table([Measured(case, end, end, end, end) for case in CASES])
    assert text.count("| WrongKey | 1 | 2.0 | 3 keyless | 1 | 2.0 | 3 keyless |") == len(CASES)
    assert text.count(": refused\n") == len(CASES)
