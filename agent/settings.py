"""Settings: the only place that reads the environment.

One frozen object, made once by the command line and passed down.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DEFAULT_LIBRARY", "Settings", "colour_wanted", "debugging", "from_environment", "version"]

DEFAULT_LIBRARY = Path(".plumbline")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose.

    `library`: folder of the library (default `.plumbline`).
    `embed_model`, `embed_base_url`: an OpenAI-compatible embedding model, else the bundled one.
    `api_key`: sent to that endpoint only; never printed.
    `job_summary`: where a CI service shows a job's summary; `eval` appends its report (default: nowhere).
    """

    library: Path = DEFAULT_LIBRARY
    embed_model: str | None = None
    embed_base_url: str | None = None
    api_key: str | None = None
    job_summary: Path | None = None

    def __repr__(self) -> str:
        key = "set" if self.api_key else "unset"
        return f"Settings(library={str(self.library)!r}, embed_model={self.embed_model!r}, api_key={key})"


def from_environment(library: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from flags first, then `PLUMBLINE_*` variables, then defaults."""
    env = os.environ if environ is None else environ
    chosen = library or Path(env.get("PLUMBLINE_LIBRARY") or DEFAULT_LIBRARY)
    return Settings(
        library=chosen,
        embed_model=env.get("PLUMBLINE_EMBED_MODEL") or None,
        embed_base_url=env.get("PLUMBLINE_EMBED_BASE_URL") or None,
        api_key=env.get("PLUMBLINE_API_KEY") or env.get("OPENAI_API_KEY") or None,
        job_summary=Path(env["GITHUB_STEP_SUMMARY"]) if env.get("GITHUB_STEP_SUMMARY") else None,
    )


def debugging(environ: Mapping[str, str] | None = None) -> bool:
    """True when `PLUMBLINE_DEBUG` asks for tracebacks."""
    return (os.environ if environ is None else environ).get("PLUMBLINE_DEBUG", "") not in ("", "0")


def colour_wanted(is_terminal: bool, environ: Mapping[str, str] | None = None) -> bool:
    """True when output may be coloured: on a terminal that can, unless `NO_COLOR` is set to anything."""
    env = os.environ if environ is None else environ
    return is_terminal and not env.get("NO_COLOR") and env.get("TERM") != "dumb"


def version() -> str:
    """The version of the installed program; "0+source" when it runs from a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("plumbline-review")
    except PackageNotFoundError:
        return "0+source"
