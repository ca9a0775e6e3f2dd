"""A real Chromium, headless, for tests that look at pages, and a proxy on loopback that notes what a page asks for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

__all__ = ["IN_CI", "Browser", "Parsed", "find_browser", "recorder"]

IN_CI = bool(os.environ.get("CI"))
"""Read on import: a fixture of conftest.py takes the variable away from every test."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-bypass-list=<-loopback>",
)
_PATIENCE_S = 240
_OWN_CALLS = re.compile(r"(?:^|[./])(?:google|googleapis|gstatic|gvt1|chromium)\.(?:com|org)\b")
"""What the browser itself looks for, whatever page it shows."""


def find_browser(in_ci: bool = IN_CI) -> Browser:
    """The browser of this machine. Without one the test is skipped, and in CI it fails: nobody would notice a skip."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is not None:
        return Browser(Path(found))
    if in_ci:
        pytest.fail("no Chromium in CI: the report's page was not looked at; install the package chromium")
    pytest.skip("no Chromium on this machine; install the package chromium to look at the report's page")


class Browser:
    """Each page is opened in a process and a profile of its own; everything it asks the network for goes to `proxy`."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def dom(self, page: Path, proxy: str = "127.0.0.1:9", *flags: str) -> str:
        """The document after loading, scripts run, as HTML."""
        return self._run(page, proxy, "--dump-dom", *flags)

    def screenshot(self, page: Path, picture: Path, width: int, height: int) -> bytes:
        """A PNG of the first screen, written to `picture` too."""
        self._run(page, "127.0.0.1:9", f"--screenshot={picture}", f"--window-size={width},{height}")
        return picture.read_bytes()

    def _run(self, page: Path, proxy: str, *flags: str) -> str:
        with TemporaryDirectory(prefix="profile-", ignore_cleanup_errors=True) as profile:
            command = [str(self._program), *_FLAGS, f"--user-data-dir={profile}", f"--proxy-server=http://{proxy}"]
            done = subprocess.run(
                [*command, *flags, page.as_uri()],
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=_PATIENCE_S,
                check=True,
            )
        return done.stdout


@contextmanager
def recorder() -> Iterator[tuple[str, list[str]]]:
    """A proxy's address, and the list that fills with what the page asked it for; it answers nothing."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            if not _OWN_CALLS.search(self.path):
                asked.append(self.path)
            self.send_error(502)

        do_GET = do_POST = do_HEAD = do_CONNECT = answer  # noqa: N815  # names the base class asks for

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Parsed(HTMLParser):
    """A page's tags with their attributes, and the text and marked parts of each abstract."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self.abstracts: list[str] = []
        self.marks: list[list[tuple[int, str]]] = []
        """Of each abstract: where each marked part begins, and its text."""
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "p" and attributes.get("class") == "abstract":
            self._inside = ["abstract"]
            self.abstracts.append("")
            self.marks.append([])
        elif tag == "mark" and self._inside:
            self._inside.append("mark")
            self.marks[-1].append((len(self.abstracts[-1]), ""))
        elif tag == "title":
            self._inside = ["title"]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("p", "mark", "title") and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside == ["title"]:
            self.title += data
        elif self._inside:
            self.abstracts[-1] += data
            if self._inside[-1] == "mark":
                start, text = self.marks[-1][-1]
                self.marks[-1][-1] = (start, text + data)
