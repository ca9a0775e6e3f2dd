"""How an endpoint fails, as the ones in use do it: status, body and headers of each fault."""

from __future__ import annotations

from dataclasses import dataclass

from agent.testing.replies import Reply, ToolCall

__all__ = [
    "Fault",
    "Silence",
    "bad_arguments",
    "bad_request",
    "context_too_long",
    "dropped",
    "empty",
    "filtered",
    "malformed",
    "out_of_quota",
    "rate_limited",
    "refusal",
    "server_error",
    "slow",
    "unknown_model",
    "web_page",
    "wrong_key",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is an error. `type`, `code` and `param` are those of the error document.

    `body` is sent in its place, whatever it is; in a stream it comes as a line of the stream when the status is 200.
    """

    status: int
    message: str = ""
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """The request is taken and nothing comes back, until one side closes.

    `step`: seconds that pass on the server's clock, if it has one, whenever somebody looks at it.
    """

    step: float = 20.0


def rate_limited(retry_after: float | str | None = None, *, milliseconds: float | None = None) -> Fault:
    """429, too many requests; with `Retry-After` in seconds (or as the text given), or with `retry-after-ms`."""
    headers = () if retry_after is None else (("Retry-After", f"{retry_after}"),)
    more = () if milliseconds is None else (("retry-after-ms", f"{milliseconds}"),)
    return Fault(
        429,
        "Rate limit reached for requests per minute. Please try again later.",
        "requests",
        "rate_limit_exceeded",
        headers=(*headers, *more),
    )


def out_of_quota() -> Fault:
    """429, and waiting does not help: nothing is left on the account."""
    return Fault(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    )


def server_error(status: int = 500) -> Fault:
    """The server fails."""
    return Fault(status, "The server had an error while processing your request.", "server_error")


def unknown_model(name: str) -> Fault:
    """404: no such model. (The server gives it by itself for names it does not serve.)"""
    return Fault(404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found")


def context_too_long(limit: int = 8192, asked: int = 20000) -> Fault:
    """400: the prompt does not fit."""
    return Fault(
        400,
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in {asked} tokens.",
        code="context_length_exceeded",
        param="messages",
    )


def wrong_key(key: str = "") -> Fault:
    """401. The key is repeated in the message, as careless endpoints do. (By itself where the server has a `key`.)"""
    return Fault(401, f"Incorrect API key provided: {key}.", code="invalid_api_key")


def bad_request(param: str) -> Fault:
    """400: the endpoint does not know a field of the request."""
    return Fault(
        400, f"Unsupported parameter: '{param}' is not supported here.", code="unsupported_parameter", param=param
    )


def dropped(text: str = "A reply that does not", after: int = 2) -> Reply:
    """The connection breaks after so many pieces of the reply."""
    return Reply(text, cut_after=after)


def slow(text: str, delay: float) -> Reply:
    """`delay` seconds pass before every piece of the reply, by the server's clock."""
    return Reply(text, delay=delay)


def malformed() -> Fault:
    """200, and JSON that breaks off."""
    return Fault(200, body='{"id": "reply-1", "choices": [{"index": 0, "mess')


def web_page() -> Fault:
    """200, and a web page: the address is not that of an endpoint."""
    return Fault(
        200, headers=(("Content-Type", "text/html"),), body="<!doctype html><title>Sign in</title><p>Sign in.</p>"
    )


def refusal(text: str = "I cannot help with that.") -> Reply:
    """The model declines, in the field made for it."""
    return Reply(refusal=text)


def filtered() -> Reply:
    """The endpoint's filter ends the reply."""
    return Reply(finish="content_filter")


def empty() -> Reply:
    """A reply with nothing in it."""
    return Reply()


def bad_arguments(tool: str) -> Reply:
    """A tool call whose arguments are not JSON."""
    return Reply(tool_calls=(ToolCall(tool, '{"query": "unfinished'),))
