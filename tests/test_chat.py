"""Conversations: follow-ups, stable keys, filters, commands, and sane pipes."""

from __future__ import annotations

import io
import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from agent import cli
from agent.app import make_grounder
from agent.chat import Conversation, describe_filter, narrowed
from agent.chat.comparing import comparison_of
from agent.chat.looking import meant, reported, surroundings
from agent.chat.record import Record
from agent.cli import chat as chat_command
from agent.cli.chat_commands import COMMANDS, Quit, respond
from agent.cli.chat_completion import ChatCompleter
from agent.cli.chat_desk import Desk
from agent.cli.chat_lines import Lines, at_terminal
from agent.engines.extractive import ExtractiveEngine
from agent.errors import BadInput, PlumblineError
from agent.testing import ScriptedEngine
from agent.types import Claim, Label
from store.library import Library
from store.sessions import Sessions
from store.types import SearchFilter

FIRST = "How much memory does ZO2 need?"
FOLLOW_UP = "and how fast is DistZO2?"


@pytest.fixture
def conversation(demo_library: Library) -> Conversation:
    return Conversation(demo_library, ExtractiveEngine(), make_grounder(demo_library))


@pytest.fixture
def desk(conversation: Conversation, tmp_path: Path) -> Desk:
    return Desk(conversation, place=tmp_path)


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


