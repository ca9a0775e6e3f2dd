"""Conversations that are kept: what comes back, what a kill costs, two chats at once, files that are not sound."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.app import make_grounder
from agent.chat import Conversation, State
from agent.chat.record import Record
from agent.cli.chat_commands import respond
from agent.cli.chat_desk import Desk
from agent.engines.extractive import ExtractiveEngine
from agent.errors import BadInput, PlumblineError
from agent.types import Answer, Run
from store.errors import (
    LibraryDamaged,
    LibraryLocked,
    LibraryReadOnly,
    LibraryTooNew,
    SessionChanged,
    SessionDamaged,
    UnknownSession,
)
from store.library import Library
from store.schema import SESSIONS
from store.sessions import SESSIONS_NAME, Sessions, StoredTurn, Version
from store.types import SearchFilter

FIRST = "How much memory does ZO2 need?"
SECOND = "How fast is SpecTr?"
AT = "2026-11-21T12:00:00+00:00"


def turn(number: int) -> StoredTurn:
    return StoredTurn(f"Question {number}?", json.dumps({"number": number}))


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    with closing(Sessions(tmp_path)) as opened:
        yield opened


# the file


def test_nothing_is_made_until_something_is_kept(sessions: Sessions) -> None:
    assert sessions.listed() == ()
    assert sessions.faults() == ()
    with pytest.raises(UnknownSession, match="none is kept"):
        sessions.load(1)
    assert not sessions.path.exists()


def test_what_is_kept_comes_back(sessions: Sessions) -> None:
    version = sessions.begin("state", [turn(1)], AT)
    version = sessions.save(version, "state 2", 1, [turn(2), turn(3)], AT.replace("12:00", "12:01"))
    version = sessions.save(version, "state 3", 2, [], AT.replace("12:00", "12:02"))
    session = sessions.load(version.session_id)
    assert session.turns == (turn(1), turn(2))
    assert (session.state, session.version) == ("state 3", version)
    assert (session.info.title, session.info.turns) == ("Question 1?", 2)
    assert (session.info.started, session.info.changed[14:16]) == (AT, "02")


def test_the_list_has_the_latest_first_and_numbers_are_not_used_again(sessions: Sessions) -> None:
    first = sessions.begin("", [turn(1)], "2026-01-01T00:00:00+00:00")
    second = sessions.begin("", [], "2026-01-02T00:00:00+00:00")
    sessions.save(first, "", 1, [], "2026-01-03T00:00:00+00:00")
    assert [info.session_id for info in sessions.listed()] == [1, 2]
    sessions.forget(second.session_id)
    assert sessions.begin("", [], AT).session_id == 3
    with pytest.raises(UnknownSession, match="there are 1, 3"):
        sessions.forget(2)


def test_a_change_made_from_an_old_state_is_refused_whole(sessions: Sessions) -> None:
    base = sessions.begin("mine", [turn(1)], AT)
    with closing(Sessions(sessions.folder)) as other:
        other.save(base, "theirs", 1, [turn(2)], AT)
    with pytest.raises(SessionChanged, match="another chat"):
        sessions.save(base, "mine", 0, [turn(3)], AT)
    assert sessions.load(1).turns == (turn(1), turn(2))
    assert sessions.load(1).state == "theirs"


def test_a_change_that_fails_half_way_changes_nothing(sessions: Sessions) -> None:
    base = sessions.begin("state", [turn(1)], AT)
    broken = StoredTurn("?", None)  # type: ignore[arg-type]
    with pytest.raises(LibraryDamaged):
        sessions.save(base, "other", 0, [turn(2), broken], AT)
    assert sessions.load(1).turns == (turn(1),)
    assert sessions.load(1).version == Version(1, 1)


@pytest.mark.parametrize("content", [b"no database" * 200, b"SQLite format 3\0"])
def test_a_damaged_file_is_named_with_what_to_do(sessions: Sessions, content: bytes) -> None:
    sessions.path.write_bytes(content)
    with pytest.raises(LibraryDamaged, match=f"{SESSIONS_NAME} cannot be read: restore .* or move it away") as error:
        sessions.listed()
    assert "\n" not in str(error.value)


def test_a_file_of_a_newer_program_is_left_alone(sessions: Sessions) -> None:
    sessions.begin("", [], AT)
    sessions.close()
    with sqlite3.connect(sessions.path) as raw:
        raw.execute(f"PRAGMA user_version = {SESSIONS.version + 1}")
    raw.close()
    with pytest.raises(LibraryTooNew, match="record of conversations"):
        sessions.listed()


def test_who_writes_at_this_moment_is_waited_for_and_then_told(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database._WAIT_SECONDS", 0.0)
    base = sessions.begin("", [], AT)
    sessions.close()
    with closing(sqlite3.connect(sessions.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryLocked):
            sessions.save(base, "", 0, [], AT)
        other.execute("ROLLBACK")
    assert sessions.save(base, "", 0, [], AT).revision == 2


def test_what_cannot_be_written_is_told(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.sessions.writable", lambda _: False)
    with pytest.raises(LibraryReadOnly, match="is not kept"):
        sessions.begin("", [turn(1)], AT)
    assert not sessions.path.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_can_be_read(sessions: Sessions) -> None:
    sessions.begin("", [turn(1)], AT)
    sessions.close()
    sessions.folder.chmod(0o555)
    try:
        assert sessions.load(1).turns == (turn(1),)
        with pytest.raises(LibraryReadOnly):
            sessions.begin("", [], AT)
    finally:
        sessions.folder.chmod(0o755)


def test_a_library_opens_the_same_with_conversations_or_without(demo_copy: Path) -> None:
    with Library.open(demo_copy) as library:
        before = library.content_hash()
    with closing(Sessions(demo_copy)) as kept:
        kept.begin("", [turn(1)], AT)
    with Library.open(demo_copy) as library:
        assert library.content_hash() == before
    assert not (demo_copy / "catalog.sqlite3-wal").exists()


# conversations


class Chats:
    """Chats over one library, each with a record of its own; `told` is what they say of it."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.told: list[str] = []
        self._files: list[Sessions] = []

    def __call__(self) -> Conversation:
        self._files.append(Sessions(self.library.folder))
        record = Record(self._files[-1], lambda: datetime(2026, 11, 21, 12, tzinfo=UTC), self.told.append)
        return Conversation(self.library, ExtractiveEngine(), make_grounder(self.library), record)

    def close(self) -> None:
        for file in self._files:
            file.close()


