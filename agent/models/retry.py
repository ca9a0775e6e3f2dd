"""Asks again where that may help, never past the deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from agent.errors import ModelFault, ModelUnreachable, RateLimited
from agent.models.faults import FORESEEN, Fault, classify, place
from agent.models.learned import Learned
from agent.models.meter import Meter
from agent.models.protocol import ModelChoice

__all__ = ["ATTEMPTS", "DROPPABLE", "persevere", "told"]

ATTEMPTS = 3
PAUSES = (0.5, 2.0)  # seconds before the second and the third attempt, where the endpoint names none
DROPPABLE = ("temperature", "stream_options", "parallel_tool_calls")
"""Parts of a request that we can do without."""

Reply = TypeVar("Reply")


def persevere(ask: Callable[[], Reply], choice: ModelChoice, meter: Meter, learned: Learned) -> Reply:
    """What `ask` returns, asked at most ATTEMPTS times. Raises ModelFault.

    A wait that would end after the deadline is not begun: its error is raised at once, with the time said. A part of
    the request that the endpoint refuses and we can do without is noted in `learned`, for `ask` to leave it out.
    """
    for pause in (*PAUSES, None):
        meter.check_time()
        try:
            return ask()
        except FORESEEN as error:
            fault = told(error, choice, meter)
        if fault.refused in DROPPABLE and not learned.refuses(fault.refused) and pause is not None:
            learned.note(fault.refused)
            continue
        if not fault.again:
            raise fault.error from None
        if pause is None:
            raise _tired(fault) from None
        wait = pause if fault.wait is None else fault.wait
        if wait >= meter.remaining_seconds():
            raise _too_long(fault, wait, choice, meter) from None
        meter.clock.sleep(wait)
    raise AssertionError("unreachable")  # pragma: no cover


def told(error: Exception, choice: ModelChoice, meter: Meter) -> Fault:
    """What `error` means. Raises BudgetEnded where it's the question's own time that is over."""
    fault = classify(error, choice)
    if fault.timed_out:
        meter.check_time()
    return fault


def _tired(fault: Fault) -> ModelFault:
    """The error after the last attempt."""
    line = str(fault.error).replace("; ", f", asked {ATTEMPTS} times; ", 1)
    return type(fault.error)(line)


def _too_long(fault: Fault, wait: float, choice: ModelChoice, meter: Meter) -> ModelFault:
    """The error where waiting would outlast the question."""
    if fault.wait is None:
        return fault.error
    kind = RateLimited if isinstance(fault.error, RateLimited) else ModelUnreachable
    left = max(0.0, meter.remaining_seconds())
    return kind(
        f"{place(choice)} asks to wait {_spoken(wait)}, and {_spoken(left)} are left for this question;"
        " try again later, allow more with --deadline, or use another model"
    )


def _spoken(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
