"""Plans freight flows: the algorithm as a whole.

1. A greedy pass sends each commodity by its cheapest ways.
2. The exact model proves or improves that (:mod:`router.exact.flows`).
3. Where not everything required fits, the fewest possible units are left, at
   the least cost, and the plan says what and why.
"""

from __future__ import annotations

import time
from functools import partial

from router.errors import Violations
from router.exact.flows import FlowArrays, Ints, size_of, solve_flows
from router.exact.outcome import Outcome, Snapshot, Status
from router.freight.best import TERMINATIONS, Best
from router.freight.flows.arrays import (
    departures,
    interchange_flows,
    lane_flows,
    left_over,
    to_arrays,
)
from router.freight.flows.cost import cost_of, total_of
from router.freight.flows.greedy import along_ways, first_flow
from router.freight.flows.plan import FlowPlan
from router.freight.flows.problem import FlowProblem
from router.freight.flows.reasons import unshipped_goods
from router.solving import Monitor, Progress, Silent, SolveOptions, Termination

MOST_PAIRS = 5_000_000
"""Largest number of (commodity, lane or interchange) pairs that are looked at."""
MOST_COLUMNS = 200_000
"""Largest number of variables of the exact model; it has as many rows at most."""
_EXACT_SHARE = 0.7
"""Share of the time for the full model while no plan ships all that is required."""
_TOLERANCE = 1e-6
"""Share by which HiGHS's tolerances may raise a bound."""


def solve(
    problem: FlowProblem, options: SolveOptions | None = None, monitor: Monitor | None = None
) -> FlowPlan:
    """Return the best flow plan found within the limits, with a proven bound.

    ``options.max_iterations`` limits the nodes of the branch and bound. What
    cannot be shipped is no error: the plan is then not feasible and gives
    reasons.

    Raises
    ------
    InvalidInput
        SIZE_LIMIT, if the model would be larger than :data:`MOST_COLUMNS`.
    """
    _check_pairs(problem)
    return _Solve(problem, options or SolveOptions(), monitor or Silent()).run()


class _Solve:
    """One solve: what is known so far, and the steps."""

    def __init__(self, problem: FlowProblem, options: SolveOptions, monitor: Monitor) -> None:
        began = time.monotonic()
        self.problem, self.monitor = problem, monitor
        self.arrays = to_arrays(problem)
        _check_columns(self.arrays)
        self.best = Best(
            solution=along_ways(self.arrays, first_flow(self.arrays)),
            rank=self._rank,
            options=options,
            began=began,
        )

    def run(self) -> FlowPlan:
        """Carry out the steps."""
        if self.monitor.stopped():
            return self._plan(Termination.CANCELLED)
        if not self.problem.commodities:
            self.best.prove(0)
            return self._plan(Termination.OPTIMAL)
        exact = self._exact(spare=0, share=1.0 if self.best.complete else _EXACT_SHARE)
        if exact.status is Status.INFEASIBLE:
            return self._plan(self._least_left(Termination.INFEASIBLE))
        if self.best.complete or exact.status is Status.STOPPED:
            return self._plan(TERMINATIONS[exact.status])
        return self._plan(self._least_left(Termination.LIMIT))

    def _least_left(self, otherwise: Termination) -> Termination:
        """Leave the fewest required units, then find the cheapest such plan."""
        fewest = self._exact(spare=None, share=0.5)
        if fewest.status is Status.OPTIMAL:
            fewest = self._exact(spare=_undone(self.arrays, self.best.solution), share=1.0)
        return Termination.CANCELLED if fewest.status is Status.STOPPED else otherwise

    def _exact(self, *, spare: int | None, share: float) -> Outcome[Ints]:
        """Run the exact model for a share of the time left and keep what it finds."""

        def listen(news: Snapshot[Ints]) -> bool:
            if spare == 0:
                self.best.prove(news.bound, _TOLERANCE)
            if news.solution is not None:
                self._take(news.solution)
            self._report(news)
            return not self.monitor.stopped()

        # Without the best plan as its start HiGHS finds better ones: started from
        # the greedy plan it ended 14 s on c33 without any improvement.
        outcome = solve_flows(self.arrays, self.best.limits(share), spare=spare, listen=listen)
        if outcome.solution is not None:
            self._take(outcome.solution)
        if spare == 0 and outcome.status is not Status.INFEASIBLE:
            self.best.prove(outcome.bound, _TOLERANCE)
        return outcome

    def _take(self, flow: Ints) -> None:
        self.best.take(along_ways(self.arrays, flow))

    def _rank(self, flow: Ints) -> tuple[int, int]:
        return _undone(self.arrays, flow), total_of(self.arrays, flow)

    def _report(self, news: Snapshot[Ints]) -> None:
        left = left_over(self.arrays, self.best.solution)
        progress = Progress(
            seconds=self.best.seconds,
            objective=self.best.cost if self.best.complete else None,
            bound=self.best.bound,
            iterations=news.iterations,
            served=int((left == 0).sum()),
            total=len(left),
        )
        best = partial(self._plan, Termination.LIMIT)
        self.monitor.report(progress, best if news.solution is not None else None)

    def _plan(self, termination: Termination) -> FlowPlan:
        flow = self.best.solution
        return FlowPlan(
            flows=lane_flows(self.problem, flow),
            departures=departures(self.problem, self.arrays, flow),
            interchanges=interchange_flows(self.problem, flow),
            unshipped=unshipped_goods(self.problem, self.arrays, flow),
            cost=cost_of(self.problem, self.arrays, flow),
            feasible=self.best.complete,
            bound=self.best.bound,
            termination=termination,
            seconds=self.best.seconds,
            curve=tuple(self.best.curve),
        )


def _undone(arrays: FlowArrays, flow: Ints) -> int:
    """Return how many units of required commodities ``flow`` leaves."""
    return int(left_over(arrays, flow)[arrays.penalty < 0].sum())


def _check_pairs(problem: FlowProblem) -> None:
    pairs = len(problem.commodities) * (len(problem.lanes) + len(problem.interchanges))
    if pairs > MOST_PAIRS:
        _refuse(f"make {pairs} pairs with the lanes and interchanges; at most {MOST_PAIRS}")


def _check_columns(arrays: FlowArrays) -> None:
    if size_of(arrays) > MOST_COLUMNS:
        _refuse(f"make a model of {size_of(arrays)} variables; at most {MOST_COLUMNS}")


def _refuse(text: str) -> None:
    found = Violations()
    found.add("SIZE_LIMIT", "commodities", f"{text} are solved at once. Aggregate commodities.")
    found.raise_if_any()