@pytest.fixture
def chats(demo_copy: Path) -> Iterator[Chats]:
    with Library.open(demo_copy) as library, closing(Chats(library)) as made:
        yield made


def state_of(conversation: Conversation) -> State:
    return State(conversation.turns, conversation.keys, conversation.filters, conversation.spent)


def test_turns_sources_keys_and_filters_come_back(chats: Chats) -> None:
    first = chats()
    first.filters = SearchFilter(sources=("digests.jsonl",))
    first.ask(FIRST)
    first.compare("Falcon SpecTr on speed")
    again = chats()
    again.resume(1)
    assert state_of(again) == state_of(first)
    assert again.sources() == first.sources()
    assert chats.told == []
    answer = again.ask("and how much memory does ZO2 need?")
    assert {s.key for s in answer.sources if s.paper.paper_id in first.keys} <= set(first.keys.values())
    third = chats()
    third.resume(1)
    assert len(third.turns) == 3


def test_keys_never_come_to_mean_another_paper(chats: Chats) -> None:
    talk = chats()
    answer = talk.ask(FIRST)
    taken = {paper.paper_id: f"zo2{letter}" for paper, letter in zip(chats.library.papers()[:3], "xyz", strict=False)}
    stale = {**taken, "p000000000000": answer.sources[0].key}
    other = chats()
    other._state = State(keys=stale)
    keys = {source.paper.paper_id: source.key for source in other.ask(FIRST).sources}
    assert answer.sources[0].key not in keys.values()
    resumed = chats()
    resumed.resume(2)
    resumed.ask(FIRST)
    assert resumed.keys == other.keys


