"""Connects to an endpoint: the only module that knows which client speaks to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.address import OPENAI, is_loopback, is_openai, parted, redacted
from agent.errors import RealRequestForbidden
from agent.models.cache import ReplyCache
from agent.models.protocol import Clock, Limits, ModelChoice

if TYPE_CHECKING:
    from agent.models.client import EndpointClient
    from agent.models.guarded import GuardedChatModel
    from agent.models.learned import Learned
    from agent.models.meter import Meter
    from agent.models.prices import Prices

__all__ = ["allow_real_requests", "connect", "forbid_real_requests"]

NO_KEY = "none"  # local servers want no key, the client wants a text


@dataclass(slots=True)
class _Switch:
    """Which requests may be sent."""

    forbidden: bool = False
    except_loopback: bool = False


_SWITCH = _Switch()


def forbid_real_requests(*, except_loopback: bool = False) -> None:
    """From now on any request to an endpoint raises RealRequestForbidden (but to this machine, where so told)."""
    _SWITCH.forbidden, _SWITCH.except_loopback = True, except_loopback


def allow_real_requests() -> None:
    """Lift `forbid_real_requests`."""
    _SWITCH.forbidden = False


def connect(
    choice: ModelChoice,
    limits: Limits,
    cache: ReplyCache,
    clock: Clock,
    prices: Prices | None = None,
) -> GuardedChatModel:
    """The guarded model at the endpoint, and its cheaper one. Nothing is sent before it is asked.

    `prices` None: the bundled table for OpenAI's own endpoint, none for others.
    """
    from agent.models.meter import Meter
    from agent.models.prices import load_prices

    _trace_nothing()
    known = load_prices(bundled=is_openai(choice.base_url)) if prices is None else prices
    meter = Meter(limits, clock, known)
    model = _guarded(choice, meter, cache)
    if choice.small is None or choice.small == choice.name:
        return model
    return model.model_copy(update={"small": _guarded(choice.smaller(), meter, cache)})


def _guarded(choice: ModelChoice, meter: Meter, cache: ReplyCache) -> GuardedChatModel:
    from agent.models.guarded import GuardedChatModel
    from agent.models.learned import Learned

    learned = Learned()
    inner = _client(choice, meter.clock, learned)
    return GuardedChatModel(inner=inner, choice=choice, meter=meter, cache_of_replies=cache, learned=learned, real=True)


def _client(choice: ModelChoice, clock: Clock, learned: Learned) -> EndpointClient:
    """The client: no retries of its own, no environment of its own, every request bounded on the wire."""
    import httpx2
    from pydantic import SecretStr

    from agent.models.client import EndpointClient
    from agent.models.wire import BoundedTransport

    base_url, login = parted(choice.base_url or OPENAI)
    transport = BoundedTransport(clock, lambda: _may_ask(choice), _proxy(base_url))
    client = EndpointClient(
        model=choice.name,
        base_url=base_url,
        api_key=SecretStr(choice.api_key or NO_KEY),
        temperature=choice.temperature,
        max_retries=0,
        stream_usage=True,
        http_client=httpx2.Client(transport=transport, follow_redirects=False, auth=login),
    )
    if client.temperature is None:  # the client knows that this model takes none
        learned.note("temperature")
    client.temperature = None  # it goes with every request, so that it can be left out
    return client


def _may_ask(choice: ModelChoice) -> None:
    """Raises RealRequestForbidden where the switch forbids a request."""
    if _SWITCH.forbidden and not (_SWITCH.except_loopback and is_loopback(choice.base_url)):
        raise RealRequestForbidden(
            f"a request to the model {choice.name!r} at {redacted(choice.base_url)} is forbidden by a switch;"
            " unset PLUMBLINE_FORBID_MODEL to allow it"
        )


def _proxy(base_url: str) -> str | None:
    """The HTTP proxy that this machine's settings name for the endpoint; None for this machine itself."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(base_url)
    if is_loopback(base_url) or proxy_bypass(parts.hostname or ""):
        return None
    found = getproxies()
    proxy = found.get(parts.scheme) or found.get("all")
    return proxy if proxy and proxy.startswith(("http://", "https://")) else None


def _trace_nothing() -> None:
    """Keep LangChain's tracing from sending prompts anywhere, whatever the environment says."""
    import langsmith

    langsmith.configure(enabled=False)
