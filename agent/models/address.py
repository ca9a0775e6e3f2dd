"""Addresses of endpoints, for those who know them by this name: see `agent.address`."""

from agent.address import OPENAI, checked, is_loopback, is_openai, redacted

__all__ = ["OPENAI", "checked", "is_loopback", "is_openai", "redacted"]
