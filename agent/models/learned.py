"""What an endpoint was found not to take, so that it's tried once only."""

from __future__ import annotations

__all__ = ["Learned"]


class Learned:
    """Parts of requests that the endpoint refused. Shared by all copies of a model."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def note(self, part: str) -> None:
        """Remember that the endpoint doesn't take `part`."""
        self._refused.add(part)

    def refuses(self, part: str) -> bool:
        """True when the endpoint was found not to take `part`."""
        return part in self._refused
