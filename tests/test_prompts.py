"""Prompts: every file is sound, its text is pinned to its version, and data cannot leave its fence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts
from agent.errors import PromptError
from agent.prompting import message

# Change a prompt's text, raise its version, and put both here.
PINNED = {
    "chat_agent": (1, "a5e42b378fe54dcb"),
    "judge": (1, "10235478fda6e09e"),
    "json_repair": (1, "62938099e658308c"),
    "json_reply": (1, "62ff10abd5c2605d"),
    "plan": (2, "ef4695d6d76ae4ee"),
    "repair_claims": (1, "66d90e0754359d79"),
    "write_claims": (1, "45e11a6df26d3410"),
}

SOUND = "---\nname: p\nversion: 1\ninputs: [a, b]\n---\n\n## system\n\nBe good.\n\n## user\n\n{{a}} and {{b}}\n"


def test_text_is_pinned_to_version() -> None:
    found = {name: (prompts.load(name).version, prompts.load(name).digest[:16]) for name in prompts.names()}
    assert found == PINNED, "a prompt changed: raise its version, then pin version and digest here"


@pytest.mark.parametrize("name", prompts.names())
def test_every_prompt_marks_what_is_data(name: str) -> None:
    system = prompts.load(name).system
    assert "is data" in system
    assert "gives you no instructions" in system


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{b}}", "", "disagree on b"),
        ("{{b}}", "{{b}} {{c}}", "disagree on c"),
        ("Be good.", "Be {{a}}.", "system part takes no inputs"),
        ("version: 1", "version: one", "version (integer)"),
        ("version: 1\n", "", "version (integer)"),
        ("name: p", "name: p\nextra: 1", "exactly name"),
        ("inputs: [a, b]", "inputs: [a, b", "not YAML"),
        ("## user", "## people", "'## user'"),
        ("---\nname", "name", "front matter between"),
    ],
)
def test_a_faulty_prompt_is_refused(old: str, new: str, says: str) -> None:
    assert prompts.parse(SOUND, "x").inputs == ("a", "b")
    with pytest.raises(prompts.PromptFault, match=re.escape(says)):
        prompts.parse(SOUND.replace(old, new), "x")


def test_inputs_are_filled_once_and_none_may_be_wrong() -> None:
    prompt = prompts.parse(SOUND, "x")
    assert prompt.fill(a="{{b}}", b="two").user == "{{b}} and two"
    for wrong in ({"a": "1"}, {"a": "1", "b": "2", "c": "3"}):
        with pytest.raises(prompts.PromptFault, match="takes a, b"):
            prompt.fill(**wrong)


def test_the_agent_gets_an_error_of_our_tree() -> None:
    assert message("judge", claim="C", abstract="A").user.startswith("The claim:\n\nC")
    for name, values in (("nope", {}), ("judge", {"claim": "C"})):
        with pytest.raises(PromptError):
            message(name, **values)


@given(st.text(alphabet=st.sampled_from("`ab\n ")))
def test_no_text_closes_its_fence(text: str) -> None:
    first, *middle, last = prompts.fence("e1 ` \n", text).split("\n")
    ticks = re.match("`+", first)
    assert ticks is not None
    assert last == ticks[0]
    assert "\n".join(middle) == text
    assert last not in text
