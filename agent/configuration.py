"""The file that `plumbline config` writes: JSON, readable by its owner only."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final

from agent.errors import BadSettings

__all__ = ["NAMES", "Stored", "load", "loose", "parsed", "save"]

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Stored:
    """What the file says; None where it says nothing. Names in the file have dashes: `base-url`."""

    model: str | None = None
    base_url: str | None = None
    small_model: str | None = None
    api_key: str | None = field(default=None, repr=False)
    context_tokens: int | None = None
    temperature: float | None = None
    prices: str | None = None
    deadline: float | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    def get(self, name: str) -> Value | None:
        """The value of `name`, as it's called in the file."""
        value: Value | None = getattr(self, name.replace("-", "_"))
        return value

    def having(self, name: str, value: Value | None) -> Stored:
        """The same with `name` set to `value`; None takes it away."""
        changed = {name.replace("-", "_"): value}
        return replace(self, **changed)  # type: ignore[arg-type]  # the names and types are those of NAMES


NAMES: Final[dict[str, type[str] | type[int] | type[float]]] = {
    "model": str,
    "base-url": str,
    "small-model": str,
    "api-key": str,
    "context-tokens": int,
    "temperature": float,
    "prices": str,
    "deadline": float,
    "max-tokens": int,
    "max-cost": float,
}
"""What can be set, and its type."""

_LEAST = {"context-tokens": 512, "temperature": 0, "deadline": 1, "max-tokens": 1, "max-cost": 0}
_MOST = {"temperature": 2, "context-tokens": 100_000_000, "deadline": 86_400}


def load(path: Path | None) -> Stored:
    """What the file says; nothing where there is none. Raises BadSettings."""
    if path is None:
        return Stored()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Stored()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"config file {path}: cannot be read; mend or delete it") from error
    try:
        data = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise BadSettings(f"config file {path}: not JSON; mend or delete it") from error
    if not isinstance(data, dict):
        raise BadSettings(f"config file {path}: not a JSON object; mend or delete it")
    stored = Stored()
    for name, value in data.items():
        if name not in NAMES:
            raise BadSettings(f"config file {path}: unknown setting {str(name)[:40]!r}; known are {', '.join(NAMES)}")
        stored = stored.having(name, _checked(name, value, f"config file {path}"))
    return stored


def parsed(name: str, text: str) -> Value:
    """`text` as a value of `name`. Raises BadSettings for a name or value that can't be used."""
    if name not in NAMES:
        raise BadSettings(f"unknown setting {name[:40]!r}; known are {', '.join(NAMES)}")
    if NAMES[name] is str:
        return _checked(name, text.strip(), "config")
    try:
        value = NAMES[name](text.strip().replace("_", "").replace(",", ""))
    except ValueError as error:
        raise BadSettings(f"config: {name} must be a number, not {text[:40]!r}") from error
    return _checked(name, value, "config")


def save(path: Path, stored: Stored) -> None:
    """Write the file, whole or not at all, with mode 0600. Raises BadSettings."""
    data = {name: stored.get(name) for name in NAMES if stored.get(name) is not None}
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(new)
        raise BadSettings(
            f"config file {path}: cannot be written ({error.strerror}); name another with PLUMBLINE_CONFIG"
        ) from error


def loose(path: Path | None) -> bool:
    """True when others may read the file (where the system knows such modes)."""
    if path is None or os.name == "nt":
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077) and path.is_file()
    except OSError:
        return False


def _checked(name: str, value: object, where: str) -> Value:
    """`value`, of the type and in the bounds of `name`. Raises BadSettings, which never shows the value of a key."""
    kind = NAMES[name]
    if kind is str:
        if not isinstance(value, str) or not value or any(not sign.isprintable() for sign in value):
            raise BadSettings(f"{where}: {name} must be text on one line")
        return value
    right = isinstance(value, int) if kind is int else isinstance(value, int | float)
    if not right or isinstance(value, bool) or not isinstance(value, int | float):
        raise BadSettings(f"{where}: {name} must be {'a whole' if kind is int else 'a'} number")
    least, most = _LEAST[name], _MOST.get(name, float("inf"))
    if not least <= value <= most or value == float("inf"):
        raise BadSettings(
            f"{where}: {name} must be at least {least}" + (f" and at most {most:g}" if name in _MOST else "")
        )
    return value


assert [entry.name.replace("_", "-") for entry in fields(Stored)] == list(NAMES)  # noqa: S101 - kept in step
