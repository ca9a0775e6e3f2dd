"""A review drafted from within a conversation, into a new folder of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.types import Draft

if TYPE_CHECKING:
    from agent.chat.conversation import Conversation

__all__ = ["Drafted", "draft_into", "new_folder"]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft, its folder, and the files in it."""

    draft: Draft
    folder: Path
    files: tuple[Path, ...]


def draft_into(topic: str, conversation: Conversation, place: Path, progress: Callable[[str], None]) -> Drafted:
    """A review of `topic` under the conversation's filters, in a new folder in `place`.

    Raises BadInput, NothingToDraft, DraftError, StorageFull.
    """
    from agent.draft import write_draft
    from agent.draft.assemble import check_target, write_folder
    from agent.draft.scope import make_scope

    scope = make_scope(topic, conversation.filters)
    folder = new_folder(place, scope.topic)
    check_target(folder, force=False)
    library = conversation.library
    made = write_draft(
        topic, library, conversation.engine, conversation.grounder, conversation.filters, progress=progress
    )
    conversation.spend(*made.runs)
    return Drafted(made, folder, write_folder(made, library, folder, conversation.filters))


def new_folder(place: Path, topic: str) -> Path:
    """A folder in `place` that is not there yet, named for the topic."""
    words = re.findall(r"[a-z0-9]+", topic.casefold())
    name = "-".join(["review", *words])[:60].rstrip("-")
    folder, number = place / name, 2
    while folder.exists() or folder.is_symlink():
        folder, number = place / f"{name}-{number}", number + 1
    return folder
