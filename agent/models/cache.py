"""Replies kept on disk under the hash of what was asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

__all__ = ["ReplyCache"]


class ReplyCache:
    """Recorded replies in `folder`. `replay`: nothing else answers. `folder` None: nothing is kept."""

    def __init__(self, folder: Path | None, *, replay: bool = False) -> None:
        self.folder = folder
        self.replay = replay

    def get(self, key: str) -> AIMessage | None:
        """The reply under `key`; None when there's none. Raises ReplayMissing where only recordings may answer."""
        raise NotImplementedError

    def put(self, key: str, reply: AIMessage) -> None:
        """Keep `reply` under `key`; one that can't be written is told and not kept."""
        raise NotImplementedError
