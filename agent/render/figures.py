"""Figures of a review as SVG: self-contained, accessible (title, description, real text), from real counts only.

Every label is untrusted text and is escaped on the way in; nothing is fetched and nothing runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agent.render.escape import html

__all__ = ["Bar", "Box", "Dot", "bar_chart", "dot_plot", "flow_chart"]

_WIDTH = 760
_FONT = "font-family='Helvetica, Arial, sans-serif'"
_INK, _BLUE, _GREY, _LINE = "#1a1a1a", "#2b5c8a", "#5a5a5a", "#c8c8c8"
_CHARACTER = 6.6
"""Mean width of a character at 12 px, for fitting labels."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a label and a count."""

    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Box:
    """One step of a flow, with what was left out there (a line each)."""

    lines: tuple[str, ...]
    aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """One reported value, its label, and the group whose row heading it stands under."""

    group: str
    label: str
    value: float


def bar_chart(title: str, description: str, bars: Sequence[Bar]) -> str:
    """Horizontal bars with their counts."""
    gutter = min(330, max(60, int(max(len(bar.label) for bar in bars) * _CHARACTER) + 16))
    widest = max(bar.value for bar in bars)
    room = _WIDTH - gutter - 60
    parts = []
    for index, bar in enumerate(bars):
        top = 48 + index * 26
        length = room * bar.value / widest
        parts.append(_label(gutter - 8, top + 13, bar.label, gutter - 12, anchor="end"))
        parts.append(f"<rect x='{gutter}' y='{top}' width='{length:.1f}' height='18' fill='{_BLUE}'/>")
        parts.append(_text(gutter + length + 6, top + 13, str(bar.value)))
    return _svg(title, description, 60 + 26 * len(bars), parts)


def flow_chart(title: str, description: str, boxes: Sequence[Box]) -> str:
    """Boxes from top to bottom, joined by arrows; what left the flow stands to the right."""
    parts: list[str] = []
    top = 48
    for index, box in enumerate(boxes):
        height = 16 + 18 * max(len(box.lines), 1)
        aside_height = 16 + 18 * len(box.aside) if box.aside else 0
        parts += _box(20, top, 310, box.lines)
        if box.aside:
            parts += _box(400, top, 340, box.aside)
            parts.append(_arrow(330, top + height / 2, 400, top + height / 2))
        bottom = top + max(height, aside_height)
        if index + 1 < len(boxes):
            parts.append(_arrow(175, top + height, 175, bottom + 28))
        top = bottom + 28
    return _svg(title, description, top, parts)


def dot_plot(title: str, description: str, dots: Sequence[Dot], unit: str) -> str:
    """Values on a logarithmic axis, one row a value, under their groups."""
    gutter, right = 300, _WIDTH - 90
    ticks = _ticks(min(dot.value for dot in dots), max(dot.value for dot in dots))
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    parts: list[str] = []
    top, group = 48, ""
    rows: list[str] = []
    for dot in dots:
        if dot.group != group:
            group = dot.group
            rows.append(_text(12, top + 13, group, weight="bold"))
            top += 22
        x = gutter + (right - gutter) * (math.log(dot.value) - low) / (high - low)
        rows.append(_label(gutter - 14, top + 13, dot.label, gutter - 18, anchor="end"))
        rows.append(f"<circle cx='{x:.1f}' cy='{top + 9}' r='5' fill='{_BLUE}'/>")
        rows.append(_text(x + 10, top + 13, f"{dot.value:g}{unit}"))
        top += 22
    for tick in ticks:
        x = gutter + (right - gutter) * (math.log(tick) - low) / (high - low)
        parts.append(f"<line x1='{x:.1f}' y1='44' x2='{x:.1f}' y2='{top}' stroke='{_LINE}'/>")
        parts.append(_text(x, top + 18, f"{tick:g}{unit}", anchor="middle", colour=_GREY))
    return _svg(title, description, top + 32, parts + rows)


def _ticks(low: float, high: float) -> list[float]:
    """1, 2, 5, 10... that enclose the values; at least two."""
    ladder = [step * 10.0**power for power in range(-3, 7) for step in (1, 2, 5)]
    first = max((i for i, tick in enumerate(ladder) if tick <= low), default=0)
    last = min((i for i, tick in enumerate(ladder) if tick >= high), default=len(ladder) - 1)
    return ladder[first : max(last, first + 1) + 1]


def _box(x: int, y: int, width: int, lines: Sequence[str]) -> list[str]:
    height = 16 + 18 * max(len(lines), 1)
    frame = f"<rect x='{x}' y='{y}' width='{width}' height='{height}' fill='#f5f8fb' stroke='{_BLUE}'/>"
    texts = [
        _label(x + 10, y + 21 + 18 * i, line, width - 20, weight="bold" if i == 0 else "normal")
        for i, line in enumerate(lines)
    ]
    return [frame, *texts]


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    head = (
        f"{x2:g},{y2:g} {x2 - 8:g},{y2 - 4:g} {x2 - 8:g},{y2 + 4:g}"
        if y1 == y2
        else f"{x2:g},{y2:g} {x2 - 4:g},{y2 - 8:g} {x2 + 4:g},{y2 - 8:g}"
    )
    line = f"<line x1='{x1:g}' y1='{y1:g}' x2='{x2:g}' y2='{y2:g}' stroke='{_INK}'/>"
    return f"{line}<polygon points='{head}' fill='{_INK}'/>"


def _label(x: float, y: float, text: str, room: float, *, anchor: str = "start", weight: str = "normal") -> str:
    """`text` cut to fit `room` pixels; the whole of it in a tooltip where it was cut."""
    fits = int(room / _CHARACTER)
    if len(text) <= fits:
        return _text(x, y, text, anchor=anchor, weight=weight)
    return _text(x, y, text[: fits - 1].rstrip() + "…", anchor=anchor, weight=weight, tooltip=text)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    weight: str = "normal",
    colour: str = _INK,
    tooltip: str = "",
) -> str:
    tip = f"<title>{_escape(tooltip)}</title>" if tooltip else ""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='12' font-weight='{weight}' text-anchor='{anchor}' "
        f"fill='{colour}'>{tip}{_escape(text)}</text>"
    )


def _escape(text: str) -> str:
    """Literal XML text: also without the two code points that XML forbids."""
    return html(text).replace("\ufffe", "").replace("\uffff", "")


def _svg(title: str, description: str, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{height:g}' "
        f"viewBox='0 0 {_WIDTH} {height:g}' role='img' aria-labelledby='title description' {_FONT}>\n"
        f"<title id='title'>{_escape(title)}</title>\n<desc id='description'>{_escape(description)}</desc>\n"
        f"<rect width='{_WIDTH}' height='{height:g}' fill='#ffffff'/>\n"
        f"<text x='12' y='26' font-size='15' font-weight='bold' fill='{_INK}'>{_escape(title)}</text>\n"
        f"{body}\n</svg>\n"
    )
