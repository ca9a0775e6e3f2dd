"""The wire to an endpoint: a request and its whole reply take no longer than they may, however slowly bytes drip.

A read timeout of the client starts again with every byte, so a server that sends one byte a minute is never late.
Here the timeout of a request is for all of it: connecting, sending, waiting, headers and body.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from agent.errors import BadReply
from agent.models.protocol import Clock

__all__ = ["BoundedTransport"]

SLICE_SECONDS = 0.1  # how often a silent wait looks at the clock
MAX_BYTES = 16_000_000


class _Deadlines(threading.local):
    """When the request that this thread reads must be done, on `clock`."""

    ends = float("inf")


class BoundedTransport(httpx2.BaseTransport):
    """Sends requests; the read timeout of each is the time for the whole of it.

    `proxy` is the address of an HTTP proxy, or None. `may_ask` is called before each request and raises where none may
    be sent.
    """

    def __init__(self, clock: Clock, may_ask: Callable[[], None], proxy: str | None = None) -> None:
        self._clock = clock
        self._may_ask = may_ask
        self._deadlines = _Deadlines()
        self._pool = _pool(_Backend(clock, self._deadlines), proxy)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response, its body still to be read. Raises httpcore2 errors, and what `may_ask` raises."""
        self._may_ask()
        ends = self._clock.now() + _seconds(request)
        self._deadlines.ends = ends
        url = request.url
        sent = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        got = self._pool.handle_request(sent)
        body = _Body(got, self._deadlines, ends)
        return httpx2.Response(status_code=got.status, headers=got.headers, stream=body, extensions=got.extensions)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    """A reply's body, read under its own deadline and up to MAX_BYTES."""

    def __init__(self, response: httpcore2.Response, deadlines: _Deadlines, ends: float) -> None:
        self._response = response
        self._deadlines = deadlines
        self._ends = ends

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        parts = self._response.iter_stream()
        while True:
            self._deadlines.ends = self._ends
            part = next(parts, None)
            if part is None:
                return
            size += len(part)
            if size > MAX_BYTES:
                raise BadReply(f"the model's reply is longer than {MAX_BYTES // 1_000_000} MB and was cut off")
            yield part

    def close(self) -> None:
        self._response.close()


class _Backend(httpcore2.NetworkBackend):
    """Sockets whose every wait ends with the request's time."""

    def __init__(self, clock: Clock, deadlines: _Deadlines) -> None:
        self._clock = clock
        self._deadlines = deadlines
        self._real = httpcore2.SyncBackend()

    def left(self, error: type[httpcore2.TimeoutException]) -> float:
        """Seconds that are left, at least a little more than none. Raises `error` when none are."""
        left = self._deadlines.ends - self._clock.now()
        if left <= 0:
            raise error
        return max(left, 0.001)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        left = self.left(httpcore2.ConnectTimeout)
        wait = left if timeout is None else min(timeout, left)
        return _Stream(self._real.connect_tcp(host, port, wait, local_address, socket_options), self)


class _Stream(httpcore2.NetworkStream):
    """One connection."""

    def __init__(self, real: httpcore2.NetworkStream, backend: _Backend) -> None:
        self._real = real
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while True:
            wait = min(self._backend.left(httpcore2.ReadTimeout), SLICE_SECONDS)
            try:
                return self._real.read(max_bytes, wait)
            except httpcore2.ReadTimeout:
                continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, self._backend.left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self._real.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._backend.left(httpcore2.ConnectTimeout)
        wait = left if timeout is None else min(timeout, left)
        return _Stream(self._real.start_tls(ssl_context, server_hostname, wait), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)


def _seconds(request: httpx2.Request) -> float:
    """The time for the whole request: its read timeout."""
    seconds = request.extensions.get("timeout", {}).get("read")
    return float("inf") if seconds is None else float(seconds)


def _pool(backend: _Backend, proxy: str | None) -> httpcore2.ConnectionPool:
    """The connections, through the proxy where there is one. None is kept: a dead one costs more than a new one."""
    trust = httpx2.create_ssl_context()
    if proxy is None:
        return httpcore2.ConnectionPool(ssl_context=trust, max_keepalive_connections=0, network_backend=backend)
    address = httpx2.Proxy(proxy)
    url = httpcore2.URL(
        scheme=address.url.raw_scheme, host=address.url.raw_host, port=address.url.port, target=address.url.raw_path
    )
    return httpcore2.HTTPProxy(
        proxy_url=url,
        proxy_auth=address.raw_auth,
        ssl_context=trust,
        max_keepalive_connections=0,
        network_backend=backend,
    )
