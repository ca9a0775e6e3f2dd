"""Who checks: a claim and the stored text in, a verdict out."""

from __future__ import annotations

from agent.ground.gate import Action, Policy, Settled, action_for, settle
from agent.ground.grounder import Grounder, Item

__all__ = ["Action", "Grounder", "Item", "Policy", "Settled", "action_for", "settle"]
