"""Composition root: the only place that chooses concretes.

Everything heavy is imported inside, so that a command pays only for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.engines.protocol import Engine
    from agent.ground import Grounder
    from agent.settings import Settings
    from store.embed.protocol import Embedder
    from store.library import Library

__all__ = ["make_embedder", "make_engine", "make_grounder", "open_library"]


def make_embedder(settings: Settings) -> Embedder | None:
    """The OpenAI-compatible embedder the settings name, or None: the library's own bundled one."""
    if settings.embed_model is None:
        return None
    from store.embed.openai import OpenAIEmbedder

    return OpenAIEmbedder(settings.embed_model, settings.embed_base_url, settings.api_key)


def open_library(settings: Settings, create: bool = False) -> Library:
    """The library the settings name, opened. Raises StoreError where it is missing or unusable."""
    from store.library import Library

    return Library.open(settings.library, embedder=make_embedder(settings), create=create)


def make_grounder(library: Library) -> Grounder:
    """The checker, on the library's own embedder."""
    from agent.ground import Grounder

    return Grounder(library.embedder, library.sentence_vectors)


def make_engine(settings: Settings) -> Engine:
    """The engine that writes. Without a model that is the keyless one."""
    from agent.engines.extractive import ExtractiveEngine

    return ExtractiveEngine()
