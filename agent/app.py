"""Composition root: the only place that chooses concretes.

Everything heavy is imported inside, so that a command pays only for what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.engines.protocol import Engine
    from agent.ground import Grounder
    from agent.ground.entail import Entailment
    from agent.models.cache import CacheUse
    from agent.models.guarded import GuardedChatModel
    from agent.models.protocol import Clock, Limits
    from agent.settings import Settings
    from store.embed.protocol import Embedder
    from store.library import Library

__all__ = [
    "make_embedder",
    "make_engine",
    "make_entailment",
    "make_grounder",
    "make_keyless",
    "make_model",
    "open_library",
]


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


def make_grounder(library: Library, entailment: Entailment | None = None) -> Grounder:
    """The checker, on the library's own embedder. `entailment` (of `make_entailment`) None: the bundled model."""
    from agent.ground import Grounder

    return Grounder(library.embedder, library.sentence_vectors, entailment)


def make_entailment(
    settings: Settings, limits: Limits | None = None, *, cache: CacheUse | None = None, shared: bool = False
) -> Entailment:
    """What judges meaning in the check, as the settings name it; its weights load, and models are asked, at first use.

    For a judge: `limits` and `cache` as `make_model`; `shared`: limits hold for all it is asked together, else for each
    claim. Raises BadSettings; CheckUnavailable for an NLI model that is not there or is none.
    """
    from agent.checkers.choice import CheckerKind, parse

    choice = parse(settings.checker)
    if choice.kind is CheckerKind.NLI:
        from agent.checkers.transformers_nli import NliChecker

        return NliChecker(choice.model)
    if choice.kind is CheckerKind.JUDGE:
        return _judge(settings, limits, cache, shared)
    from agent.ground.entail import BundledEntailment

    return BundledEntailment()


def _judge(settings: Settings, limits: Limits | None, cache: CacheUse | None, shared: bool) -> Entailment:
    from agent.errors import BadSettings

    model = make_model(settings, limits, cache=cache)
    if model is None:
        raise BadSettings(
            "--checker judge needs a model: plumbline config set model NAME, or PLUMBLINE_MODEL; --checker bundled"
            " needs none"
        )
    from agent.checkers.judge import Judge

    return Judge(model, shared=shared)


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
