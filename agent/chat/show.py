"""What chat says beside answers, as lines for a terminal. Every text drawn from papers and people is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.chat.looking import Reported
from agent.chat.state import Spending, Turn
from agent.render import escape
from agent.render.answer_markdown import markdown
from agent.render.escape import terminal
from agent.render.terminal import Look, paint, wrap
from agent.types import Source
from store.sessions import SessionInfo
from store.types import Paper

__all__ = ["conversation_markdown", "finding_lines", "session_lines", "source_lines", "spending_line", "when"]

_TITLE = 70
"""Characters of a session's first question that a list shows."""


def source_lines(sources: Sequence[Source], look: Look) -> Iterator[str]:
    """Each paper under its key."""
    for source in sources:
        paper = source.paper
        text = f"{source.key}  {paper.title}{f' ({paper.year})' if paper.year else ''}  {paper.paper_id}"
        yield from wrap(terminal(text), look.width, rest="    ")


def session_lines(sessions: Sequence[SessionInfo], current: int | None, look: Look) -> Iterator[str]:
    """Each session: number, when it was changed, how many turns, its first question; a mark at the current one."""
    width = max((len(str(info.session_id)) for info in sessions), default=1)
    for info in sessions:
        mark = "*" if info.session_id == current else " "
        count = f"{info.turns} {'turn' if info.turns == 1 else 'turns'}"
        title = info.title if len(info.title) <= _TITLE else info.title[:_TITLE].rsplit(" ", 1)[0] + " ..."
        head = f"{mark} {info.session_id:>{width}}  {when(info.changed)}  {count:>8}  "
        yield from wrap(terminal(title) or "(no turn stands)", look.width, first=head, rest=" " * len(head))


def when(moment: str) -> str:
    """A moment of ISO 8601 without seconds: 2026-11-21 13:50."""
    return terminal(moment[:16].replace("T", " "))


def finding_lines(paper: Paper, key: str | None, found: Sequence[Reported], look: Look) -> Iterator[str]:
    """The paper, then each sentence that gives figures: the figures, the sentence, its place."""
    head = f"{paper.title}  {key or paper.paper_id}"
    yield from (paint(line, "bold", look) for line in wrap(terminal(head), look.width, rest="    "))
    open_mark, close_mark = ("“", "”") if look.unicode else ('"', '"')
    for one in found:
        figures = ", ".join(dict.fromkeys(finding.quantity.text for finding in one.findings))
        yield from wrap(terminal(figures), look.width, first="  ", rest="  ")
        text = f"{open_mark}{one.sentence.text}{close_mark} (characters {one.sentence.start} to {one.sentence.end})"
        yield from (paint(line, "dim", look) for line in wrap(terminal(text), look.width, first="    ", rest="    "))


def spending_line(spent: Spending) -> str:
    """What models cost in one line."""
    if not spent.calls and not spent.cached:
        return "no model was asked in this conversation: nothing was spent"
    recorded = f" and {spent.cached} from recordings" if spent.cached else ""
    cost = "cost unknown (no price is known for the model)" if spent.cost is None else f"{spent.cost:.4f} US dollars"
    return (
        f"{spent.calls} model {'call' if spent.calls == 1 else 'calls'}{recorded}, "
        f"{spent.input_tokens:,} tokens in, {spent.output_tokens:,} out; {cost}"
    )


def conversation_markdown(turns: Sequence[Turn], sources: Sequence[Source]) -> str:
    """The conversation as a markdown document: every answer with its quotes, then the papers under their keys."""
    say = escape.markdown
    lines = [
        f"- {say(s.key)}: {say(s.paper.title)}{f' ({s.paper.year})' if s.paper.year else ''}, {say(s.paper.paper_id)}"
        for s in sources
    ]
    papers = ["\n".join(["## Sources", "", *lines]) + "\n"] if lines else []
    return "\n".join([*(markdown(turn.answer) for turn in turns), *papers])
