"""Errors of the agent. The tree's root is `store.errors.PlumblineError`.

::

    PlumblineError (store.errors)
    ├── StoreError (store.errors)
    └── AgentError
        ├── BadInput            empty or oversized question, unusable option or file
        ├── BadSettings         a setting or environment variable that cannot be used
        ├── ModelUnavailable    the model endpoint cannot be reached, refuses the key, or has no such model
        ├── CheckUnavailable    a layer of the check cannot run (its file is missing or damaged, its model fails)
        ├── BudgetExceeded      deadline, tokens or money ran out before anything was done
        ├── PromptError         a prompt file whose text and declared inputs disagree
        ├── NothingToDraft      no paper of the library belongs to the topic (verdict "no", not a failure)
        └── DraftError          a draft folder that cannot be written or checked again
"""

from __future__ import annotations

from store.errors import PlumblineError

__all__ = [
    "AgentError",
    "BadInput",
    "BadSettings",
    "BudgetExceeded",
    "CheckUnavailable",
    "DraftError",
    "ModelUnavailable",
    "NothingToDraft",
    "PlumblineError",
    "PromptError",
]


class AgentError(PlumblineError):
    """Something about a question, a model, a setting or a draft."""


class BadInput(AgentError):
    """The user's input cannot be used."""


class BadSettings(AgentError):
    """A setting cannot be used."""


class ModelUnavailable(AgentError):
    """The model endpoint cannot be used."""


class CheckUnavailable(AgentError):
    """A layer of the check cannot run; what it would have said is unknown."""


class BudgetExceeded(AgentError):
    """A budget ran out before anything was done."""


class PromptError(AgentError):
    """A prompt file is not sound."""


class NothingToDraft(AgentError):
    """No paper of the library belongs to the topic."""


class DraftError(AgentError):
    """A draft cannot be written or read."""
