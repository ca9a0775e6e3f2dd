"""The faults of an endpoint, and how each should be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.errors import (
    BadReply,
    BudgetEnded,
    ContextTooLong,
    ModelFault,
    ModelUnreachable,
    QuotaUsedUp,
    RateLimited,
    Refused,
    UnknownModel,
    WrongKey,
)
from agent.testing import Fault, Reply, Silence, faults
from agent.testing.replies import pieces

__all__ = ["CASES", "DRIP", "HOUR", "KEY", "STEP", "FaultCase"]

HOUR = 3600
DRIP = 0.75
"""Seconds between the words of a slow reply."""
STEP = 20.0
"""Seconds that pass each time somebody looks whether a silent endpoint has answered."""
KEY = "sk-never-to-be-shown"


@dataclass(frozen=True, slots=True)
class FaultCase:
    """`said`: what the endpoint says in place of a good reply's text, `times` times (None: always).

    `error`: how one call ends, None: with a reply. `requests`: how often one call asks, at most.
    """

    name: str
    said: Callable[[str], Reply | Fault | Silence]
    error: type[ModelFault] | None
    requests: int = 1
    times: int | None = None


def _always(said: Reply | Fault | Silence) -> Callable[[str], Reply | Fault | Silence]:
    return lambda text: said


CASES = (
    FaultCase("429, Retry-After 5 s, once", _always(faults.rate_limited(5)), None, 2, times=1),
    FaultCase("429, no Retry-After", _always(faults.rate_limited()), RateLimited, 3),
    FaultCase("429, Retry-After 5 s", _always(faults.rate_limited(5)), RateLimited, 3),
    FaultCase("429, Retry-After an hour", _always(faults.rate_limited(HOUR)), RateLimited),
    FaultCase("429, insufficient_quota", _always(faults.out_of_quota()), QuotaUsedUp),
    FaultCase("500, once", _always(faults.server_error()), None, 2, times=1),
    FaultCase("500", _always(faults.server_error()), ModelUnreachable, 3),
    FaultCase("503", _always(faults.server_error(503)), ModelUnreachable, 3),
    FaultCase("dropped before a reply", _always(faults.dropped(after=0)), ModelUnreachable, 3),
    FaultCase("dropped in the reply", lambda text: faults.dropped(text, len(pieces(text)) // 2), ModelUnreachable, 3),
    FaultCase("slow drip", lambda text: faults.slow(text, DRIP), BudgetEnded),
    FaultCase("silence", _always(Silence(STEP)), BudgetEnded),
    FaultCase("malformed JSON", _always(faults.malformed()), BadReply),
    FaultCase("a web page", _always(faults.web_page()), BadReply),
    FaultCase("JSON in the text breaks off", lambda text: Reply(text[: len(text) // 2]), None),
    FaultCase("cut at the length limit", lambda text: Reply(text[: len(text) // 2], finish="length"), None),
    FaultCase("refusal", _always(faults.refusal()), Refused),
    FaultCase("content filter", _always(faults.filtered()), Refused),
    FaultCase("empty reply", _always(faults.empty()), BadReply),
    FaultCase("wrong model name", _always(faults.unknown_model("scripted")), UnknownModel),
    FaultCase("context-length error", _always(faults.context_too_long()), ContextTooLong),
    FaultCase("wrong key", _always(faults.wrong_key(KEY)), WrongKey),
)
