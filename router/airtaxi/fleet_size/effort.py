"""The clock, the caller's wish to stop, and reports of one fleet search."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from router.solving import Monitor, Progress, SolveOptions, Termination


@dataclass(frozen=True, slots=True)
class Effort:
    """What a search may spend, from the moment this is made."""

    options: SolveOptions
    monitor: Monitor
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Time spent so far."""
        return time.monotonic() - self.began

    def left(self) -> float:
        """Return the seconds left; none where the caller wants an end."""
        return 0.0 if self.monitor.stopped() else self.options.seconds - self.seconds

    def spent(self) -> bool:
        """Return whether the time is up or the caller wants an end."""
        return self.left() <= 0

    def report(self, objective: int | None, bound: float, iterations: int) -> None:
        """Tell the caller where the search stands."""
        self.monitor.report(
            Progress(seconds=self.seconds, objective=objective, bound=bound, iterations=iterations)
        )

    def termination(self, proven: bool) -> Termination:
        """Return why the search ends now."""
        if proven:
            return Termination.OPTIMAL
        return Termination.CANCELLED if self.monitor.stopped() else Termination.LIMIT
