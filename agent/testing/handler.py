"""How the model server speaks HTTP: takes a request, sends what the script says, breaks off where it says so."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, NoReturn, cast

from agent.testing import wire
from agent.testing.faults import Fault, Silence
from agent.testing.replies import Reply, pieces, settled
from agent.testing.request import ModelRequest, NotARequest, read

if TYPE_CHECKING:
    from agent.testing.server import ModelServer, _Listener

__all__ = ["Handler"]

_GLANCE = 0.01  # real seconds between two looks at a connection that may have been closed
_GIVEN_UP = 0.05  # real seconds in which a reader who has looked for the last time closes its connection
_LOOKS = 6000  # glances after which a reader who never looks at the clock is given up
_LARGEST = 64 * 1024 * 1024  # bytes of a request


class _Gone(Exception):
    """The other side has closed the connection, or the server closes."""


class Handler(BaseHTTPRequestHandler):
    """One connection to the model server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _owner(self) -> ModelServer:
        return cast("_Listener", self.server).owner

    def handle_one_request(self) -> None:
        """Wait for a request without missing the end of the server."""
        try:
            while not self._readable():
                pass
            super().handle_one_request()
        except (_Gone, ConnectionError):
            self.close_connection = True

    def do_GET(self) -> None:
        """The list of models."""
        if self.path.rstrip("/") == "/v1/models":
            if self._owner.key is not None and self._key() != self._owner.key:
                return self._fail(Fault(401, "Incorrect API key provided.", code="invalid_api_key"))
            return self._send(200, wire.models_document(self._owner.models))
        return self._nothing_here()

    def do_POST(self) -> None:
        """A chat completion."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST:
            self.close_connection = True
            return self._fail(Fault(400, "A request needs a Content-Length."))
        data = self.rfile.read(int(length))
        if self.path.rstrip("/") != "/v1/chat/completions":
            return self._nothing_here()
        try:
            request = read(data, self._key())
        except NotARequest as error:
            return self._fail(Fault(400, str(error)))
        return self._say(request)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""

    def _say(self, request: ModelRequest) -> None:
        said = self._owner.answer(request)
        if isinstance(said, Silence):
            self._be_silent(said.step)
        if isinstance(said, Fault):
            return self._fail(said, in_stream=request.stream)
        reply = settled(Reply(said) if isinstance(said, str) else said, request.offer)
        number = len(self._owner.requests)
        if request.stream:
            return self._stream(reply, wire.events(request, reply, number))
        return self._whole(reply, wire.completion(request, reply, number))

    def _whole(self, reply: Reply, body: bytes) -> None:
        """A reply in one document. A slow one comes in as many parts as its text has pieces."""
        parts = max(1, len(pieces(reply.text))) if reply.delay or reply.cut_after is not None else 1
        step = -(-len(body) // parts)
        if reply.cut_after == 0:
            raise _Gone
        self._head(200, "application/json", len(body))
        for number in range(parts):
            if number == reply.cut_after:
                raise _Gone
            self._pause(reply.delay)
            self.wfile.write(body[number * step : (number + 1) * step])

    def _stream(self, reply: Reply, events: Iterable[bytes]) -> None:
        """A reply in events. The role, which comes first, counts as no piece."""
        if reply.cut_after == 0 and reply.last_words is None:
            raise _Gone
        self._head(200, "text/event-stream", None)
        for number, event in enumerate(events):
            if number - 1 == reply.cut_after:
                return self._break_off(reply.last_words)
            if number:
                self._pause(reply.delay)
            self._chunk(event)
        self._chunk(wire.DONE)
        self.wfile.write(b"0\r\n\r\n")
        return None

    def _break_off(self, last_words: Fault | None) -> None:
        if last_words is not None:
            self._chunk(wire.event(wire.error_bytes(last_words)))
        raise _Gone

    def _fail(self, fault: Fault, *, in_stream: bool = False) -> None:
        headers = dict(fault.headers)
        kind = headers.pop("Content-Type", "application/json")
        if in_stream and fault.status == 200 and kind == "application/json":
            self._head(200, "text/event-stream", None)
            self._chunk(wire.event((fault.body or "").encode()))
            self.wfile.write(b"0\r\n\r\n")
            return
        body = wire.error_bytes(fault) if fault.body is None else fault.body.encode()
        self._send(fault.status, body, kind, headers)

    def _nothing_here(self) -> None:
        self._send(404, b'{"detail":"Not Found"}')

    def _send(
        self, status: int, body: bytes, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        self._head(status, kind, len(body), headers)
        self.wfile.write(body)

    def _head(self, status: int, kind: str, length: int | None, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header(*(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _key(self) -> str | None:
        scheme, _, key = (self.headers.get("Authorization") or "").partition(" ")
        return key if scheme.lower() == "bearer" else None

    def _pause(self, seconds: float) -> None:
        """Let `seconds` pass: by the injected clock, when its reader has looked at it; else by the real one."""
        clock = self._owner.clock
        if not seconds:
            return
        if clock is None:
            if self._owner.closing.wait(seconds):
                raise _Gone
            return
        for _ in range(_LOOKS):
            if clock.looked(_GLANCE):
                clock.advance(seconds)
                return
            self._check()
        raise _Gone

    def _be_silent(self, step: float) -> NoReturn:
        """Until nobody is left, time passes with every look at the clock."""
        while True:
            if self._owner.clock is None:
                self._owner.closing.wait(_GLANCE)
            elif self._owner.clock.looked(_GLANCE):
                self._owner.closing.wait(_GIVEN_UP)
                self._check()
                self._owner.clock.advance(step)
            self._check()

    def _check(self) -> None:
        """Raise _Gone when nobody is left to talk to."""
        if self._owner.closing.is_set():
            raise _Gone
        if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK):
            raise _Gone

    def _readable(self) -> bool:
        if self._owner.closing.is_set():
            raise _Gone
        return bool(select.select([self.connection], [], [], _GLANCE)[0])
