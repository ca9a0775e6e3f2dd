"""Conversations: follow-ups, stable keys, filters, commands, and sane pipes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from agent import cli
from agent.app import make_grounder
from agent.chat import Conversation, describe_filter, narrowed
from agent.cli import chat as chat_command
from agent.cli.chat_commands import Quit, respond
from agent.cli.chat_lines import Lines, at_terminal
from agent.engines.extractive import ExtractiveEngine
from agent.errors import BadInput
from agent.testing import ScriptedEngine
from agent.types import Claim
from store.library import Library
from store.types import SearchFilter

FIRST = "How much memory does ZO2 need?"
FOLLOW_UP = "and how fast is DistZO2?"


@pytest.fixture
def conversation(demo_library: Library) -> Conversation:
    return Conversation(demo_library, ExtractiveEngine(), make_grounder(demo_library))


def chat(monkeypatch: pytest.MonkeyPatch, library: Path, text: str, *arguments: str) -> int:
    """`plumbline chat` with `text` piped in; its exit code."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as end:
        cli.main(["--library", str(library), "chat", *arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_a_follow_up_leans_on_the_turn_before_and_keys_stay(conversation: Conversation) -> None:
    first = conversation.ask(FIRST)
    keys = dict(conversation.keys)
    assert {source.key for source in first.sources} == set(keys.values())
    conversation.ask("and on speed?")
    last = conversation.last
    assert last is not None
    assert any(subject.name == "ZO2" for subject in last.plan.subjects)
    assert keys.items() <= dict(conversation.keys).items()
    assert len(set(conversation.keys.values())) == len(conversation.keys)


def test_sources_are_listed_once_in_the_order_first_cited(conversation: Conversation) -> None:
    conversation.ask(FIRST)
    conversation.ask(FIRST)
    papers = [source.paper.paper_id for source in conversation.sources()]
    assert papers
    assert len(papers) == len(set(papers))


def test_a_turn_that_fails_leaves_the_conversation_as_it_was(demo_library: Library) -> None:
    def interrupted(*_: object) -> tuple[Claim, ...]:
        raise KeyboardInterrupt

    conversation = Conversation(demo_library, ScriptedEngine(interrupted), make_grounder(demo_library))
    for error, question in ((BadInput, " "), (KeyboardInterrupt, FIRST)):
        with pytest.raises(error):
            conversation.ask(question)
        assert (conversation.turns, dict(conversation.keys)) == ((), {})


def test_what_no_source_says_is_not_shown(demo_library: Library) -> None:
    engine = ScriptedEngine(lambda _, evidence: [Claim("ZO2 needs 999GB of memory.", (evidence[0].evidence_id,))])
    answer = Conversation(demo_library, engine, make_grounder(demo_library)).ask(FIRST)
    assert engine.calls
    assert all("999" not in sentence.text for sentence in answer.sentences)


@pytest.mark.parametrize(
    ("text", "filters", "described"),
    [
        ("year>=2023", SearchFilter(year_from=2023), "year>=2023"),
        ("year > 2022, year<2026", SearchFilter(2023, 2025), "year>=2023 year<=2025"),
        ("year=2024", SearchFilter(2024, 2024), "year>=2024 year<=2024"),
        ("source=b.csv source=a.jsonl", SearchFilter(sources=("a.jsonl", "b.csv")), "source=a.jsonl source=b.csv"),
        ('venue="Big Conf" tag=x', SearchFilter(venues=("Big Conf",), tags=("x",)), 'venue="Big Conf" tag=x'),
        ("clear", SearchFilter(), "none"),
    ],
)
def test_filters_are_read_and_told_as_typed(text: str, filters: SearchFilter, described: str) -> None:
    assert narrowed(SearchFilter(), text) == filters
    assert describe_filter(filters) == described
    assert described == "none" or narrowed(SearchFilter(), described) == filters


def test_filters_add_up_until_cleared() -> None:
    both = narrowed(narrowed(SearchFilter(), "year>=2023"), "tag=x")
    assert both == SearchFilter(year_from=2023, tags=("x",))
    assert narrowed(both, "clear") == SearchFilter()


@pytest.mark.parametrize(
    "text", ["", "recent ones", "year>=soon", "year>=20234", "colour=red", "tag>=x", "year>=2023 please"]
)
def test_a_filter_that_cannot_be_read_says_what_can_be_written(text: str) -> None:
    with pytest.raises(BadInput, match="year>=2023"):
        narrowed(SearchFilter(), text)


def test_commands(conversation: Conversation, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def said(line: str) -> str:
        respond(conversation, line)
        return capsys.readouterr().out

    assert "/why N" in said("/help")
    assert said("/sources") == "No paper has been cited yet.\n"
    said(FIRST)
    assert "ZO2: Scalable" in said("/sources")
    assert said("/why 1") == said("/why [1]")
    assert "confidence" in said("/why 1")
    assert said("/filter tag=x") == "filter: tag=x\n"
    assert said("/filter") == "filter: tag=x\n"
    assert said("/filter clear") == "filter: none\n"
    saved = tmp_path / "talk.md"
    assert "saved 1 turn" in said(f"/save {saved}")
    assert saved.read_text("utf-8").startswith(f"## {FIRST}\n")
    with pytest.raises(Quit):
        respond(conversation, "/quit")


def test_saving_never_overwrites(conversation: Conversation, tmp_path: Path) -> None:
    conversation.ask(FIRST)
    mine = tmp_path / "mine.md"
    mine.write_text("mine")
    with pytest.raises(BadInput, match="exists"):
        respond(conversation, f"/save {mine}")
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/sourcs", "did you mean /sources"),
        ("/xyzzy", "try /help"),
        ("/why 1", "ask a question first"),
        ("/save", "say where"),
        ("/save x.md", "nothing to save"),
        ("/filter colour=red", "there is no filter"),
    ],
)
def test_a_command_that_cannot_be_done_says_what_can(conversation: Conversation, line: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        respond(conversation, line)


def test_a_filter_narrows_what_is_answered(conversation: Conversation) -> None:
    conversation.filters = SearchFilter(tags=("no such tag",))
    assert conversation.ask(FIRST).abstained


def test_why_of_an_unknown_number_names_the_range(conversation: Conversation) -> None:
    conversation.ask(FIRST)
    with pytest.raises(BadInput, match="has quotes 1 to"):
        respond(conversation, "/why 99")


def test_a_pipe_gets_one_answer_a_line_and_no_prompt(
    demo_library_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(monkeypatch, demo_library_path, f"{FIRST}\n\n   \n{FOLLOW_UP}\n", "--json") == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["question"] for line in out.splitlines()] == [FIRST, FOLLOW_UP]
    assert err == ""


def test_an_error_in_a_pipe_does_not_end_the_chat_but_shows_in_the_exit_code(
    demo_library_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(monkeypatch, demo_library_path, f"/nope\n?!\n{FIRST}\n/quit\nnever asked\n", "--json") == 2
    out, err = capsys.readouterr()
    assert [json.loads(line)["question"] for line in out.splitlines()] == [FIRST]
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "error"]


def test_ctrl_c_stops_the_answer_and_not_the_chat(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def ask(question: str) -> None:
        asked.append(question)
        raise KeyboardInterrupt

    monkeypatch.setattr(conversation, "ask", ask)
    lines = Lines(iter(["one", "two"]), interactive=True)
    assert chat_command._talk(conversation, lines, json=False) == 0
    assert asked == ["one", "two"]
    assert capsys.readouterr().err.count("stopped") == 2
    with pytest.raises(KeyboardInterrupt):
        chat_command._talk(conversation, Lines(iter(["one"]), interactive=False), json=False)


def test_the_prompt_edits_lines_keeps_history_and_ends_on_ctrl_d(tmp_path: Path) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("hello\x7f!\r")  # backspace edits
        keys.send_text("dropped\x03")  # Ctrl-C at the prompt drops the line
        keys.send_text("again\r")
        keys.send_text("\x04")  # Ctrl-D
        assert list(at_terminal(tmp_path, 3)) == ["hell!", "again"]
    history = (tmp_path / "chat-history").read_text("utf-8")
    assert "+hell!\n" in history
    assert "dropped" not in history
