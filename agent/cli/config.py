"""`plumbline config`: which model writes, kept in a file of the user's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from agent.configuration import Value
    from agent.render.documents import JsonObject
    from agent.settings import Settings

__all__ = ["register"]

KEY = "api-key"

Name = Annotated[str, typer.Argument(metavar="NAME", help="model, base-url, api-key...; `config show` lists them.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    config = typer.Typer(no_args_is_help=True, help="Choose the model that writes. Its key is never shown.")
    config.command()(show)
    config.command("set")(set_value)
    config.command()(unset)
    config.command()(test)
    app.add_typer(config, name="config")


def show(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
) -> None:
    """Show every setting and where it comes from."""
    from agent.cli.console import emit_json, notice, say, settings_of
    from agent.configuration import loose
    from agent.render.escape import terminal

    settings = settings_of(context)
    if json:
        emit_json(_document(settings))
        return
    say(f"file  {terminal(str(settings.config or 'none'))}")
    for name, (value, origin) in _settings(settings).items():
        say(f"{name:<15} {terminal(str('-' if value is None else value))}" + (f"  ({origin})" if origin else ""))
    if loose(settings.config) and settings.model.stored.api_key:
        notice(f"others may read the key in {settings.config}; chmod 600, or set it again")


def set_value(
    context: typer.Context,
    name: Name,
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="Its value; a key is asked for instead.")] = None,
) -> None:
    """Set one setting. A key is read from a prompt or a pipe."""
    from agent.cli.console import notice, settings_of
    from agent.configuration import parsed, save

    settings = settings_of(context)
    if name == KEY and value is not None:
        raise typer.BadParameter(
            "give the key at the prompt or through a pipe: as an argument it would stay in the shell's history"
        )
    if name != KEY and value is None:
        raise typer.BadParameter(f"{name} needs a VALUE")
    chosen = _secret() if value is None else _sound(name, parsed(name, value))
    path = _path(settings)
    stored = settings.model.stored.having(name, chosen)
    save(path, stored)
    notice(f"{name} is set in {path}")
    if name == "base-url" and stored.api_key:
        notice(f"the key in {path} goes to this address now; plumbline config set {KEY}, or unset {KEY}")


def unset(context: typer.Context, name: Name) -> None:
    """Take one setting away."""
    from agent.cli.console import notice, settings_of
    from agent.configuration import NAMES, save
    from agent.errors import BadSettings

    settings = settings_of(context)
    if name not in NAMES:
        raise BadSettings(f"unknown setting {name[:40]!r}; known are {', '.join(NAMES)}")
    path = _path(settings)
    if settings.model.stored.get(name) is None:
        notice(f"{name} was not set in {path}")
        return
    save(path, settings.model.stored.having(name, None))
    notice(f"{name} is no longer set in {path}")


def test(context: typer.Context) -> None:
    """Ask the model for one word and tell in one line."""
    from agent.app import make_model
    from agent.cli.console import say, settings_of
    from agent.errors import BadSettings
    from agent.models.cache import CacheUse
    from agent.models.probe import probe
    from agent.models.protocol import Limits
    from agent.render.escape import terminal

    model = make_model(settings_of(context), Limits(), cache=CacheUse.OFF)
    if model is None:
        raise BadSettings("no model is configured; plumbline config set model NAME")
    say(terminal(probe(model)))


def _secret() -> str:
    """A key, from a prompt that does not show it, or one line of a pipe. Raises BadSettings."""
    from agent.configuration import parsed

    given: str = typer.prompt(KEY, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    return str(parsed(KEY, given))


def _sound(name: str, value: Value) -> Value:
    """`value`, where more than its type can be checked: addresses, and files of prices. Raises BadSettings."""
    if name == "base-url":
        from agent.address import checked

        return checked(str(value))
    if name == "prices":
        from pathlib import Path

        from agent.models.prices import load_prices

        path = Path(str(value)).expanduser().absolute()
        load_prices(path)
        return str(path)
    return value


def _path(settings: Settings) -> Path:
    from agent.errors import BadSettings

    if settings.config is None:
        raise BadSettings("there is no folder for settings; name a file with PLUMBLINE_CONFIG")
    return settings.config


def _settings(settings: Settings) -> dict[str, tuple[Value | None, str]]:
    """Every setting by name: what holds and where it comes from; of a key, only whether it's set."""
    from agent.address import redacted
    from agent.configuration import NAMES

    model, stored = settings.model, settings.model.stored
    found: dict[str, tuple[Value | None, str]] = {
        name: (stored.get(name), "file" if stored.get(name) is not None else "") for name in NAMES
    }
    for name, value in (("model", model.name), ("base-url", model.base_url), ("small-model", model.small)):
        if value != stored.get(name):
            found[name] = (value or "none", "environment")
    if model.base_url is not None:
        found["base-url"] = (redacted(model.base_url), found["base-url"][1])
    found[KEY] = (None, "") if model.api_key is None else ("set", _key_origin(settings))
    return found


def _key_origin(settings: Settings) -> str:
    model = settings.model
    if model.own_key:
        return "PLUMBLINE_API_KEY"
    return "OPENAI_API_KEY" if model.api_key == model.openai_key else "file"


def _document(settings: Settings) -> JsonObject:
    """`plumbline.config/1`."""
    rows = [
        {"name": name, "value": value, "from": origin or None} for name, (value, origin) in _settings(settings).items()
    ]
    file = None if settings.config is None else str(settings.config)
    return {"schema": "plumbline.config/1", "file": file, "settings": rows}
