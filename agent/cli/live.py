"""An answer on a terminal while it is made: each sentence with its mark as soon as it is checked.

What stands here is provisional and is taken off before the whole answer is printed. A sentence nobody has checked is
never shown, so none that is dropped can stay; on anything but a terminal nothing is shown at all.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from agent.events import Event, Failed, Found, Passed, Planned, Used, Wrote
from agent.render.answer import mark
from agent.render.escape import terminal
from agent.render.numbering import many
from agent.render.terminal import Look, paint, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.types import CheckedSentence

__all__ = ["LiveView", "live_view"]

_UP_AND_CLEAR = "\x1b[1A\x1b[2K"
_CLEAR_LINE = "\r\x1b[2K"


class LiveView:
    """Shows events on `out`, a terminal `look.width` wide and `height` high. Call it with events, then `take_off`."""

    def __init__(self, out: TextIO, look: Look, height: int) -> None:
        self._out = out
        self._look = look
        self._height = height
        self._shown: dict[int, list[str]] = {}
        self._lines = 0
        self._status = False
        self._again = 0

    def __call__(self, event: Event) -> None:
        """Show what an event changes."""
        match event:
            case Planned():
                self._tell("looking for evidence")
            case Found(papers, sentences):
                self._tell(f"reading {many(sentences, 'sentence')} of {many(papers, 'paper')}")
            case Used(tool):
                self._tell(f"the model uses {tool}")
            case Wrote():
                self._tell("checking a sentence")
            case Passed(sentence, place):
                self._shown[place] = self._sentence(sentence)
                self._draw(place)
            case Failed(again=again):
                self._again += again
                self._tell(f"{many(self._again, 'sentence')} refused and asked for again" if again else "going on")

    def take_off(self) -> None:
        """Leave the terminal as it was, as far as it reaches back."""
        self._wipe()
        self._out.flush()

    def _sentence(self, sentence: CheckedSentence) -> list[str]:
        label = sentence.verdict.label
        plain = mark(label, replace(self._look, colour=False))
        first, *rest = wrap(f"{plain} {terminal(sentence.text)}", self._look.width, rest="  ")
        return [mark(label, self._look) + first[len(plain) :], *rest]

    def _tell(self, text: str) -> None:
        """One passing line under the sentences."""
        self._hush()
        self._out.write(paint(text[: self._look.width - 1], "dim", self._look))
        self._status = True
        self._out.flush()

    def _draw(self, place: int) -> None:
        """The sentences in their order, as many of the last as the screen holds; one at the end is added to them."""
        room = max(self._height - 2, 1)
        new = self._shown[place]
        if place == max(self._shown) and self._lines + len(new) <= room:
            self._hush()
            self._lines += len(new)
        else:
            self._wipe()
            new = [line for at in sorted(self._shown) for line in self._shown[at]][-room:]
            self._lines = len(new)
        self._out.write("".join(f"{line}\n" for line in new))
        self._out.flush()

    def _hush(self) -> None:
        if self._status:
            self._out.write(_CLEAR_LINE)
            self._status = False

    def _wipe(self) -> None:
        self._hush()
        self._out.write(_UP_AND_CLEAR * self._lines)
        self._lines = 0


@contextmanager
def live_view(*, wanted: bool = True) -> Iterator[LiveView | None]:
    """A view on stdout, taken off at the end whatever happens; None unless `wanted`, on a terminal that can do it."""
    import os
    import sys

    from agent.cli.console import look
    from agent.settings import moving_terminal

    if not wanted or not moving_terminal(sys.stdout.isatty()):
        yield None
        return
    view = LiveView(sys.stdout, look(), os.get_terminal_size(sys.stdout.fileno()).lines)
    try:
        yield view
    finally:
        view.take_off()