def test_commands(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def said(line: str) -> str:
        respond(desk, line)
        return capsys.readouterr().out

    assert all(f"/{command.name} " in said("/help") for command in COMMANDS)
    assert said("/sources") == "No paper has been cited yet.\n"
    said(FIRST)
    assert "ZO2: Scalable" in said("/sources")
    assert said("/why 1") == said("/why [1]")
    assert "confidence" in said("/why 1")
    assert said("/filter tag=x") == "filter: tag=x (0 papers pass)\n"
    assert said("/filter") == "filter: tag=x (0 papers pass)\n"
    assert said("/filter clear") == "filter: none\n"
    assert "wrote 1 turn" in said("/export talk.md")
    written = (desk.place / "talk.md").read_text("utf-8")
    assert written.startswith(f"## {FIRST}\n")
    assert "## Sources\n\n- zo2: ZO2: Scalable" in written
    assert "nothing was spent" in said("/cost")
    assert said("/model") == "answers are written by: extractive\n"
    assert said("/undo") == f"taken back: {FIRST}\n"
    with pytest.raises(Quit):
        respond(desk, "/quit")


def test_papers_are_read_searched_and_their_figures_listed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def said(line: str) -> str:
        respond(desk, line)
        return capsys.readouterr().out

    said(FIRST)
    key = desk.conversation.keys[meant("ZO2", desk.conversation.library, {}).paper_id]
    assert said(f"/read {key}") == said("/read ZO2") == said(f"/read @{key}")
    figures = said(f"/findings {key}")
    assert "18GB" in figures
    assert "characters 243 to 311" in figures
    assert "SpecTr" in said("/search speculative decoding")
    listed = said("/search source=digests.jsonl")
    assert len(listed.splitlines()) >= 50
    assert said("/search year>=2024") == "no paper in the library passes\n"


def test_every_figure_listed_stands_in_the_paper(demo_library: Library) -> None:
    counted = 0
    for paper in demo_library.papers():
        for one in reported(paper, demo_library):
            assert paper.abstract[one.sentence.start : one.sentence.end] == one.sentence.text
            for finding in one.findings:
                assert paper.abstract[finding.start : finding.end] == finding.quantity.text
                counted += 1
    assert counted > 50


def test_a_quote_stands_in_its_context(conversation: Conversation) -> None:
    answer = conversation.ask(FIRST)
    citation = answer.sentences[1].citations[0]
    around = surroundings(citation, conversation.library)
    abstract = conversation.library.paper(citation.paper_id).abstract
    assert f"{around.before} {citation.quote} {around.after}" in abstract
    assert around.fault == ""
    assert "changed since" in surroundings(replace(citation, quote="Other words."), conversation.library).fault
    assert "no longer" in surroundings(replace(citation, paper_id="p000000000000"), conversation.library).fault


@pytest.mark.parametrize(
    ("text", "names", "aspects"),
    [
        ("Falcon SpecTr on speed", ("Falcon", "SpecTr"), ("speed",)),
        ("falcon and spectr", ("Falcon", "SpecTr"), ()),
        ("Falcon, SpecTr and ZO2 on memory", ("Falcon", "SpecTr", "ZO2"), ("memory",)),
        ("Falcon vs. SpecTr in terms of quality", ("Falcon", "SpecTr"), ("quality",)),
        ("Sparse MeZO ZO2", ("Sparse MeZO", "ZO2"), ()),
        ('"SpecTr: Fast Speculative Decoding via Optimal Transport" "ZO2"', ("SpecTr", "ZO2"), ()),
        ("Falcon SpecTr on frobnication", ("Falcon", "SpecTr"), ("frobnication",)),
    ],
)
def test_what_is_compared(text: str, names: tuple[str, ...], aspects: tuple[str, ...], demo_library: Library) -> None:
    plan = comparison_of(text, demo_library, {})
    assert tuple(subject.name for subject in plan.subjects) == names
    assert tuple(aspect.name for aspect in plan.aspects) == aspects
    assert all(len(subject.paper_ids) == 1 for subject in plan.subjects)


def test_a_comparison_is_a_turn_like_any_other(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    respond(desk, "/compare Falcon SpecTr on speed")
    out = capsys.readouterr().out
    assert "Side by side" in out
    last = desk.conversation.last
    assert last is not None
    assert {source.key for source in last.answer.sources} == {"falcon", "spectr"}
    assert all(sentence.verdict.label is Label.SUPPORTED for sentence in last.answer.sentences)
    respond(desk, "and on quality?")
    assert {s.name for s in desk.conversation.turns[-1].plan.subjects} >= {"Falcon", "SpecTr"}


def test_undo_takes_the_turn_back_and_keys_keep_their_meaning(conversation: Conversation) -> None:
    conversation.ask(FIRST)
    keys = dict(conversation.keys)
    conversation.ask("How fast is SpecTr?")
    later = dict(conversation.keys)
    assert conversation.undo().plan.question == "How fast is SpecTr?"
    assert len(conversation.turns) == 1
    assert {s.key for s in conversation.sources()} == set(keys.values())
    assert dict(conversation.keys) == later
    conversation.undo()
    with pytest.raises(BadInput, match="no turn"):
        conversation.undo()


def test_a_draft_goes_into_a_new_folder_each_time(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.place / "review-speculative-decoding").mkdir()
    respond(desk, "/draft speculative decoding")
    folder = desk.place / "review-speculative-decoding-2"
    assert f"written to {folder}" in capsys.readouterr().out
    assert (folder / "review.md").is_file()
    assert not list((desk.place / "review-speculative-decoding").iterdir())


def test_writing_never_overwrites(desk: Desk) -> None:
    desk.conversation.ask(FIRST)
    mine = desk.place / "mine.md"
    mine.write_text("mine")
    for command in ("/export", "/save"):
        with pytest.raises(BadInput, match="exists"):
            respond(desk, f"{command} {mine}")
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/sourcs", "did you mean /sources"),
        ("/xyzzy", "try /help"),
        ("/", "try /help"),
        ("/why 1", "ask a question first"),
        ("/export", "say where"),
        ("/export x.md", "nothing to write"),
        ("/filter colour=red", "there is no filter"),
        ("/filter year>=2024 year<=2020", "no year passes"),
        ("/search colour=red", "there is no filter"),
        ("/read", "say which paper"),
        ("/read no such paper at all", "no paper"),
        ("/findings xyzzy", "no paper"),
        ("/compare", "say what to compare"),
        ("/compare Falcon", "two papers are needed"),
        ("/compare Falcon and xyzzy on speed", "no paper 'xyzzy'"),
        ("/compare Falcon Falcon", "two papers are needed"),
        ("/compare " + "a " * 500, "cannot compare"),
        ("/draft", "the topic is empty"),
        ("/draft zzyzx qwertz", "no paper"),
        ("/undo", "no turn"),
        ("/sessions", "not kept"),
        ("/resume 1", "not kept"),
        ("/forget 1", "not kept"),
    ],
)
def test_a_command_that_cannot_be_done_says_what_can(desk: Desk, line: str, says: str) -> None:
    with pytest.raises(PlumblineError, match=re.escape(says)) as error:
        respond(desk, line)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


def test_a_filter_narrows_what_is_answered(conversation: Conversation) -> None:
    conversation.filters = SearchFilter(tags=("no such tag",))
    assert conversation.ask(FIRST).abstained


def test_why_of_an_unknown_number_names_the_range(desk: Desk) -> None:
    desk.conversation.ask(FIRST)
    with pytest.raises(BadInput, match="has quotes 1 to"):
        respond(desk, "/why 99")


def test_a_pipe_gets_one_answer_a_line_and_no_prompt(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(monkeypatch, demo_copy, f"{FIRST}\n\n   \n{FOLLOW_UP}\n", "--json") == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["question"] for line in out.splitlines()] == [FIRST, FOLLOW_UP]
    assert err == ""


def test_an_error_in_a_pipe_does_not_end_the_chat_but_shows_in_the_exit_code(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert chat(monkeypatch, demo_copy, f"/nope\n?!\n{FIRST}\n/quit\nnever asked\n", "--json") == 2
    out, err = capsys.readouterr()
    assert [json.loads(line)["question"] for line in out.splitlines()] == [FIRST]
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "error"]


