"""The workbench a case runs on: a library and, once asked for, the checker and the engine. One a process."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.engines.protocol import Engine
    from agent.ground import Grounder
    from agent.settings import Settings
    from store.library import Library

__all__ = ["Bench"]


class Bench:
    """Opens what cases use, each at first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def library(self) -> Library:
        """The library the settings name."""
        from agent.app import open_library

        return open_library(self.settings)

    @cached_property
    def grounder(self) -> Grounder:
        """The checker that the settings name; a judge's limits hold for each claim."""
        from agent.app import make_entailment, make_grounder

        return make_grounder(self.library, make_entailment(self.settings))

    @cached_property
    def engine(self) -> Engine:
        """The engine that writes: the keyless one, for which the gates are stated."""
        from agent.app import make_keyless

        return make_keyless()

    def close(self) -> None:
        """Close the library if it was opened."""
        if "library" in self.__dict__:
            self.library.close()
