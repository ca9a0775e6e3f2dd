"""A clock that stands still until it is moved: deadlines and waiting without waiting."""

from __future__ import annotations

from threading import Condition

__all__ = ["FakeClock"]


class FakeClock:
    """A `Clock` whose time passes only by `sleep`. `sleeps` keeps every wait asked for, in seconds.

    Threads may share it. `looked` lets one thread move it in step with another that reads it: the model server's slow
    drip goes on when its reader has looked at the clock, so a test ends the same way on a slow machine.
    """

    def __init__(self, start: float = 0.0) -> None:
        self.sleeps: list[float] = []
        self._now = start
        self._fresh = True
        self._changed = Condition()

    def now(self) -> float:
        """Seconds since the start."""
        with self._changed:
            self._fresh = False
            self._changed.notify_all()
            return self._now

    def sleep(self, seconds: float) -> None:
        """Time has passed; nobody waited."""
        with self._changed:
            self.sleeps.append(seconds)
            self._pass(seconds)

    def advance(self, seconds: float) -> None:
        """As `sleep`, but kept out of `sleeps`: time that passes elsewhere."""
        with self._changed:
            self._pass(seconds)

    def looked(self, patience: float) -> bool:
        """True when somebody has read the clock since it last moved; waits up to `patience` real seconds for it."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._fresh, patience)

    def _pass(self, seconds: float) -> None:
        self._now += max(0.0, seconds)
        self._fresh = True
