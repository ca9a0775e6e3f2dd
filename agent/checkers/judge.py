"""A chat model as judge of claims: it labels, quotes and gives a reason; what it quotes must stand in the premise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel

from agent.errors import CheckUnavailable, ModelFault, PromptError
from agent.ground.entail import Pair, Scores
from agent.ground.words import content
from agent.models.meter import Meter
from agent.models.protocol import Limits, Spent
from agent.models.structured import structured
from agent.prompting import message
from agent.types import Label
from prompts import fence, load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.models.guarded import GuardedChatModel

__all__ = ["Judge", "Judgement"]

PROMPT = "judge"
_STATED: Final = {
    Label.SUPPORTED: Scores(0.96, 0.02, 0.02),
    Label.CONTRADICTED: Scores(0.02, 0.96, 0.02),
    Label.NOT_ENOUGH_INFO: Scores(0.02, 0.02, 0.96),
}
_UNPROVED: Final = {
    Label.SUPPORTED: Scores(0.25, 0.05, 0.7),
    Label.CONTRADICTED: Scores(0.05, 0.25, 0.7),
    Label.NOT_ENOUGH_INFO: _STATED[Label.NOT_ENOUGH_INFO],
}


class _Reply(BaseModel):
    """What prompts/judge.md asks for."""

    label: Literal["SUPPORTED", "CONTRADICTED", "NOT_ENOUGH_INFO"]
    quote: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model said of a pair; `proved`: its quote stands in the premise. The words are a model's: untrusted."""

    label: Label
    quote: str
    reason: str
    proved: bool

    @property
    def scores(self) -> Scores:
        """The label as scores. A model gives no probabilities, so these are set, not measured."""
        return (_STATED if self.proved else _UNPROVED)[self.label]


class Judge:
    """Asks the cheaper model of `model` about each pair, one request a pair; a pair is asked about once.

    SUPPORTED and CONTRADICTED count in full (0.96) only with a quote that stands word for word in the premise (runs
    of whitespace apart) and holds a word that says something. Without one, the label is an opinion that nothing
    shows: 0.7 goes to neutral and 0.25 stays with the label, so that such a reply leaves a claim open on its own.

    `shared`: the limits of tokens and money hold for all that this judge is asked together, as for the claims of one
    question; else for each claim. The time is each claim's own. `spent` is all that was spent.
    """

    def __init__(self, model: GuardedChatModel, *, shared: bool = False) -> None:
        self._model = model.cheaper
        self._shared = shared
        self._known: dict[Pair, Judgement] = {}
        self._spent = Spent()

    @property
    def name(self) -> str:
        """The model and the version of the prompt: `judge:gpt-x, prompt 1`."""
        return f"judge:{self._model.choice.name}, prompt {load(PROMPT).version}"

    @property
    def spent(self) -> Spent:
        """What judging has cost up to now."""
        return self._spent

    def score(self, pairs: Sequence[Pair]) -> tuple[Scores, ...]:
        """Scores for each pair, in order. Raises CheckUnavailable; pairs judged before it are not asked about again."""
        return tuple(self.judgement(pair).scores for pair in pairs)

    def judgement(self, pair: Pair) -> Judgement:
        """Label, quote and reason. Raises CheckUnavailable for any fault of the model, which is no judgement at all."""
        if pair not in self._known:
            self._known[pair] = self._asked(pair)
        return self._known[pair]

    def _asked(self, pair: Pair) -> Judgement:
        meter = self._meter()
        try:
            asked = message(PROMPT, claim=fence("claim", pair.claim), abstract=fence("abstract", pair.premise))
            reply = structured(self._model.with_meter(meter), [asked], _Reply)
        except (ModelFault, PromptError) as error:
            raise CheckUnavailable(f"the judge did not judge: {error}") from error
        finally:
            self._spent = _sum(self._spent, meter.spent)
        return Judgement(Label(reply.label), reply.quote, reply.reason, stands(reply.quote, pair.premise))

    def _meter(self) -> Meter:
        """A meter for one claim, with what is left of the limits."""
        own = self._model.meter
        return Meter(_left(own.limits, self._spent) if self._shared else own.limits, own.clock, own.prices)


def stands(quote: str, premise: str) -> bool:
    """True when `quote` says something and stands in `premise` as it is, runs of whitespace apart."""
    words = " ".join(quote.split())
    return bool(content(words)) and words in " ".join(premise.split())


def _left(limits: Limits, spent: Spent) -> Limits:
    tokens, money = limits.max_tokens, limits.max_cost
    if tokens is not None:
        tokens = max(0, tokens - spent.input_tokens - spent.output_tokens)
    if money is not None:
        money = max(0.0, money - (spent.cost or 0.0))
    return replace(limits, max_tokens=tokens, max_cost=money)


def _sum(one: Spent, two: Spent) -> Spent:
    """Both together; an unknown price stays unknown."""
    return Spent(
        one.calls + two.calls,
        one.input_tokens + two.input_tokens,
        one.output_tokens + two.output_tokens,
        None if one.cost is None or two.cost is None else one.cost + two.cost,
        one.cached + two.cached,
    )
