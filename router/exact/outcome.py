"""What every exact model is given and gives back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

_A = TypeVar("_A")
_B = TypeVar("_B")

TICK_S = 0.1
"""Time between two looks at a running solve, seconds."""


class Status(StrEnum):
    """How an exact solve ended."""

    OPTIMAL = "optimal"
    """Proven, to the relative gap asked for."""
    INFEASIBLE = "infeasible"
    """Proven to have no solution."""
    LIMIT = "limit"
    """A limit was reached, with or without a solution."""
    STOPPED = "stopped"
    """The listener ended it, with or without a solution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When an exact solve ends.

    ``deadline`` is a moment of :func:`time.monotonic`; ``iterations`` counts
    work that no clock decides: thousandths of CP-SAT's deterministic time, or
    nodes of a branch and bound.
    """

    deadline: float
    threads: int = 1
    seed: int = 1
    iterations: int | None = None
    relative_gap: float = 0.0

    @property
    def seconds_left(self) -> float:
        """Time to the deadline, never below 0."""
        return max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_A]):
    """The best solution found, if any, and what is proven about it."""

    status: Status
    solution: _A | None = None
    objective: float | None = None
    bound: float | None = None
    """No solution has a smaller objective; ``None`` where nothing is proven."""
    iterations: int = 0

    def map(self, convert: Callable[[_A], _B]) -> Outcome[_B]:
        """Return the same with the solution converted."""
        solution = None if self.solution is None else convert(self.solution)
        return Outcome(self.status, solution, self.objective, self.bound, self.iterations)


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[_A]):
    """Where a running solve stands; ``solution`` is new since the last one."""

    solution: _A | None = None
    objective: float | None = None
    bound: float | None = None
    iterations: int = 0

    def map(self, convert: Callable[[_A], _B]) -> Snapshot[_B]:
        """Return the same with the solution converted."""
        solution = None if self.solution is None else convert(self.solution)
        return Snapshot(solution, self.objective, self.bound, self.iterations)
