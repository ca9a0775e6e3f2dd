"""Replies kept on disk under the hash of what was asked. Neither keys nor requests are in them."""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from agent.errors import ReplayMissing

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

__all__ = ["CacheUse", "ReplyCache"]

_log = logging.getLogger(__name__)  # with nothing set up, a warning is one line on stderr
_SCHEMA = "plumbline.reply/1"


class CacheUse(Enum):
    """What becomes of replies: kept and used again, neither, or nothing but recordings."""

    KEEP = "keep"
    OFF = "off"
    REPLAY = "replay"


class _ToolCall(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str | None
    name: str
    args: dict[str, JsonValue]


class _Reply(BaseModel):
    """What of a reply is kept."""

    model_config = ConfigDict(extra="forbid")

    content: str | list[str | dict[str, JsonValue]]
    tool_calls: list[_ToolCall]
    finish_reason: str | None
    model: str | None


class ReplyCache:
    """Recorded replies in `folder`. `replay`: nothing else answers. `folder` None: nothing is kept."""

    def __init__(self, folder: Path | None, *, replay: bool = False) -> None:
        self.folder = folder
        self.replay = replay
        self._told = False

    def get(self, key: str) -> AIMessage | None:
        """The reply under `key`; None when there's none. Raises ReplayMissing where only recordings may answer."""
        reply = None if self.folder is None else self._read(self._path(self.folder, key))
        if reply is None and self.replay:
            raise ReplayMissing(
                f"no recorded reply to this request ({key[:12]}) in {self.folder or 'no folder'}; record it by asking"
                " once without --replay, with the same question, papers, model and limits"
            )
        return reply

    def put(self, key: str, reply: AIMessage) -> None:
        """Keep `reply` under `key`; one that can't be written is told and not kept."""
        if self.folder is None or self.replay:
            return
        path = self._path(self.folder, key)
        kept = _kept(reply)
        text = json.dumps({"schema": _SCHEMA, "sha256": _digest(kept), "reply": kept}, sort_keys=True)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, text)
        except OSError as error:
            if not self._told:
                self._told = True
                _log.warning("model replies are not recorded: %s: %s", self.folder, error.strerror or "cannot write")

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / key[:2] / f"{key}.json"

    def _read(self, path: Path) -> AIMessage | None:
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            text = ""
        try:
            data = json.loads(text)
            kept = data["reply"]
            if data["schema"] != _SCHEMA or data["sha256"] != _digest(kept):
                raise ValueError("another checksum")
            return _message(_Reply.model_validate(kept))
        except (ValueError, TypeError, KeyError, RecursionError, ValidationError):
            _log.warning("a recorded model reply is damaged and ignored: %s; delete it", path)
            return None


def _kept(reply: AIMessage) -> JsonValue:
    metadata = reply.response_metadata
    kept = _Reply.model_validate(
        {
            "content": reply.content,
            "tool_calls": [{name: call[name] for name in ("id", "name", "args")} for call in reply.tool_calls],
            "finish_reason": metadata.get("finish_reason"),
            "model": metadata.get("model_name"),
        }
    )
    value: JsonValue = kept.model_dump(mode="json")
    return value


def _message(reply: _Reply) -> AIMessage:
    from langchain_core.messages import AIMessage

    metadata = {"finish_reason": reply.finish_reason, "model_name": reply.model}
    return AIMessage(
        content=list(reply.content) if isinstance(reply.content, list) else reply.content,
        tool_calls=[{"id": call.id, "name": call.name, "args": dict(call.args)} for call in reply.tool_calls],
        response_metadata={name: value for name, value in metadata.items() if value is not None},
    )


def _digest(kept: JsonValue) -> str:
    return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _write(path: Path, text: str) -> None:
    """Write the whole file or none of it."""
    from tempfile import NamedTemporaryFile

    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".new-", delete=False) as new:
        try:
            new.write(text)
            new.close()
            os.replace(new.name, path)
        except BaseException:
            new.close()
            with suppress(OSError):
                os.unlink(new.name)
            raise
