"""Addresses of endpoints: checked, shown without what is secret in them, told near from far."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from agent.errors import BadSettings

__all__ = ["OPENAI", "checked", "is_loopback", "is_openai", "parted", "redacted"]

OPENAI = "https://api.openai.com/v1"


class Parted(NamedTuple):
    """An address without credentials, and the credentials: user name and password, None without."""

    url: str
    login: tuple[str, str] | None


def checked(url: str) -> str:
    """`url` without blanks and a closing slash. Raises BadSettings when it's not the http(s) address of a server."""
    text = url.strip().rstrip("/")
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BadSettings(
            f"base URL {redacted(text)!r}: not the address of a model server; give one like http://localhost:11434/v1"
        )
    return text


def redacted(url: str | None) -> str:
    """`url` as it may be shown: user name, password and query taken out. None is OpenAI's own address."""
    if url is None:
        return OPENAI
    parts = _split(url)
    if parts is None:
        return "(not an address)"
    if not parts.netloc:
        return "(not an address)" if "@" in url else url
    host = parts.netloc.rpartition("@")[2]
    shown = f"***@{host}" if "@" in parts.netloc else host
    return urlunsplit((parts.scheme, shown, parts.path, "***" if parts.query else "", ""))


def parted(url: str) -> Parted:
    """The address and its credentials apart. `url` is a checked one."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return Parted(url, None)
    host = parts.netloc.rpartition("@")[2]
    login = (unquote(parts.username or ""), unquote(parts.password or ""))
    return Parted(urlunsplit((parts.scheme, host, parts.path, "", "")), login)


def is_openai(url: str | None) -> bool:
    """True for OpenAI's own endpoint, where `OPENAI_API_KEY` belongs."""
    parts = None if url is None else _split(url)
    return url is None or (
        parts is not None
        and parts.scheme == "https"
        and (parts.hostname == "api.openai.com" or (parts.hostname or "").endswith(".api.openai.com"))
    )


def is_loopback(url: str | None) -> bool:
    """True for a server on this machine."""
    parts = None if url is None else _split(url)
    host = parts.hostname if parts else None
    if not host:
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(url: str) -> SplitResult | None:
    """The parts of `url`; None when it can't be taken apart."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
