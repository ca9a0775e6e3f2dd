"""What a run does outside its library: files written, processes started, addresses asked for.

Seen by an audit hook of the interpreter, so that nothing in Python can go past it; native code is not seen, and
touches the library's own indexes only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Effects", "effects"]

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NETWORK = frozenset(
    ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind", "urllib.Request")
)
_PROCESSES = frozenset(
    ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn")
)
_FILES = frozenset(
    ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown")
)


class Effects:
    """What was seen: `files` outside `library`, `processes`, and `network`, an entry each."""

    def __init__(self, library: Path, ports: frozenset[int] = frozenset()) -> None:
        self._library = library.resolve()
        self._ports = ports
        self.files: list[str] = []
        self.processes: list[str] = []
        self.network: list[str] = []

    @property
    def all(self) -> tuple[str, ...]:
        """Everything seen."""
        return (*self.files, *self.processes, *self.network)

    def see(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take an event of the interpreter into account."""
        if (
            event == "open" and len(arguments) == 3 and isinstance(arguments[2], int) and arguments[2] & _WRITES
        ) or event in _FILES:
            self._file(event, arguments[0])
        elif event in _PROCESSES and arguments[:1] != ("uname",):  # which the client tells its server of
            self.processes.append(event)
        elif event in _NETWORK and not self._own(arguments):
            self.network.append(event)

    def _file(self, event: str, name: object) -> None:
        if not isinstance(name, str | bytes | os.PathLike):
            return  # a descriptor: its opening was seen
        path = Path(os.path.abspath(os.fsdecode(name)))
        if not (path == Path(os.devnull) or path.is_relative_to(self._library) or "__pycache__" in path.parts):
            self.files.append(f"{event} {path.name}")

    def _own(self, arguments: tuple[object, ...]) -> bool:
        """True for the model server of the attack itself."""
        places = [argument for argument in (arguments, *arguments) if isinstance(argument, tuple)]
        return any(len(place) >= 2 and place[0] == "127.0.0.1" and place[1] in self._ports for place in places)


def _writes(arguments: tuple[object, ...]) -> bool:
    """True for a file that is opened to be changed."""
    return len(arguments) == 3 and isinstance(arguments[2], int) and bool(arguments[2] & _WRITES)


class _Hook:
    """Installed once: the interpreter has no way to take a hook away."""

    def __init__(self) -> None:
        self.watching: Effects | None = None
        self.installed = False

    def install(self) -> None:
        if not self.installed:
            self.installed = True
            sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.watching is not None:
            self.watching.see(event, arguments)


_HOOK = _Hook()


@contextmanager
def effects(library: Path, ports: frozenset[int] = frozenset()) -> Iterator[Effects]:
    """Watches until the block ends. `library`: the folder that may be written; `ports`: of loopback, may be asked."""
    _HOOK.install()
    seen = Effects(library, ports)
    _HOOK.watching = seen
    try:
        yield seen
    finally:
        _HOOK.watching = None
