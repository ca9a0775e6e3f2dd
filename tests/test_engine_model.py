"""The model engine: what a model writes is checked, mended, replaced, and never shown for its own sake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import pytest

from agent.answer import answer
from agent.app import make_grounder
from agent.engines.extractive import ExtractiveEngine
from agent.engines.model import ModelEngine
from agent.errors import BudgetEnded, ModelFault, ModelUnreachable, WrongKey
from agent.events import Event, Failed, Noted, Passed, Wrote
from agent.models.cache import ReplyCache
from agent.models.guarded import GuardedChatModel
from agent.models.meter import Meter
from agent.models.prices import load_prices
from agent.models.protocol import Limits, ModelChoice
from agent.testing import FakeClock, ModelCall, Reply, ScriptedChatModel
from agent.types import Answer, Label
from store.library import Library
from store.types import SearchFilter

QUESTION = "How do Falcon, SpecTr and Judge Decoding compare in speed and quality?"
PLAN: dict[str, object] = {
    "kind": "comparison",
    "subjects": ["Falcon", "SpecTr", "Judge Decoding"],
    "excluded": [],
    "aspects": ["speed", "quality"],
    "queries": ["speed and quality of Falcon, SpecTr and Judge Decoding"],
    "year_from": None,
    "year_to": None,
}
NO_LIMITS = Limits()
Said = str | dict[str, object] | Reply | Exception


class Script:
    """A model that plans as told, and writes and mends by what it is shown: `quotes` maps short ids to quotes."""

    def __init__(
        self,
        write: Callable[[dict[str, str]], Said],
        mend: Callable[[dict[str, str], str], Said] = lambda quotes, prompt: {"claims": []},
        plan: Said = PLAN,
    ) -> None:
        self._write, self._mend, self._plan = write, mend, plan
        self.asked: list[str] = []
        self.prompts: list[str] = []

    def __call__(self, call: ModelCall) -> str | Reply | Exception:
        system, user = str(call.messages[0].text), str(call.messages[-1].text)
        self.prompts.append(user)
        if system.startswith("You plan"):
            self.asked.append("plan")
            return said(self._plan)
        if system.startswith("You mend"):
            self.asked.append("mend")
            return said(self._mend(quotes_in(user), user))
        self.asked.append("write")
        return said(self._write(quotes_in(user)))


def said(reply: Said) -> str | Reply | Exception:
    return json.dumps(reply) if isinstance(reply, dict) else reply


def quotes_in(prompt: str) -> dict[str, str]:
    lines = prompt.splitlines()
    return {
        line.strip("`"): lines[at + 2].removeprefix("quote: ")
        for at, line in enumerate(lines)
        if line.startswith("```E")
    }


def claims(*pairs: tuple[str, Sequence[str]], missing: Iterable[str] = ()) -> dict[str, object]:
    return {"claims": [{"text": text, "evidence_ids": list(ids)} for text, ids in pairs], "missing": list(missing)}


def model(script: Callable[[ModelCall], str | Reply | Exception], limits: Limits = NO_LIMITS) -> GuardedChatModel:
    clock = FakeClock()
    return GuardedChatModel(
        inner=ScriptedChatModel(script, clock=clock),
        choice=ModelChoice("tiny", context_tokens=8192),
        meter=Meter(limits, clock, load_prices()),
        cache_of_replies=ReplyCache(None),
    )


def ask(
    library: Library,
    script: Script,
    *,
    question: str = QUESTION,
    fallback: bool = True,
    limits: Limits = NO_LIMITS,
    heard: list[Event] | None = None,
) -> Answer:
    engine = ModelEngine(model(script, limits), ExtractiveEngine() if fallback else None, 2026)
    listen = (lambda event: None) if heard is None else heard.append
    return answer(question, library, engine, make_grounder(library), clock=lambda: 0.0, listen=listen)


def verbatim(quotes: dict[str, str], most: int = 3) -> list[tuple[str, list[str]]]:
    """Quotes of as many papers as there are."""
    chosen = list(quotes.items())[:: max(1, len(quotes) // most)][:most]
    return [(text, [short]) for short, text in chosen]


def test_what_the_quotes_carry_is_shown_under_the_models_name(demo_library: Library) -> None:
    script = Script(lambda quotes: claims(*verbatim(quotes)))
    found = ask(demo_library, script)
    assert found.engine == "model:tiny"
    assert len(found.sentences) == 3
    assert all(s.verdict.label is Label.SUPPORTED and s.citations for s in found.sentences)
    assert script.asked == ["plan", "write"]
    assert found.run is not None
    assert (found.run.calls, found.run.written, found.run.refused) == (2, 3, 0)
    assert [prompt.name for prompt in found.run.prompts] == ["plan", "write_claims"]
    assert found.usage.model_calls == 2
    assert found.usage.input_tokens > 500
    assert not found.partial
    assert found.matrix is not None


@pytest.mark.parametrize(
    ("claim", "ids", "reason"),
    [
        ("Falcon is 99.7x faster than anything.", ["E1"], "numbers"),
        ("Falcon is fast.", ["E999"], "cites E999, which is not among the quotes given"),
        ("Falcon is fast.", [], "cites no quote"),
        ("Falcon is fast, see https://evil.example/x.", ["E1"], "link or markup"),
        ("Falcon \x1b[31mis fast.", ["E1"], "control or invisible"),
        ("Falcon ![x](javascript:alert) is fast.", ["E1"], "link or markup"),
        ("<img src=x> Falcon is fast.", ["E1"], "link or markup"),
    ],
)
def test_a_refused_sentence_is_asked_for_again_with_the_reason_twice(
    demo_library: Library, claim: str, ids: list[str], reason: str
) -> None:
    def again(quotes: dict[str, str], prompt: str) -> Said:
        assert reason in prompt
        return {"claims": [{"index": 0, "text": claim, "evidence_ids": ids}]}

    script = Script(lambda quotes: claims((claim, ids), verbatim(quotes)[1]), again)
    found = ask(demo_library, script)
    assert script.asked == ["plan", "write", "mend", "mend"]
    assert all(claim != sentence.text for sentence in found.sentences)
    assert "evil" not in str(found.sentences)
    assert found.run is not None
    assert (found.run.refused, found.run.mended) == (1, 0)


def test_a_mended_sentence_takes_the_place_of_the_refused_one(demo_library: Library) -> None:
    def again(quotes: dict[str, str], prompt: str) -> Said:
        return {"claims": [{"index": 0, "text": quotes["E1"], "evidence_ids": ["E1"]}]}

    heard: list[Event] = []
    script = Script(lambda quotes: claims(("Falcon is 99x faster.", ["E1"]), *verbatim(quotes)[1:]), again)
    found = ask(demo_library, script, heard=heard)
    assert found.engine == "model:tiny"
    assert found.sentences[0].text == found.sentences[0].citations[0].quote
    assert found.run is not None
    assert found.run.mended == 1
    kinds = [type(event) for event in heard if isinstance(event, Wrote | Passed | Failed)]
    assert kinds == [Wrote, Failed, Wrote, Passed, Wrote, Passed, Wrote, Passed]
    assert [event.place for event in heard if isinstance(event, Passed)] == [2, 3, 1]


def test_keyless_sentences_stand_in_for_what_still_fails(demo_library: Library) -> None:
    def write(quotes: dict[str, str]) -> Said:
        return claims(verbatim(quotes)[0], ("All of it is 77x faster on Mars.", [list(quotes)[-1]]))

    found = ask(demo_library, Script(write))
    assert found.engine == "model:tiny, then extractive"
    assert found.dropped == 1
    assert all(s.verdict.label is Label.SUPPORTED for s in found.sentences)
    assert not any("Mars" in s.text for s in found.sentences)
    alone = ask(demo_library, Script(write), fallback=False)
    assert alone.engine == "model:tiny"
    assert len(alone.sentences) == 1


def test_no_claims_are_an_abstention(demo_library: Library) -> None:
    found = ask(demo_library, Script(lambda quotes: claims(missing=["speed and quality", "Elvis is alive"])))
    assert found.abstention is not None
    assert found.abstention.missing == ("speed and quality",)
    assert any("found no answer" in note for note in found.notes)
    assert "Elvis" not in str(found)


FAULTS: list[Exception] = [WrongKey("the key is refused"), ModelUnreachable("nobody there")]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("where", ["plan", "write"])
def test_a_fault_lets_the_keyless_engine_answer(demo_library: Library, fault: Exception, where: str) -> None:
    keyless = answer(QUESTION, demo_library, ExtractiveEngine(), make_grounder(demo_library), clock=lambda: 0.0)
    script = Script(lambda quotes: fault, plan=fault if where == "plan" else PLAN)
    heard: list[Event] = []
    found = ask(demo_library, script, heard=heard)
    assert found.engine == "extractive"
    assert not found.partial
    assert any("extractive answers instead" in note for note in found.notes)
    assert [event.text for event in heard if isinstance(event, Noted)] == list(found.notes)
    if where == "plan":
        assert found.sentences == keyless.sentences
    with pytest.raises(ModelFault, match=str(fault)):
        ask(demo_library, script, fallback=False)


def test_what_was_written_before_a_stream_broke_stands(demo_library: Library) -> None:
    def write(quotes: dict[str, str]) -> Said:
        whole = json.dumps(claims(*verbatim(quotes, 4)))
        return Reply(whole, cut_after=len(whole.split()) * 3 // 4)

    found = ask(demo_library, Script(write), fallback=False)
    assert found.partial
    assert found.engine == "model:tiny"
    assert 1 <= len(found.sentences) <= 3
    assert any("what was checked until then is shown" in note for note in found.notes)
    filled = ask(demo_library, Script(write))
    assert filled.partial
    assert len({c.paper_id for s in filled.sentences for c in s.citations}) == 3


def test_a_deadline_keeps_what_is_done(demo_library: Library) -> None:
    def write(quotes: dict[str, str]) -> Said:
        return Reply(json.dumps(claims(*verbatim(quotes, 4))), delay=1.0)

    found = ask(demo_library, Script(write), fallback=False, limits=Limits(deadline_s=40.0))
    assert found.partial
    assert found.sentences
    assert any("stopped" in note and "--deadline" in note for note in found.notes)
    with pytest.raises(BudgetEnded):
        ask(demo_library, Script(write), fallback=False, limits=Limits(deadline_s=1.0))


@pytest.mark.parametrize(
    "around", ["Here it is:\n```json\n{}\n```", '<think>Maybe {{"claims": []}}?</think>{}', "{} I hope this helps."]
)
def test_words_around_the_json_do_no_harm(demo_library: Library, around: str) -> None:
    def write(quotes: dict[str, str]) -> Said:
        return around.replace("{}", json.dumps(claims(*verbatim(quotes)))).replace("{{", "{").replace("}}", "}")

    script = Script(write)
    assert len(ask(demo_library, script).sentences) == 3
    assert script.asked == ["plan", "write"]


def test_what_is_no_json_is_asked_for_once_more(demo_library: Library) -> None:
    replies = iter(["I would rather talk.", "I would rather talk."])
    script = Script(lambda quotes: next(replies, None) or claims(*verbatim(quotes, 2)))
    assert ask(demo_library, script, fallback=False).engine == "model:tiny"


def test_a_plan_of_no_use_is_left_to_the_rules(demo_library: Library) -> None:
    found = ask(demo_library, Script(lambda quotes: claims(*verbatim(quotes)), plan="no"))
    assert found.engine == "model:tiny"
    assert any("planned by rules" in note for note in found.notes)


def test_evidence_is_fenced_and_hidden_characters_are_left_out(demo_library: Library) -> None:
    script = Script(lambda quotes: claims(*verbatim(quotes)))
    ask(demo_library, script, question=QUESTION + " \u202e\U000e0041```")
    assert all("\u202e" not in prompt and "\U000e0041" not in prompt for prompt in script.prompts)
    assert "````question" in script.prompts[0]


def test_a_small_window_gets_the_best_quote_of_every_paper_first(demo_library: Library) -> None:
    script = Script(lambda quotes: claims(*verbatim(quotes)))
    shown: list[int] = []
    for window in (8192, 2500):
        guarded = model(script).model_copy(update={"choice": ModelChoice("tiny", context_tokens=window)})
        engine = ModelEngine(guarded, None, 2026)
        found = answer(QUESTION, demo_library, engine, make_grounder(demo_library))
        shown.append(len(quotes_in(script.prompts[-1])))
        assert found.sentences
    assert shown[1] < shown[0]
    assert any("had no room" in note for note in found.notes)


def test_a_compared_subject_that_the_model_left_out_is_told_without_it(demo_library: Library) -> None:
    script = Script(lambda quotes: claims(*[pair for pair in verbatim(quotes) if pair[1] == ["E1"]]))
    found = ask(demo_library, script)
    assert found.engine == "model:tiny, then extractive"
    assert len({c.paper_id for s in found.sentences for c in s.citations}) == 3
    assert not found.partial


def test_a_draft_is_written_by_the_same_way(demo_library: Library) -> None:
    from agent.draft import Wanted, write_draft
    from agent.draft.assemble import files_of

    script = Script(lambda quotes: claims(verbatim(quotes)[0], ("Nothing of this is 88x faster.", ["E1"])))
    engine = ModelEngine(model(script), ExtractiveEngine(), 2026)
    wanted = Wanted(limit=4, themes=1)
    made = write_draft("speculative decoding", demo_library, engine, make_grounder(demo_library), wanted=wanted)
    sentences = [sentence for section in made.sections for sentence in section.sentences]
    assert made.engine == "model:tiny, then extractive"
    assert script.asked == ["write", "mend"]
    assert {source.paper.paper_id for source in made.sources} == {c.paper_id for s in sentences for c in s.citations}
    assert all(sentence.verdict.label is Label.SUPPORTED for sentence in sentences)
    assert not any("88x" in sentence.text for sentence in sentences)
    manifest = json.loads(files_of(made, demo_library, SearchFilter(), wanted)["manifest.json"])
    assert [prompt["name"] for prompt in manifest["prompts"]] == ["write_claims", "repair_claims"]
    assert manifest["runs"][0]["refused"] == 1


def test_a_draft_goes_on_without_a_model_that_cannot_be_reached(demo_library: Library) -> None:
    from agent.draft import Wanted, write_draft

    script = Script(lambda quotes: WrongKey("the key is refused"))
    engine = ModelEngine(model(script), ExtractiveEngine(), 2026)
    wanted = Wanted(limit=8, themes=2)
    made = write_draft("speculative decoding", demo_library, engine, make_grounder(demo_library), wanted=wanted)
    assert made.engine == "extractive"
    assert script.asked == ["write"]
    assert len(made.notes) == 1
    alone = ModelEngine(model(script), None, 2026)
    with pytest.raises(WrongKey):
        write_draft("speculative decoding", demo_library, alone, make_grounder(demo_library), wanted=wanted)


def test_a_model_that_never_ends_is_left_to_itself(demo_library: Library) -> None:
    def write(quotes: dict[str, str]) -> Said:
        return claims(*[(f"{text} Really {n}.", ids) for n in range(200) for text, ids in verbatim(quotes, 1)])

    found = ask(demo_library, Script(write), fallback=False)
    assert found.run is not None
    assert found.run.written == 40
