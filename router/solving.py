"""The vocabulary that every solver and every checker of the library shares.

A solver is ``solve(problem, options, monitor) -> plan``; it reports to the
monitor and stops when the monitor says so. A checker is
``check(problem, plan) -> CheckReport`` and shares no code with any solver.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from router.errors import Violation, Violations


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """How long and how hard to search.

    Parameters
    ----------
    seconds
        Wall-clock limit of the whole solve, preparation included; > 0.
    seed
        Seed of every random choice; 0 to 2**63 - 1. The same seed, threads
        and ``max_iterations`` give the same plan where no clock decides.
    threads
        Threads to use, 1 to 256.
    max_iterations
        Deterministic limit on search iterations, >= 0; ``None`` is no limit.
    relative_gap
        Stop once the proven gap is at most this, in [0, 1]; ``None`` never.

    Raises
    ------
    InvalidInput
        If any value is out of range.
    """

    seconds: float = 10.0
    seed: int = 1
    threads: int = 1
    max_iterations: int | None = None
    relative_gap: float | None = None

    def __post_init__(self) -> None:
        found = Violations("options")
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            found.add("TIME_LIMIT", "seconds", f"is {self.seconds}; give a time above 0 seconds.")
        if not 0 <= self.seed < 2**63:
            found.add("SEED", "seed", f"is {self.seed}; give 0 to 2**63 - 1.")
        if not 1 <= self.threads <= 256:
            found.add("THREADS", "threads", f"is {self.threads}; give 1 to 256.")
        if self.max_iterations is not None and self.max_iterations < 0:
            found.add("ITERATIONS", "max_iterations", f"is {self.max_iterations}; give 0 or more.")
        if self.relative_gap is not None and not 0 <= self.relative_gap <= 1:
            found.add("GAP", "relative_gap", f"is {self.relative_gap}; give 0 to 1.")
        found.raise_if_any()


class Termination(StrEnum):
    """Why a solve ended."""

    OPTIMAL = "optimal"
    """The plan is proven best (to ``relative_gap`` where one was asked for)."""
    LIMIT = "limit"
    """Time or iterations were used up; the plan is the best found."""
    CANCELLED = "cancelled"
    """The monitor asked to stop; the plan is the best found."""
    INFEASIBLE = "infeasible"
    """Proven to have no feasible plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a running solve stands.

    ``objective`` and ``bound`` are in minor currency units or in the
    problem's own cost units; ``None`` until there is one. A bound is a lower
    bound where the part minimises and an upper bound where it maximises.
    """

    seconds: float
    objective: float | None = None
    bound: float | None = None
    iterations: int = 0
    served: int = 0
    total: int = 0

    @property
    def gap(self) -> float | None:
        """Relative gap |objective - bound| / max(1, |objective|), or ``None``."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float | None, bound: float | None) -> float | None:
    """Return |objective - bound| / max(1, |objective|), ``None`` without both."""
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(1.0, abs(objective))


class Monitor(Protocol):
    """Listens to a solve and may stop it."""

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Take progress, at most ten times a second.

        ``incumbent`` builds the best plan so far when called, and is ``None``
        where it did not change since the last report.
        """
        ...

    def stopped(self) -> bool:
        """Return whether the solve should end now and return its best."""
        ...


class Silent:
    """A monitor that hears nothing and never stops."""

    def report(self, progress: Progress, incumbent: Callable[[], object] | None = None) -> None:
        """Ignore the report."""

    def stopped(self) -> bool:
        """Return ``False``."""
        return False


@dataclass(frozen=True, slots=True)
class Cost:
    """A total and the named parts that sum to it, in minor currency units.

    Raises
    ------
    ValueError
        If the components do not sum to the total.
    """

    total: int
    components: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.components and sum(self.components.values()) != self.total:
            raise ValueError(f"components {dict(self.components)} do not sum to {self.total}.")

    @classmethod
    def of(cls, **components: int) -> Cost:
        """Return the cost whose total is the sum of ``components``."""
        return cls(sum(components.values()), components)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What an independent checker found about a plan."""

    violations: tuple[Violation, ...]
    cost: Cost

    @property
    def feasible(self) -> bool:
        """Whether no hard rule is broken."""
        return not self.violations
