"""The one policy for sentences that are not supported."""

from __future__ import annotations

import pytest

from agent.ground import Action, Grounder, Item, Policy, action_for, settle
from agent.types import Label, Quote, Verdict
from store.types import Paper

TEXT = "Loom cuts memory by 40% on long inputs. It runs on one GPU."
PAPER = Paper("p0", "Loom", TEXT)
QUOTE = Quote("p0", 0, 39, TEXT[:39])


def verdict(label: Label) -> Verdict:
    return Verdict(label, 0.9, (), ())


@pytest.mark.parametrize(
    ("label", "strict", "lenient"),
    [
        (Label.SUPPORTED, Action.KEEP, Action.KEEP),
        (Label.CONTRADICTED, Action.DROP, Action.MARK),
        (Label.NOT_ENOUGH_INFO, Action.DROP, Action.MARK),
        (Label.CHECK_FAILED, Action.MARK, Action.MARK),
    ],
)
def test_what_a_verdict_calls_for(label: Label, strict: Action, lenient: Action) -> None:
    assert action_for(verdict(label)) is strict
    assert action_for(verdict(label), Policy.LENIENT) is lenient


def test_a_refused_sentence_is_repaired_with_its_one_quote() -> None:
    grounder = Grounder(None)
    item = Item("Loom cuts memory by 70% on long inputs.", (PAPER,), (QUOTE,))
    settled = settle(item, grounder.check(item.claim, item.papers, item.cited), grounder)
    assert (settled.text, settled.action, settled.shown) == (QUOTE.quote, Action.REPAIR, True)
    assert settled.verdict.label is Label.SUPPORTED


def test_what_can_not_be_repaired_is_dropped_or_marked() -> None:
    grounder = Grounder(None)
    item = Item("Loom cuts memory by 70% on long inputs.", (PAPER,))
    said = grounder.check(item.claim, item.papers)
    assert not settle(item, said, grounder).shown
    assert settle(item, said, grounder, Policy.LENIENT).action is Action.MARK


def test_a_check_that_could_not_run_is_marked_not_repaired() -> None:
    item = Item("Anything at all.", (PAPER,), (QUOTE,))
    settled = settle(item, verdict(Label.CHECK_FAILED), Grounder(None))
    assert (settled.text, settled.action) == ("Anything at all.", Action.MARK)
