"""Figures: well-formed, accessible, self-contained SVG."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from agent.render.figures import Bar, Box, Dot, bar_chart, dot_plot, flow_chart

SVG = "{http://www.w3.org/2000/svg}"
LABELS = st.text(min_size=1, max_size=80)


def _parsed(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own output
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title description"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    return root


def _texts(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_bars_say_their_counts() -> None:
    root = _parsed(
        bar_chart("Papers by theme", "Pruning: 3; Distillation: 1.", [Bar("Pruning", 3), Bar("Distillation", 1)])
    )
    texts = _texts(root)
    assert "Pruning" in texts
    assert "3" in texts
    widths = [float(rect.get("width", "0")) for rect in root.iter(f"{SVG}rect")][1:]
    assert math.isclose(widths[0], 3 * widths[1], rel_tol=0.01)


def test_zero_bars_draw() -> None:
    assert "0" in _texts(_parsed(bar_chart("Years", "d", [Bar("2020", 0), Bar("2021", 2)])))


def test_flow_holds_every_line() -> None:
    boxes = [
        Box(("Library (n = 9)",)),
        Box(("Screened (n = 5)",), ("Excluded (n = 2)", "off topic (n = 2)")),
        Box(("In (n = 3)",)),
    ]
    texts = _texts(_parsed(flow_chart("Flow", "d", boxes)))
    assert {"Library (n = 9)", "Excluded (n = 2)", "off topic (n = 2)", "In (n = 3)"} <= set(texts)


def test_dots_stand_in_order_of_value() -> None:
    dots = [Dot("", "one", 24.0), Dot("", "two", 1.5), Dot("", "three", 6.7)]
    root = _parsed(dot_plot("Speed", "d", dots, "×"))
    places = [float(circle.get("cx", "0")) for circle in root.iter(f"{SVG}circle")]
    assert places[0] > places[2] > places[1]
    assert "6.7×" in _texts(root)


def test_nothing_is_fetched_and_nothing_runs() -> None:
    evil = "</text><script>alert(1)</script><image href='https://bad.example/x'/>"
    svg = bar_chart(evil, evil, [Bar(evil, 2)]) + dot_plot(evil, evil, [Dot(evil, evil, 2.0)], "×")
    assert "<script" not in svg
    assert "<image" not in svg
    assert "href=" not in svg.replace("href=&#x27;", "")


@given(LABELS, LABELS, st.integers(0, 500))
def test_any_label_keeps_the_figure_whole(title: str, label: str, value: int) -> None:
    _parsed(bar_chart(title, label, [Bar(label, value), Bar("one", 1)]))
    _parsed(flow_chart(title, label, [Box((label,), (label,)), Box((title,))]))
    _parsed(dot_plot(title, label, [Dot(title, label, value + 0.5)], "×"))
