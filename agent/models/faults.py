"""From what a client raises to one line: what failed, at which endpoint, what to do next.

Nothing an endpoint said is repeated: it may echo the key or the prompt.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final

import httpcore2
import httpx2
import openai

from agent.address import is_loopback, redacted
from agent.errors import (
    BadReply,
    ContextTooLong,
    ModelFault,
    ModelUnreachable,
    QuotaUsedUp,
    RateLimited,
    Refused,
    RequestRefused,
    UnknownModel,
    WrongKey,
)
from agent.models.protocol import ModelChoice

__all__ = ["FORESEEN", "PARAMETERS", "Fault", "classify", "place"]

FORESEEN: Final = (
    openai.OpenAIError,
    httpx2.HTTPError,
    httpx2.StreamError,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.TimeoutException,
    # The client's readers meet a reply of an unknown form with one of these.
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    AssertionError,
    RecursionError,
)
"""What an inner model may raise for a fault outside us."""

PARAMETERS: Final = ("response_format", "temperature", "stream_options", "parallel_tool_calls", "tool_choice", "tools")
"""Parts of a request that some endpoints don't take."""

_TIMEOUTS = (openai.APITimeoutError, httpx2.TimeoutException, httpcore2.TimeoutException)
_CONNECTION = (
    openai.APIConnectionError,
    httpx2.HTTPError,
    httpx2.StreamError,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
)
_QUOTA = (
    "insufficient_quota",
    "billing_hard_limit",
    "quota_exceeded",
    "exceeded your current quota",
    "insufficient credit",
)
_CONTEXT = (
    "context_length_exceeded",
    "maximum context length",
    "context window",
    "context size",
    "context length",
    "contextwindowexceeded",
    "prompt is too long",
    "exceed_context_size",
    "input tokens exceed",
)
_MODEL = ("model_not_found", "model not found", "unknown model", "no such model", "invalid model", "no model named")
_KEY = (
    "invalid_api_key",
    "api key not valid",
    "incorrect api key",
    "no_db_connection",  # LiteLLM's proxy, for any key but its master key, where it has no table of keys
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong. `again`: asking once more may help. `wait`: seconds the endpoint asks for, None if it says
    nothing. `refused`: the part of the request that the endpoint doesn't take."""

    error: ModelFault
    again: bool = False
    wait: float | None = None
    refused: str | None = None
    timed_out: bool = False


def place(choice: ModelChoice) -> str:
    """The endpoint as messages name it."""
    return f"the model {choice.name!r} at {redacted(choice.base_url)}"


def classify(error: Exception, choice: ModelChoice) -> Fault:
    """What `error`, one of FORESEEN, means to a user."""
    where = place(choice)
    if isinstance(error, _TIMEOUTS):
        return Fault(ModelUnreachable(f"{where} did not answer in time; {_alive(choice)}"), again=True, timed_out=True)
    if isinstance(error, openai.APIStatusError):
        return _status(error, error.status_code, choice)
    if isinstance(error, _CONNECTION):
        return _connection(error, choice)
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return Fault(Refused(f"{where} withholds its reply (content filter); ask in other words, or use another model"))
    if isinstance(error, openai.LengthFinishReasonError):
        return Fault(BadReply(f"{where} did not come to an end of its reply; ask for less, or use another model"))
    if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
        return _told(error, choice)
    return Fault(
        BadReply(f"{where} answered in an unknown form; check that the base URL is that of an OpenAI-compatible server")
    )


def _connection(error: Exception, choice: ModelChoice) -> Fault:
    chain = _chain(error)
    if any("CERTIFICATE_VERIFY_FAILED" in str(link) for link in chain):
        return Fault(
            ModelUnreachable(f"{place(choice)}: its certificate is not trusted; set SSL_CERT_FILE if it is your own")
        )
    if any(isinstance(link, httpx2.UnsupportedProtocol | httpcore2.UnsupportedProtocol) for link in chain):
        return Fault(ModelUnreachable(f"{place(choice)}: not an http address; set the base URL again"))
    begun = any(isinstance(link, httpx2.ReadError | httpcore2.ReadError | httpx2.RemoteProtocolError) for link in chain)
    begun = begun or any(isinstance(link, httpcore2.RemoteProtocolError) for link in chain)
    what = "broke off" if begun else "cannot be reached"
    return Fault(ModelUnreachable(f"{place(choice)} {what}; {_alive(choice)}"), again=True)


def _alive(choice: ModelChoice) -> str:
    """What to look at when nobody answers."""
    if is_loopback(choice.base_url):
        return "is the server running, and is this its port?"
    return "check the network and the base URL, or try again later"


def _told(error: openai.APIError, choice: ModelChoice) -> Fault:
    """An error told inside a reply, mostly in the middle of a stream."""
    said = _said(error)
    code = str(error.code or "")
    if code.isdigit() and 400 <= int(code) < 600:
        return _status(error, int(code), choice)
    if "rate_limit" in said:
        return _status(error, 429, choice)
    known = _known(said, choice)
    return known or Fault(
        ModelUnreachable(f"{place(choice)} broke off with an error of its own; {_later()}"), again=True
    )


def _status(error: openai.APIError, status: int, choice: ModelChoice) -> Fault:
    """A reply with an error's status."""
    where, said = place(choice), _said(error)
    wait = _wait(getattr(error, "response", None))
    if status == 429 and not any(sign in said for sign in _QUOTA):
        return Fault(RateLimited(f"{where} takes no more requests at the moment (429); {_later()}"), True, wait)
    if status in (402, 429):
        return Fault(
            QuotaUsedUp(f"{where}: the account's quota is used up ({status}); add credit, or use another model")
        )
    if status in (401, 403):
        return Fault(_wrong_key(where, status, choice))
    known = _known(said, choice)
    if known is not None:
        return known
    refusing = "validation error" in said  # llama-cpp-python's server tells it as an error of its own
    if status in (408, 409) or (status >= 500 and status != 501 and not refusing):
        return Fault(ModelUnreachable(f"{where} fails with an error of its own ({status}); {_later()}"), True, wait)
    if status in (404, 405):
        return Fault(_unknown_model(choice, status))
    if status == 413:
        return Fault(_too_long(choice))
    if 300 <= status < 400:
        return Fault(ModelUnreachable(f"{where} points to another address ({status}); check the base URL"))
    refused = next((name for name in PARAMETERS if name in said or _part(name, said)), None)
    what = f" ({status}: {refused})" if refused else f" ({status})"
    return Fault(RequestRefused(f"{where} refuses the request{what}; see the server's log"), refused=refused)


def _part(name: str, said: str) -> bool:
    """True where the endpoint names a part of the request by another of its names."""
    return name == "response_format" and any(word in said for word in ("json_schema", "structured output", "grammar"))


def _known(said: str, choice: ModelChoice) -> Fault | None:
    """Faults that endpoints tell under many a status."""
    if any(sign in said for sign in _CONTEXT):
        return Fault(_too_long(choice))
    if any(sign in said for sign in _MODEL):
        return Fault(_unknown_model(choice, None))
    if any(sign in said for sign in _KEY):
        return Fault(_wrong_key(place(choice), None, choice))
    return None


def _wrong_key(where: str, status: int | None, choice: ModelChoice) -> WrongKey:
    code = f" ({status})" if status else ""
    if choice.api_key is None:
        return WrongKey(f"{where} wants a key{code}; plumbline config set api-key, or PLUMBLINE_API_KEY")
    return WrongKey(f"{where} refuses the key{code}; plumbline config set api-key, or PLUMBLINE_API_KEY")


def _unknown_model(choice: ModelChoice, status: int | None) -> UnknownModel:
    code = f" ({status})" if status else ""
    return UnknownModel(
        f"no model {choice.name!r} at {redacted(choice.base_url)}{code}; check the model's name,"
        " and the base URL (it mostly ends in /v1)"
    )


def _too_long(choice: ModelChoice) -> ContextTooLong:
    return ContextTooLong(
        f"the prompt does not fit the context window of {place(choice)}; give its true size with"
        " plumbline config set context-tokens, or narrow the question"
    )


def _later() -> str:
    return "try again later, or use another model"


def _said(error: openai.APIError) -> str:
    """All the endpoint said of the fault, in lower case, for looking at only."""
    return f"{error.code} {error.type} {error.param} {error.message} {error.body}".lower()


def _wait(response: httpx2.Response | None) -> float | None:
    """Seconds the endpoint asks to wait: Retry-After (RFC 9110 section 10.2.3), as seconds or a date; or
    retry-after-ms."""
    if response is None:
        return None
    short, given = response.headers.get("retry-after-ms"), response.headers.get("retry-after")
    for text, unit in ((short, 0.001), (given, 1.0)):
        with suppress(ValueError, TypeError):
            seconds = float(text or "") * unit
            return max(0.0, seconds) if isfinite(seconds) else None
    if given is None:
        return None
    try:
        until, now = parsedate_to_datetime(given), parsedate_to_datetime(response.headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it came from."""
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in found:
        found.append(link)
        link = link.__cause__ or link.__context__
    return found
