"""From a topic to a cited, checked review."""

from __future__ import annotations

from agent.draft.review import Wanted, write_draft

__all__ = ["Wanted", "write_draft"]
