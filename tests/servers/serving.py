"""Starts a server that somebody else wrote, says where it listens, and holds what the tests of both ask of it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from pydantic import BaseModel

from agent.cli import main as run_cli

KEY = "sk-servers"
SERVERS = Path(__file__).parents[2] / "build" / "servers"
PATIENCE = 300  # seconds for a server to come up on a busy machine


class Finding(BaseModel):
    """What a paper reports."""

    subject: str
    value: float


def main(arguments: list[str]) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        run_cli(arguments)
    return int(ended.value.code or 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def installed(name: str) -> Path:
    """The folder of an environment's programs; skips the test where it is not installed."""
    programs = SERVERS / name / "bin"
    if not (SERVERS / name / ".ready").exists():
        pytest.skip(f"{name} is not installed: bash tests/servers/setup.sh")
    return programs


@contextmanager
def serving(command: Sequence[str], port: int, log: Path, key: str) -> Iterator[str]:
    """The base URL of the server that `command` starts on `port`, once it answers."""
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            _wait(server, f"http://127.0.0.1:{port}/v1/models", key, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(server: subprocess.Popen[bytes], url: str, key: str, log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    with httpx2.Client(trust_env=False, headers={"Authorization": f"Bearer {key}"}) as client:
        while time.monotonic() < ends:
            if server.poll() is not None:
                pytest.fail(f"the server ended: {log.read_text('utf-8', 'replace')[-800:]}")
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.2)
    pytest.fail(f"no answer in {PATIENCE} s: {log.read_text('utf-8', 'replace')[-800:]}")
