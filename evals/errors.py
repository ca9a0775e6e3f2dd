"""Errors of evaluation. The tree's root is `store.errors.PlumblineError`.

::

    PlumblineError (store.errors)
    └── EvalError
        ├── SuiteInvalid      a suite or cases file that cannot be used: file, line, field, reason
        ├── BaselineInvalid   a baseline that is no report of ours, or of another suite
        ├── ReportUnwritable  a report file that cannot be written
        └── WorkerDied        a process that ran cases was killed or crashed
"""

from __future__ import annotations

from store.errors import PlumblineError

__all__ = ["BaselineInvalid", "EvalError", "ReportUnwritable", "SuiteInvalid", "WorkerDied"]


class EvalError(PlumblineError):
    """Something about a suite, its cases, a baseline or a report."""


class SuiteInvalid(EvalError):
    """A suite or cases file cannot be used."""


class BaselineInvalid(EvalError):
    """A baseline file cannot be compared with."""


class ReportUnwritable(EvalError):
    """A report file cannot be written."""


class WorkerDied(EvalError):
    """A process that ran cases was killed or crashed."""
