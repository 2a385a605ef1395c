"""The best solution of one solve so far, with its bound and its history."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from router.exact.outcome import Limits, Status
from router.solving import SolveOptions, Termination

S = TypeVar("S")

TERMINATIONS = {
    Status.OPTIMAL: Termination.OPTIMAL,
    Status.INFEASIBLE: Termination.INFEASIBLE,
    Status.LIMIT: Termination.LIMIT,
    Status.STOPPED: Termination.CANCELLED,
}


@dataclass(slots=True, kw_only=True)
class Best(Generic[S]):
    """What is known so far in a solve that began when this was made."""

    solution: S
    rank: Callable[[S], tuple[int, int]]
    """(required items left undone, cost); less is better."""
    options: SolveOptions
    began: float
    """``time.monotonic()`` at the solve's start."""
    bound: int | None = None
    curve: list[tuple[float, int]] = field(default_factory=list)
    """(seconds, cost) of each improvement."""

    def __post_init__(self) -> None:
        self._note()

    @property
    def seconds(self) -> float:
        """Time since the solve began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float:
        """Time that is left."""
        return self.options.seconds - self.seconds

    @property
    def complete(self) -> bool:
        """Whether all that is required is done."""
        return self.rank(self.solution)[0] == 0

    @property
    def cost(self) -> int:
        """Cost of the best solution."""
        return self.rank(self.solution)[1]

    def take(self, solution: S) -> None:
        """Keep ``solution`` where it leaves less undone, or costs less."""
        if self.rank(solution) < self.rank(self.solution):
            self.solution = solution
            self._note()

    def prove(self, bound: float | None, tolerance: float = 0.0) -> None:
        """Keep a bound on the cost, less a share that a solver's tolerance may have added."""
        if bound is not None and math.isfinite(bound):
            safe = math.ceil(bound - max(1e-6, tolerance * abs(bound)))
            self.bound = max(self.bound or 0, safe)

    def limits(self, share: float) -> Limits:
        """Return the limits of an exact model that may take a share of the time left."""
        return Limits(
            deadline=time.monotonic() + share * self.left,
            threads=self.options.threads,
            seed=self.options.seed,
            iterations=self.options.max_iterations,
            relative_gap=self.options.relative_gap or 0.0,
        )

    def _note(self) -> None:
        self.curve.append((self.seconds, self.cost))
