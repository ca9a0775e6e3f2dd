"""Errors of the agent. The tree's root is `store.errors.PlumblineError`.

::

    PlumblineError (store.errors)
    ├── StoreError (store.errors)
    └── AgentError
        ├── BadInput            empty or oversized question, unusable option or file
        ├── BadSettings         a setting or environment variable that cannot be used
        ├── ModelFault          a model was asked for and did not answer, or may not be asked
        │   ├── ModelUnreachable    no connection, or the endpoint fails again and again
        │   ├── WrongKey            the key is refused
        │   ├── UnknownModel        no model of that name at that address
        │   ├── RateLimited         too many requests at the moment; waiting would help, but takes too long
        │   ├── QuotaUsedUp         the account has nothing left; waiting does not help
        │   ├── ContextTooLong      the prompt does not fit the model's context window
        │   ├── RequestRefused      the endpoint does not take a request of this form
        │   ├── Refused             the model declines to answer
        │   ├── BadReply            a reply that is empty, cut off or not of the form asked for
        │   ├── BudgetEnded         deadline, tokens or money of the question ran out
        │   ├── RealRequestForbidden  a switch forbids requests to endpoints
        │   └── ReplayMissing       only recordings may answer, and there is none of this request
        ├── CheckUnavailable    a layer of the check cannot run (its file is missing or damaged, its model fails)
        ├── PromptError         a prompt file whose text and declared inputs disagree
        ├── NothingToDraft      no paper of the library belongs to the topic (verdict "no", not a failure)
        └── DraftError          a draft folder that cannot be written or checked again
"""

from __future__ import annotations

from store.errors import PlumblineError

__all__ = [
    "AgentError",
    "BadInput",
    "BadReply",
    "BadSettings",
    "BudgetEnded",
    "CheckUnavailable",
    "ContextTooLong",
    "DraftError",
    "ModelFault",
    "ModelUnreachable",
    "NothingToDraft",
    "PlumblineError",
    "PromptError",
    "QuotaUsedUp",
    "RateLimited",
    "RealRequestForbidden",
    "Refused",
    "ReplayMissing",
    "RequestRefused",
    "UnknownModel",
    "WrongKey",
]


class AgentError(PlumblineError):
    """Something about a question, a model, a setting or a draft."""


class BadInput(AgentError):
    """The user's input cannot be used."""


class BadSettings(AgentError):
    """A setting cannot be used."""


class CheckUnavailable(AgentError):
    """A layer of the check cannot run; what it would have said is unknown."""


class PromptError(AgentError):
    """A prompt file is not sound."""


class NothingToDraft(AgentError):
    """No paper of the library belongs to the topic."""


class DraftError(AgentError):
    """A draft cannot be written or read."""


class ModelFault(AgentError):
    """A model was asked for and gave nothing that can be used, or may not be asked."""


class ModelUnreachable(ModelFault):
    """The endpoint cannot be reached, breaks off, or fails again and again."""


class WrongKey(ModelFault):
    """The endpoint refuses the key."""


class UnknownModel(ModelFault):
    """The endpoint has no model of that name, or the address is not one of an endpoint."""


class RateLimited(ModelFault):
    """Too many requests at the moment."""


class QuotaUsedUp(ModelFault):
    """The account's quota or credit is used up; asking again does not help."""


class ContextTooLong(ModelFault):
    """The prompt does not fit the model's context window."""


class RequestRefused(ModelFault):
    """The endpoint does not take a request of this form."""


class Refused(ModelFault):
    """The model, or its filter, declines to answer."""


class BadReply(ModelFault):
    """The reply is empty, cut off, or not of the form asked for."""


class BudgetEnded(ModelFault):
    """Deadline, tokens or money of the question ran out; what was done before stays."""


class RealRequestForbidden(ModelFault):
    """A switch forbids requests to endpoints."""


class ReplayMissing(ModelFault):
    """Only recordings may answer, and there is none of this request."""