def test_in_json_stdout_holds_documents_only(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "/help\n/search speculative decoding\n/read ZO2\n/compare Falcon SpecTr\n/sources\n/sessions\n/resume 1\n"
    assert chat(monkeypatch, demo_copy, lines, "--json") == 0
    out, err = capsys.readouterr()
    schemas = [json.loads(line)["schema"] for line in out.splitlines()]
    assert schemas == ["plumbline.search/1", "plumbline.paper/1", "plumbline.answer/1"]
    assert "/export FILE.md" in err
    assert "SpecTr" in err


def test_ctrl_c_stops_the_answer_and_not_the_chat(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def ask(question: str, listen: object) -> None:
        asked.append(question)
        raise KeyboardInterrupt

    monkeypatch.setattr(desk.conversation, "ask", ask)
    lines = Lines(iter(["one", "two"]), interactive=True)
    assert chat_command._talk(desk, lines) == 0
    assert asked == ["one", "two"]
    assert capsys.readouterr().err.count("stopped") == 2
    with pytest.raises(KeyboardInterrupt):
        chat_command._talk(desk, Lines(iter(["one"]), interactive=False))


def test_the_prompt_edits_lines_keeps_history_and_ends_on_ctrl_d(tmp_path: Path, conversation: Conversation) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("hello\x7f!\r")  # backspace edits
        keys.send_text("dropped\x03")  # Ctrl-C at the prompt drops the line
        keys.send_text("again\r")
        keys.send_text("\x04")  # Ctrl-D
        assert list(at_terminal(tmp_path, ChatCompleter(conversation))) == ["hell!", "again"]
    history = (tmp_path / "chat-history").read_text("utf-8")
    assert "+hell!\n" in history
    assert "dropped" not in history


def test_without_a_library_no_history_is_kept(tmp_path: Path, conversation: Conversation) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("secret\r\x04")
        assert list(at_terminal(None, ChatCompleter(conversation))) == ["secret"]
    assert not list(tmp_path.iterdir())


def completions(conversation: Conversation, line: str) -> list[str]:
    found = ChatCompleter(conversation).get_completions(Document(line), CompleteEvent())
    return [line[: len(line) + one.start_position] + one.text for one in found]


def test_completion_of_commands_keys_titles_numbers_and_terms(conversation: Conversation) -> None:
    assert completions(conversation, "/se") == ["/search", "/sessions"]
    assert completions(conversation, "how") == []
    assert completions(conversation, "/why ") == []
    conversation.ask(FIRST)
    assert completions(conversation, "/why ")[:2] == ["/why 1", "/why 2"]
    assert completions(conversation, "/read zo")[0] == "/read zo2"
    title = "SpecTr: Fast Speculative Decoding via Optimal Transport"
    assert completions(conversation, "/read optimal tr") == [f"/read {title}"]
    assert completions(conversation, "/compare zo2 spectr") == [f'/compare zo2 "{title}"']
    assert completions(conversation, '/compare zo2 "optimal tr') == [f'/compare zo2 "{title}"']
    assert completions(conversation, "/filter ye") == ["/filter year>=", "/filter year<=", "/filter year="]
    assert completions(conversation, "/resume ") == []


def test_hostile_titles_and_questions_reach_no_terminal_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "\x1b[2J\u202e<img src=x>[a](javascript:b)"
    lines = [
        {"title": f"Tile{n}: tiling {evil}", "abstract": f"Tile{n} is {n}x faster {evil}. It needs {n} GB of memory."}
        for n in (2, 3)
    ]
    (tmp_path / "p.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    with (
        Library.open(tmp_path / "library", create=True) as library,
        closing(Sessions(library.folder)) as file,
    ):
        library.add([tmp_path / "p.jsonl"])
        record = Record(file, lambda: datetime(2026, 11, 21, tzinfo=UTC), pytest.fail)
        talk = Conversation(library, ExtractiveEngine(), make_grounder(library), record)
        desk = Desk(talk, place=tmp_path)
        for line in (
            f"How fast is Tile2? {evil}", "/sources", "/why 1", "/findings Tile2", "/read Tile2", "/search tiling",
            f'/filter tag="{evil}"', "/filter clear", "/compare Tile2 Tile3 on speed", "/sessions", "/export talk.md",
            "/undo", "/resume 1",
        ):  # fmt: skip
            respond(desk, line)
        offered = completions(talk, "/read tiling")
    shown = "".join(capsys.readouterr()) + "".join(offered)
    assert "Tile2" in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", shown)
    written = (tmp_path / "talk.md").read_text("utf-8")
    assert not re.search(r"(?<!\\)(?:\]\(|<img)", written)
