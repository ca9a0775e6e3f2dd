"""A small OpenAI-compatible server on this machine that says what it is told to, faults included."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from http.server import ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType

from agent.testing import faults
from agent.testing.clock import FakeClock
from agent.testing.faults import Fault, Silence
from agent.testing.handler import Handler
from agent.testing.replies import Reply
from agent.testing.request import ModelRequest
from agent.testing.wire import prompt_tokens

__all__ = ["ModelServer", "Said", "Script"]

Said = str | Reply | Fault | Silence
Script = Iterable[Said] | Callable[[ModelRequest], Said]


class ModelServer:
    """A server at `base_url` for as long as its `with` block runs, or until `close`.

    `script`: replies and faults in order, or a function from the request to one; a text is a reply. `models`: names it
    serves, others get 404. `key`: what it wants as key, else 401. `refuses`: fields of a request it answers with 400.
    `context_tokens`: longer prompts get 400. `clock`: slow replies pass the time of this clock, in step with whoever
    reads it; without it they take as long as they say. `requests` keeps what was asked, refused requests included.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        models: Iterable[str] = ("scripted",),
        key: str | None = None,
        refuses: Collection[str] = (),
        context_tokens: int | None = None,
        clock: FakeClock | None = None,
    ) -> None:
        self.models = tuple(models)
        self.requests: list[ModelRequest] = []
        self.clock = clock
        self.key = key
        self.closing = Event()
        self._refuses = frozenset(refuses)
        self._context_tokens = context_tokens
        self._script = script if callable(script) else _in_order(script)
        self._turn = Lock()
        self._http = _Listener(self)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def model(self) -> str:
        """The first of the models served."""
        return self.models[0]

    def answer(self, request: ModelRequest) -> Said:
        """What is said to `request`, which is kept."""
        with self._turn:
            self.requests.append(request)
            return self._objection(request) or self._script(request)

    def close(self) -> None:
        """Stop serving, and break off whatever is being said."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> ModelServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _objection(self, request: ModelRequest) -> Fault | None:
        if self.key is not None and request.key != self.key:
            return faults.wrong_key(request.key or "")
        if request.model not in self.models:
            return faults.unknown_model(request.model)
        refused = sorted(self._refuses & set(request.body))
        if refused:
            return faults.bad_request(refused[0])
        if self._context_tokens is not None and prompt_tokens(request) > self._context_tokens:
            return faults.context_too_long(self._context_tokens, prompt_tokens(request))
        return None


class _Listener(ThreadingHTTPServer):
    """Listens on a free port of the loopback interface; a thread for every connection, all ended by `server_close`."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, owner: ModelServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), Handler)


def _in_order(script: Iterable[Said]) -> Callable[[ModelRequest], Said]:
    """The next reply at every request; past the end of the script, an error that says so."""
    rest = iter(script)
    return lambda request: next(rest, Fault(400, "the script has no reply left for this request", code="script_ended"))
