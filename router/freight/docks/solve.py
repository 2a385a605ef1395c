"""Plans a hub's dock day: the algorithm as a whole.

1. A greedy pass gives a first plan.
2. The exact model proves or improves it (:mod:`router.exact.docks`).
3. Where not everything required fits, the relaxed model leaves out as little
   as possible, and the plan says what and why.
4. Every truck moves as early as the others allow.
"""

from __future__ import annotations

import time
from functools import partial

from router.errors import Violations
from router.exact.docks import DockArrays, DockSolution, solve_docks
from router.exact.outcome import Outcome, Snapshot, Status
from router.freight.best import TERMINATIONS, Best
from router.freight.docks.arrays import to_appointments, to_arrays
from router.freight.docks.cost import cost_of
from router.freight.docks.greedy import first_solution, moved_forward
from router.freight.docks.plan import DockPlan
from router.freight.docks.problem import DockProblem
from router.freight.docks.reasons import missed_transfers, unassigned_trucks
from router.solving import Monitor, Progress, Silent, SolveOptions, Termination

MOST_PAIRS = 100_000
"""Largest number of (truck, door) choices that the exact model is built for."""
_BUILD_S_PER_PAIR = 6e-5
"""Time to build the exact model for one choice; without so much it is left out."""
_RELAXED_SHARE = 0.3
"""Share of the time kept for the relaxed model while no plan is complete."""


def solve(
    problem: DockProblem, options: SolveOptions | None = None, monitor: Monitor | None = None
) -> DockPlan:
    """Return the best dock plan found within the limits, with a proven bound.

    ``options.max_iterations`` limits the work in thousandths of CP-SAT's
    deterministic time, which makes a solve on one thread repeatable. What cannot
    be served is no error: the plan is then not feasible and gives reasons.

    Raises
    ------
    InvalidInput
        SIZE_LIMIT, if there are more than :data:`MOST_PAIRS` choices of a door
        for a truck.
    """
    return _Solve(problem, options or SolveOptions(), monitor or Silent()).run()


class _Solve:
    """One solve: what is known so far, and the steps."""

    def __init__(self, problem: DockProblem, options: SolveOptions, monitor: Monitor) -> None:
        began = time.monotonic()
        self.problem, self.monitor = problem, monitor
        self.arrays = to_arrays(problem)
        _check_size(self.arrays)
        first = first_solution(self.arrays, deadline=began + options.seconds / 2)
        self.best = Best(
            solution=moved_forward(self.arrays, first),
            rank=self._rank,
            options=options,
            began=began,
        )

    def run(self) -> DockPlan:
        """Carry out the steps."""
        if self.monitor.stopped():
            return self._plan(Termination.CANCELLED)
        complete = self.best.complete
        exact = self._exact(relaxed=False, share=1.0 if complete else 1.0 - _RELAXED_SHARE)
        if exact.solution is not None or complete or exact.status is Status.STOPPED:
            return self._plan(TERMINATIONS[exact.status])
        relaxed = self._exact(relaxed=True, share=1.0)
        ended = exact if exact.status is Status.INFEASIBLE else relaxed
        return self._plan(
            Termination.LIMIT if ended.status is Status.OPTIMAL else TERMINATIONS[ended.status]
        )

    def _exact(self, *, relaxed: bool, share: float) -> Outcome[DockSolution]:
        """Run the exact model for a share of the time left and keep what it finds."""
        if share * self.best.left < _BUILD_S_PER_PAIR * len(self.arrays.starts):
            return Outcome(Status.LIMIT)

        def listen(news: Snapshot[DockSolution]) -> bool:
            if not relaxed:
                self.best.prove(news.bound)
            if news.solution is not None:
                self._take(news.solution)
            self._report(news)
            return not self.monitor.stopped()

        outcome = solve_docks(
            self.arrays,
            self.best.limits(share),
            relaxed=relaxed,
            hint=self.best.solution,
            listen=listen,
        )
        if not relaxed and outcome.status is not Status.INFEASIBLE:
            self.best.prove(outcome.bound)
        if outcome.solution is not None:
            self._take(outcome.solution)
        return outcome

    def _take(self, solution: DockSolution) -> None:
        self.best.take(moved_forward(self.arrays, solution))

    def _rank(self, solution: DockSolution) -> tuple[int, int]:
        return _undone(self.arrays, solution), cost_of(self.arrays, solution).total

    def _report(self, news: Snapshot[DockSolution]) -> None:
        progress = Progress(
            seconds=self.best.seconds,
            objective=self.best.cost if self.best.complete else None,
            bound=self.best.bound,
            iterations=news.iterations,
            served=int((self.best.solution.door >= 0).sum()),
            total=len(self.arrays.ready),
        )
        best = partial(self._plan, Termination.LIMIT)
        self.monitor.report(progress, best if news.solution is not None else None)

    def _plan(self, termination: Termination) -> DockPlan:
        solution = self.best.solution
        return DockPlan(
            appointments=to_appointments(self.problem, solution),
            unassigned=unassigned_trucks(self.problem, self.arrays, solution),
            missed=missed_transfers(self.problem, self.arrays, solution),
            cost=cost_of(self.arrays, solution),
            feasible=self.best.complete,
            bound=self.best.bound,
            termination=termination,
            seconds=self.best.seconds,
            curve=tuple(self.best.curve),
        )


def _undone(arrays: DockArrays, solution: DockSolution) -> int:
    """Return how many required trucks and transfers ``solution`` leaves out."""
    trucks = (arrays.penalty < 0) & (solution.door < 0)
    transfers = (arrays.loss < 0) & ~solution.made
    return int(trucks.sum() + transfers.sum())


def _check_size(arrays: DockArrays) -> None:
    if len(arrays.starts) > MOST_PAIRS:
        found = Violations()
        text = (
            f"has {len(arrays.starts)} choices of a door for a truck; at most {MOST_PAIRS} are "
            "solved at once. Plan in parts, or give doors and trucks capabilities."
        )
        found.add("SIZE_LIMIT", "trucks", text)
        found.raise_if_any()
