"""What every test shares: no network, no environment of the user, one demo library a session."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from store.library import Library

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "evals" / "demo" / "digests.jsonl"
CORPUS = ROOT.parent / "shared" / "corpus"

_LOOPBACK = ("127.", "::1", "localhost")


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine."""


def _allow(address: Any) -> None:
    """Raise unless `address` is a path (a Unix socket) or a loopback host."""
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
        raise NetworkBlocked(f"tests run without a network, but something called {address[0]!r}")


def pytest_configure() -> None:
    """Block the network before any test module is imported."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        _allow(address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        _allow(address)
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if host is not None:
            _allow((host if isinstance(host, str) else host.decode(),))
        return resolve(host, *arguments, **options)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_resolve


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, nobodys_config: Path) -> None:
    """No variable and no configuration of the person who runs the tests changes their outcome."""
    for name in list(os.environ):
        if name.startswith(("PLUMBLINE_", "OPENAI_")) or name in ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PLUMBLINE_CONFIG", str(nobodys_config))


@pytest.fixture(scope="session")
def nobodys_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration file that does not exist."""
    return tmp_path_factory.mktemp("config") / "config.json"


@pytest.fixture(autouse=True)
def _no_real_model() -> None:
    """No test asks a model that is not on this machine; one that tries gets RealRequestForbidden."""
    from agent.models.connect import forbid_real_requests

    forbid_real_requests(except_loopback=True)


@pytest.fixture(scope="session")
def demo_library_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the demo library, built once a session from the bundled digests. Only read it."""
    if not DEMO.exists():
        pytest.skip("evals/demo/digests.jsonl is not there yet")
    from store.library import Library

    path = tmp_path_factory.mktemp("demo") / "library"
    with Library.open(path, create=True) as library:
        report = library.add([DEMO])
    assert not report.failed, report.failed
    return path


@pytest.fixture(scope="session")
def demo_library(demo_library_path: Path) -> Iterator[Library]:
    """The demo library, opened once a session. Only read it; `demo_copy` is for writing."""
    from store.library import Library

    with Library.open(demo_library_path) as library:
        yield library


@pytest.fixture
def demo_copy(demo_library_path: Path, tmp_path: Path) -> Path:
    """Folder of a demo library of the test's own."""
    return Path(shutil.copytree(demo_library_path, tmp_path / "library"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The saved pages of real papers, which lie beside the repository in development only."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus ../shared/corpus is not on this machine")
    return CORPUS
