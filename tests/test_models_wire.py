"""The wire: headers that drip and bodies without end stay within time and size."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import repeat
from threading import Thread

import pytest
from langchain_core.messages import HumanMessage

from agent.errors import BadReply, BudgetEnded, ModelFault, ModelUnreachable
from agent.models.cache import ReplyCache
from agent.models.connect import _proxy, connect
from agent.models.protocol import Limits, ModelChoice
from agent.models.retry import ATTEMPTS
from agent.testing import FakeClock

BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slow: "
OPEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def raw_server(talk: Callable[[socket.socket], None], connections: int = 1) -> Iterator[str]:
    """The address of a server that takes so many connections, reads what comes first and then talks as told."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for _ in range(connections):
            with suppress(OSError), closing(listener.accept()[0]) as connection:
                connection.recv(65536)
                talk(connection)

    thread = Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    listener.close()
    thread.join()


def fault_of(url: str, clock: FakeClock) -> ModelFault:
    model = connect(ModelChoice("m", url), Limits(deadline_s=30), ReplyCache(None), clock)
    with pytest.raises(ModelFault) as raised:
        model.invoke([HumanMessage("Is it so?")])
    return raised.value


@pytest.mark.parametrize("before", [BEGUN, OPEN + b"ff\r\n"])
def test_no_byte_is_slow_enough_to_pass_the_deadline(before: bytes) -> None:
    clock = FakeClock()

    def drip(connection: socket.socket) -> None:
        connection.sendall(before)
        for byte in repeat(b" "):
            if clock.looked(0.1):
                clock.advance(5)
            connection.sendall(byte)

    with raw_server(drip) as url:
        error = fault_of(url, clock)
    assert isinstance(error, BudgetEnded)
    assert 30 <= clock.now() <= 60


def test_a_body_without_end_is_cut_off() -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"

    def pour(connection: socket.socket) -> None:
        connection.sendall(OPEN)
        for more in repeat(chunk):
            connection.sendall(more)

    with raw_server(pour) as url:
        error = fault_of(url, FakeClock())
    assert isinstance(error, BadReply)
    assert "longer than 16 MB" in str(error)


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", b""])
def test_what_is_no_web_server_is_told(said: bytes) -> None:
    with raw_server(lambda connection: connection.sendall(said), connections=ATTEMPTS) as url:
        error = fault_of(url, FakeClock())
    assert isinstance(error, ModelUnreachable)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.openai.com/v1", "http://proxy.example:3128"),
        ("http://localhost:11434/v1", None),
        ("https://inside.example/v1", None),
    ],
)
def test_proxies_are_for_far_away(url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "NO_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert _proxy(url) == expected