def test_an_undone_turn_is_gone_from_what_is_kept_and_its_key_is_not(chats: Chats) -> None:
    talk = chats()
    talk.ask(FIRST)
    talk.ask(SECOND)
    talk.undo()
    again = chats()
    again.resume(1)
    assert [turn.plan.question for turn in again.turns] == [FIRST]
    assert again.keys == talk.keys
    assert len(again.keys) > len(again.sources())


def test_two_new_chats_do_not_meet(chats: Chats) -> None:
    one, two = chats(), chats()
    one.ask(FIRST)
    two.ask(SECOND)
    assert [info.title for info in reversed(one.record.listed())] == [FIRST, SECOND] if one.record else False
    assert chats.told == []


def test_two_chats_that_went_on_with_one_session_both_keep_their_turns(chats: Chats) -> None:
    chats().ask(FIRST)
    one, two = chats(), chats()
    one.resume(1)
    two.resume(1)
    one.ask(SECOND)
    two.compare("Falcon SpecTr")
    assert chats.told == ["notice: another chat went on with conversation 1; this one goes on as 2"]
    back = chats()
    back.resume(1)
    assert state_of(back) == state_of(one)
    back.resume(2)
    assert state_of(back) == state_of(two)
    two.ask(SECOND)  # and stays there
    assert len(chats.told) == 1


def test_a_filter_set_in_another_chat_costs_no_turn(chats: Chats) -> None:
    chats().ask(FIRST)
    one, two = chats(), chats()
    one.resume(1)
    two.resume(1)
    one.filters = SearchFilter(tags=("x",))
    two.ask(SECOND)
    assert chats.told == []
    back = chats()
    back.resume(1)
    assert len(back.turns) == 2


def test_a_session_removed_by_another_chat_begins_anew(chats: Chats) -> None:
    talk = chats()
    talk.ask(FIRST)
    with closing(Sessions(chats.library.folder)) as file:
        file.forget(1)
    talk.ask(SECOND)
    assert "goes on as 2" in chats.told[0]
    back = chats()
    back.resume(2)
    assert len(back.turns) == 2


