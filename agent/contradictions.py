"""Pairs of papers that disagree on what a question compares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.checking import Checker
from agent.types import Contradiction, Evidence, Plan

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["contradictions"]


def contradictions(
    plan: Plan, evidence: Sequence[Evidence], checker: Checker, library: Library
) -> tuple[Contradiction, ...]:
    """The contradictions found; empty where the question compares nothing."""
    return ()
