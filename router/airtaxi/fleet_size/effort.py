"""The clock, the caller's wish to stop, and reports of one fleet search."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from router.solving import Monitor, Progress, SolveOptions, Termination


@dataclass(slots=True)
class Effort:
    """What a search may spend, from the moment this is made."""

    options: SolveOptions
    monitor: Monitor
    began: float = field(default_factory=time.monotonic)
    iterations: int = 0
    """Begun so far."""

    @property
    def seconds(self) -> float:
        """Time spent so far."""
        return time.monotonic() - self.began

    def left(self) -> float:
        """Return the seconds left; none where the caller wants an end."""
        most = self.options.max_iterations
        if (most is not None and self.iterations > most) or self.monitor.stopped():
            return 0.0
        return self.options.seconds - self.seconds

    def spent(self) -> bool:
        """Begin an iteration; return whether time or iterations are used up instead."""
        self.iterations += 1
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