def test_a_turn_that_cannot_be_kept_now_is_kept_with_the_next(chats: Chats, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = chats()
    with monkeypatch.context() as broken:
        broken.setattr(Sessions, "begin", fails(LibraryLocked("somebody writes")))
        talk.ask(FIRST)
        talk.ask(SECOND)
    assert chats.told == ["notice: this conversation is not kept: somebody writes"]
    talk.filters = SearchFilter(tags=("x",))
    back = chats()
    back.resume(1)
    assert state_of(back) == state_of(talk)


def fails(error: PlumblineError) -> Callable[..., Version]:
    def raised(*_: object) -> Version:
        raise error

    return raised


def test_papers_that_went_or_changed_are_told_of_and_stop_nothing(chats: Chats) -> None:
    talk = chats()
    citation = talk.ask(FIRST).sentences[0].citations[0]
    chats.library.remove(citation.paper_id)
    back = chats()
    back.resume(1)
    assert back.last is not None
    assert back.last.answer.sentences[0].citations[0] == citation
    assert back.sources()[0].paper.abstract == ""
    desk = Desk(back)
    respond(desk, "/why 1")
    respond(desk, "/sources")
    assert not back.ask(SECOND).abstained


def test_removed_papers_leave_no_text_but_the_quotes(chats: Chats) -> None:
    talk = chats()
    paper_id = talk.ask(FIRST).sources[0].paper.paper_id
    abstract = chats.library.paper(paper_id).abstract
    chats.library.remove(paper_id)
    with closing(Sessions(chats.library.folder)) as file:
        kept = file.load(1)
    assert abstract not in kept.turns[0].body


@pytest.mark.parametrize("body", ["{}", "[]", "no json", '{"plan": null, "answer": {}}', '{"plan": {"kind": "x"}}'])
def test_a_session_that_does_not_read_as_one_is_left_as_it_is(chats: Chats, body: str) -> None:
    talk = chats()
    talk.ask(FIRST)
    with closing(Sessions(chats.library.folder)) as file:
        file.save(file.load(1).version, file.load(1).state, 0, [StoredTurn("Q?", body)], AT)
    other = chats()
    other.ask(SECOND)
    before = state_of(other)
    with pytest.raises(SessionDamaged, match="it was left as it is") as error:
        other.resume(1)
    assert "\n" not in str(error.value)
    assert state_of(other) == before
    with closing(Sessions(chats.library.folder)) as file:
        assert file.load(1).turns == (StoredTurn("Q?", body),)


def test_a_kept_answer_of_a_model_comes_back_with_what_it_cost(chats: Chats) -> None:
    talk = chats()
    talk.ask(FIRST)
    run = Run("m", "m", "http://localhost:1/v1", 0.0, 8192, (), 3, 1, 100, 20, None)
    assert talk.last is not None
    made: Answer = replace(talk.last.answer, run=run, notes=("a note",), partial=True)
    talk._change(talk._state.without_last().with_turn(replace(talk.last, answer=made)))
    back = chats()
    back.resume(1)
    assert state_of(back) == state_of(talk)
    assert (back.spent.calls, back.spent.cached, back.spent.cost) == (3, 1, None)


def test_commands_on_sessions(chats: Chats, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(chats())

    def said(line: str) -> str:
        respond(desk, line)
        return capsys.readouterr().out

    assert "no conversation is kept yet" in said("/sessions")
    with pytest.raises(BadInput, match="no other conversation"):
        respond(desk, "/resume")
    said(FIRST)
    assert said("/sessions").split() == ["*", "1", "2026-11-21", "12:00", "1", "turn", *FIRST.split()]
    other = Desk(chats())
    respond(other, SECOND)
    capsys.readouterr()
    respond(other, "/resume")
    out, err = capsys.readouterr()
    assert out.startswith(f"> {FIRST}\n")
    assert err == "conversation 1: 1 turn, filter: none\n"
    for line, says in (
        ("/resume 77", "no conversation 77"),
        ("/resume one", "no conversation's number"),
        ("/resume 99999999999999999999", "no conversation's number"),
        ("/forget", "say which"),
        ("/forget 1", "the one at hand"),
    ):
        with pytest.raises(PlumblineError, match=says):
            respond(other, line)
    assert said("/forget 2") == "conversation 2 is removed\n"


TALK = """
import sys
from agent.cli import main
main(["--library", sys.argv[1], "chat", *sys.argv[2:]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_chat_loses_at_most_the_turn_at_hand(demo_copy: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TALK, str(demo_copy), "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{FIRST}\n{SECOND}\n{FIRST}\n")
        process.stdin.flush()
        shown = [json.loads(process.stdout.readline())["question"] for _ in range(2)]
        process.send_signal(signal.SIGKILL)
    assert shown == [FIRST, SECOND]
    with closing(Sessions(demo_copy)) as file:
        assert file.faults() == ()
        kept = [turn.question for turn in file.load(1).turns]
    assert kept[:2] == [FIRST, SECOND]
    done = subprocess.run(
        [sys.executable, "-c", TALK, str(demo_copy), "--resume", "last", "--json"],
        input="/sources\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ZO2: Scalable" in done.stderr
    assert "SpecTr: Fast" in done.stderr


def test_no_save_keeps_nothing_and_resume_needs_a_session(demo_copy: Path) -> None:
    def run(*arguments: str, line: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", TALK, str(demo_copy), *arguments]
        return subprocess.run(command, input=line, capture_output=True, text=True, check=False)

    assert run("--no-save", line=FIRST).returncode == 0
    assert not (demo_copy / SESSIONS_NAME).exists()
    for arguments in (("--resume", "last"), ("--resume", "3"), ("--resume", "1", "--no-save")):
        done = run(*arguments, line=FIRST)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_library_that_cannot_be_written_can_be_talked_to(demo_copy: Path) -> None:
    demo_copy.chmod(0o555)
    try:
        with Library.open(demo_copy) as library:
            chats = Chats(library)
            assert not chats().ask(FIRST).abstained
        assert chats.told[0].startswith("notice: this conversation is not kept")
    finally:
        demo_copy.chmod(0o755)
        shutil.rmtree(demo_copy)
