"""What stands on a terminal while an answer is made, seen through a small terminal of our own."""

from __future__ import annotations

import io
import re

import pytest

from agent.cli.live import LiveView
from agent.events import Event, Failed, Found, Noted, Passed, Wrote
from agent.render.terminal import Look
from agent.settings import moving_terminal
from agent.types import CheckedSentence, Label, Verdict

SUPPORTED = Verdict(Label.SUPPORTED, 0.9, (), ())
REFUSED = Verdict(Label.NOT_ENOUGH_INFO, 0.9, (), ())


class Screen(io.StringIO):
    """Keeps what a terminal would show: understands newline, carriage return, cursor up, clear line, and colours."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self.at = 0
        self.seen: list[str] = []

    def write(self, text: str) -> int:
        for part in re.findall(r"\x1b\[\d*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            if part == "\n":
                self.at += 1
                self.lines += [""] * (self.at + 1 - len(self.lines))
            elif part == "\x1b[1A":
                self.at -= 1
                assert self.at >= 0
            elif part == "\x1b[2K":
                self.lines[self.at] = ""
            elif part[0] not in "\r\x1b":
                self.lines[self.at] += part
        self.seen.append(self.text)
        return len(text)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def passed(text: str, place: int) -> Passed:
    return Passed(CheckedSentence(text, SUPPORTED, ()), place)


def shown(*events: Event, height: int = 24, look: Look = Look(40)) -> tuple[Screen, LiveView]:  # noqa: B008 - frozen
    screen = Screen()
    view = LiveView(screen, look, height)
    for event in events:
        view(event)
    return screen, view


def test_sentences_stand_in_their_order_each_with_its_mark() -> None:
    screen, view = shown(Found(2, 9), passed("First one.", 1), passed("Third one.", 3), passed("Second one.", 2))
    assert screen.text == "✓ First one.\n✓ Second one.\n✓ Third one."
    view.take_off()
    assert screen.text == ""


def test_what_is_not_checked_or_is_refused_is_never_seen() -> None:
    false_one = "A false sentence of 99x."
    screen, view = shown(
        passed("True.", 1),
        Wrote(false_one),
        Failed(false_one, REFUSED, True),
        Failed(false_one, REFUSED, False),
        Noted("done"),
    )
    assert "1 sentence refused and asked for again" in "\n".join(screen.seen)
    assert not any("false" in text for text in screen.seen)
    view.take_off()
    assert screen.text == ""


def test_more_than_the_screen_holds_shows_the_last_lines_and_leaves_none() -> None:
    screen, view = shown(
        *(passed(f"Sentence {n} is a long one that takes two lines.", n) for n in range(1, 30)), height=8
    )
    assert len(screen.text.splitlines()) <= 7
    assert "Sentence 29" in screen.text
    view.take_off()
    assert screen.text == ""


def test_nothing_a_sentence_holds_moves_the_cursor() -> None:
    screen, _ = shown(passed("Up \x1b[1A\x1b[2K and \r\n away\u202e.", 1), look=Look(60, colour=True))
    assert screen.text == "✓ Up [1A[2K and away."


@pytest.mark.parametrize(
    ("terminal", "term", "moves"),
    [(True, "xterm", True), (True, "dumb", False), (True, "", False), (False, "xterm", False)],
)
def test_only_a_terminal_that_can_is_written_on(terminal: bool, term: str, moves: bool) -> None:
    assert moving_terminal(terminal, {"TERM": term}) is moves
