"""Composition root: the only place that chooses concretes.

Everything heavy is imported inside, so that a command pays only for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.engines.protocol import Engine
    from agent.ground import Grounder
    from agent.models.cache import CacheUse
    from agent.models.guarded import GuardedChatModel
    from agent.models.protocol import Clock, Limits
    from agent.settings import Settings
    from store.embed.protocol import Embedder
    from store.library import Library

__all__ = ["make_embedder", "make_engine", "make_grounder", "make_keyless", "make_model", "open_library"]


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


def make_keyless() -> Engine:
    """The engine that needs no model, whatever the settings say."""
    from agent.engines.extractive import ExtractiveEngine

    return ExtractiveEngine()


def make_engine(
    settings: Settings,
    limits: Limits | None = None,
    *,
    cache: CacheUse | None = None,
    fallback: bool = True,
    clock: Clock | None = None,
) -> Engine:
    """The engine that writes: with the model that the settings name, else the keyless one. Nothing is sent yet.

    `fallback` False: where the model fails, nobody else writes. `limits`, `cache`, `clock` and errors as `make_model`.
    """
    model = make_model(settings, limits, cache=cache, clock=clock)
    if model is None:
        return make_keyless()
    from datetime import date

    from agent.engines.model import ModelEngine

    return ModelEngine(model, make_keyless() if fallback else None, date.today().year)


def make_model(
    settings: Settings, limits: Limits | None = None, *, cache: CacheUse | None = None, clock: Clock | None = None
) -> GuardedChatModel | None:
    """The model that the settings name, behind its guard; None when none is configured. Nothing is sent yet.

    `limits` None: those that `plumbline config` set, else the defaults. Replies are kept in the library's folder
    `replies` unless `cache` says otherwise. Raises BadSettings: an address or price file that can't be used, or a
    limit of money for a model whose price is not known.
    """
    if settings.model.name is None:
        return None
    from agent.models import setup

    return setup.model(settings, limits, cache, clock)
