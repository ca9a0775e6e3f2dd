"""`plumbline demo`: the whole way on bundled digests, from papers to a checked answer."""

from __future__ import annotations

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
