"""Settings: the only place that reads the environment, and the file that `plumbline config` writes.

One frozen object, made once by the command line and passed down. Flags stand over the environment, it over the file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.address import is_openai
from agent.configuration import Stored, load

__all__ = [
    "DEFAULT_CHECKER",
    "DEFAULT_LIBRARY",
    "NO_MODEL",
    "ModelSettings",
    "Settings",
    "colour_wanted",
    "config_file",
    "debugging",
    "from_environment",
    "moving_terminal",
    "version",
]

DEFAULT_LIBRARY = Path(".plumbline")
DEFAULT_CHECKER = "bundled"
NO_MODEL = "none"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model writes; none: `name` is None.

    `base_url`: an OpenAI-compatible endpoint (default OpenAI's own). `small`: a cheaper model there for planning and
    judging. `own_key` (PLUMBLINE_API_KEY) is sent to that endpoint, `openai_key` (OPENAI_API_KEY) to OpenAI only, the
    file's key only to the endpoint that the file names; none is ever shown. `forbid`: no request may be sent.
    `stored` is what the file says, for what has no variable.
    """

    name: str | None = None
    base_url: str | None = None
    small: str | None = None
    own_key: str | None = field(default=None, repr=False)
    openai_key: str | None = field(default=None, repr=False)
    forbid: bool = False
    stored: Stored = field(default_factory=Stored)

    def __repr__(self) -> str:
        return f"ModelSettings(name={self.name!r}, small={self.small!r}, key={'set' if self.api_key else 'unset'})"

    @property
    def api_key(self) -> str | None:
        """The key that may be sent to `base_url`; None where there is none."""
        if self.own_key:
            return self.own_key
        if self.openai_key and is_openai(self.base_url):
            return self.openai_key
        return self.stored.api_key if self.base_url == self.stored.base_url else None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose.

    `library`: folder of the library (default `.plumbline`).
    `embed_model`, `embed_base_url`: an OpenAI-compatible embedding model, else the bundled one.
    `api_key`: sent to that endpoint only; never printed.
    `job_summary`: where a CI service shows a job's summary; `eval` appends its report (default: nowhere).
    `model`: which model writes (default: none). `config`: the file that `plumbline config` writes.
    `checker`: what judges meaning in the check, as `agent.checkers.choice` reads it (default: `bundled`).
    """

    library: Path = DEFAULT_LIBRARY
    embed_model: str | None = None
    embed_base_url: str | None = None
    api_key: str | None = None
    job_summary: Path | None = None
    model: ModelSettings = field(default_factory=ModelSettings)
    config: Path | None = None
    checker: str = DEFAULT_CHECKER

    def __repr__(self) -> str:
        key = "set" if self.api_key else "unset"
        return f"Settings(library={str(self.library)!r}, embed_model={self.embed_model!r}, api_key={key})"


def from_environment(library: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from flags first, then `PLUMBLINE_*` variables, then the file, then defaults. Raises BadSettings."""
    env = os.environ if environ is None else environ
    chosen = library or Path(env.get("PLUMBLINE_LIBRARY") or DEFAULT_LIBRARY)
    config = config_file(env)
    return Settings(
        library=chosen,
        embed_model=env.get("PLUMBLINE_EMBED_MODEL") or None,
        embed_base_url=env.get("PLUMBLINE_EMBED_BASE_URL") or None,
        api_key=env.get("PLUMBLINE_API_KEY") or env.get("OPENAI_API_KEY") or None,
        job_summary=Path(env["GITHUB_STEP_SUMMARY"]) if env.get("GITHUB_STEP_SUMMARY") else None,
        model=_model(env, load(config)),
        config=config,
        checker=env.get("PLUMBLINE_CHECKER") or DEFAULT_CHECKER,
    )


def _model(env: Mapping[str, str], stored: Stored) -> ModelSettings:
    name = env.get("PLUMBLINE_MODEL") or stored.model
    return ModelSettings(
        name=None if name == NO_MODEL else name,
        base_url=env.get("PLUMBLINE_BASE_URL") or stored.base_url,
        small=env.get("PLUMBLINE_SMALL_MODEL") or stored.small_model,
        own_key=env.get("PLUMBLINE_API_KEY") or None,
        openai_key=env.get("OPENAI_API_KEY") or None,
        forbid=env.get("PLUMBLINE_FORBID_MODEL", "") not in ("", "0"),
        stored=stored,
    )


def config_file(env: Mapping[str, str]) -> Path | None:
    """Where `plumbline config` writes: PLUMBLINE_CONFIG, else in the user's folder for settings; None without one."""
    if env.get("PLUMBLINE_CONFIG"):
        return Path(env["PLUMBLINE_CONFIG"])
    home = env.get("HOME") or env.get("USERPROFILE")
    if sys.platform == "win32":
        folder = env.get("APPDATA")
    elif sys.platform == "darwin":
        folder = home and f"{home}/Library/Application Support"
    else:
        folder = env.get("XDG_CONFIG_HOME") or (home and f"{home}/.config")
    return Path(folder) / "plumbline" / "config.json" if folder else None


def debugging(environ: Mapping[str, str] | None = None) -> bool:
    """True when `PLUMBLINE_DEBUG` asks for tracebacks."""
    return (os.environ if environ is None else environ).get("PLUMBLINE_DEBUG", "") not in ("", "0")


def colour_wanted(is_terminal: bool, environ: Mapping[str, str] | None = None) -> bool:
    """True when output may be coloured: on a terminal that can, unless `NO_COLOR` is set to anything."""
    env = os.environ if environ is None else environ
    return is_terminal and not env.get("NO_COLOR") and env.get("TERM") != "dumb"


def moving_terminal(is_terminal: bool, environ: Mapping[str, str] | None = None) -> bool:
    """True when what was written on the terminal can be taken off again."""
    return is_terminal and (os.environ if environ is None else environ).get("TERM", "") not in ("", "dumb")


def version() -> str:
    """The version of the installed program; "0+source" when it runs from a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("plumbline-review")
    except PackageNotFoundError:
        return "0+source"
