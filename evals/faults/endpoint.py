"""An endpoint that writes honestly, from the quotes it is shown, until a fault strikes."""

from __future__ import annotations

import json
import re
from itertools import count

from agent.testing import Fault, ModelRequest, Reply, Silence
from evals.faults.cases import FaultCase
from prompts import load

__all__ = ["LONG", "Endpoint", "honest"]

LONG = "A reply of many words. " * 40
_QUOTE = re.compile(r"^`{3,}(E\d+)\n.*?^quote: (.*?)$", re.MULTILINE | re.DOTALL)
_PLAN = load("plan").system[:60]
_WRITE = load("write_claims").system[:60]


class Endpoint:
    """The script of one measurement. `spared`: the planning goes well, the fault strikes after it."""

    def __init__(self, case: FaultCase, *, spared: bool) -> None:
        self._case = case
        self._spared = spared
        self._struck = count()

    def __call__(self, request: ModelRequest) -> Reply | Fault | Silence:
        """What the endpoint says to `request`."""
        text = honest(request)
        if self._spared and _planning(request):
            return Reply(text)
        if self._case.times is not None and next(self._struck) >= self._case.times:
            return Reply(text)
        return self._case.said(text)


def honest(request: ModelRequest) -> str:
    """What an honest and simple model says: the quotes themselves."""
    if _planning(request):
        nothing: dict[str, object] = {name: [] for name in ("subjects", "excluded", "aspects", "queries")}
        return json.dumps({"kind": "comparison", **nothing, "year_from": None, "year_to": None})
    if _WRITE in request.prompt:
        quotes = _QUOTE.findall(request.prompt)[:6]
        claims = [{"text": quote, "evidence_ids": [name]} for name, quote in quotes]
        return json.dumps({"claims": claims, "missing": []})
    return LONG


def _planning(request: ModelRequest) -> bool:
    return _PLAN in request.prompt
