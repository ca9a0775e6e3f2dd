"""Plain lines: which tool they ask for, and that questions stay questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.chat.routing import route
from agent.cli.chat_commands import COMMANDS
from store.library import Library

ORDERS = [
    ("compare Falcon and SpecTr on speed", "/compare Falcon and SpecTr on speed"),
    ("Please compare Falcon with SpecTr.", "/compare Falcon with SpecTr"),
    ("list papers on speculative decoding", "/search speculative decoding"),
    ("List all the papers about KV caches since 2023", "/search KV caches year>=2023"),
    ("show me papers from 2024", "/search year=2024"),
    ("find papers before 2022 on pruning", "/search pruning year<2022"),
    ("search for optimal transport", "/search optimal transport"),
    ("list the papers", "/search"),
    ("read ZO2", "/read ZO2"),
    ("show me the abstract of SpecTr", "/read SpecTr"),
    ("list the findings of ZO2", "/findings ZO2"),
    ("What numbers does ZO2 report?", "/findings ZO2"),
    ("draft a review of speculative decoding", "/draft speculative decoding"),
    ("could you write a short survey on pruning, please?", "/draft pruning"),
    ("only papers since 2023", "/filter year>=2023"),
    ("only consider papers from 2023 on", "/filter year>=2023"),
    ("clear the filter", "/filter clear"),
    ("undo", "/undo"),
    ("take that back", "/undo"),
    ("show the sources", "/sources"),
    ("why [2]?", "/why 2"),
    ("export this to talk.md", "/export talk.md"),
    ("help", "/help"),
    ("quit", "/quit"),
]
QUESTIONS = [
    "How do Falcon and SpecTr compare in speed?",
    "compare the approaches to KV cache compression",
    "compare them on memory",
    "compare Falcon with a system nobody here has heard of",
    "read me what ZO2 says about memory",
    "list the methods that quantise the KV cache",
    "what does ZO2 report on accuracy?",
    "find a way to fine-tune with little memory",
    "which papers speed up decoding?",
    "write about ZO2",
    "why is SpecTr fast?",
    "help me understand speculative decoding",
    "search engines: how fast are they?",
    "show the results of the ablation",
    "and on memory?",
]


@pytest.mark.parametrize(("line", "command"), ORDERS)
def test_an_order_is_routed_to_the_tool(line: str, command: str, demo_library: Library) -> None:
    assert str(route(line, demo_library, {})) == command


@pytest.mark.parametrize("line", QUESTIONS)
def test_a_question_stays_a_question(line: str, demo_library: Library) -> None:
    assert route(line, demo_library, {}) is None


def test_where_a_model_chooses_tools_only_orders_about_the_talk_are_routed(demo_library: Library) -> None:
    names = {line: route(line, demo_library, {}, tools=False) for line, _ in ORDERS}
    routed = {found.command for found in names.values() if found is not None}
    assert routed == {"draft", "filter", "undo", "sources", "why", "export", "help", "quit"}


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_line_is_a_command_there_is_or_a_question(demo_library: Library, line: str) -> None:
    found = route(line, demo_library, {})
    assert found is None or found.command in {command.name for command in COMMANDS}
