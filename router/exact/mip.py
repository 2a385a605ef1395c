"""Mixed-integer programs as arrays, solved by HiGHS through MathOpt.

HiGHS takes no interrupt and overruns its time limit now and then. So a solve
that is not done at once moves to a process of its own
(:mod:`router.exact.mip_process`), which reports incumbents and bounds on the way
and can be ended at any moment without losing the best solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from router.exact import mip_process
from router.exact.outcome import Limits, Outcome, Snapshot, Status

Doubles = npt.NDArray[np.float64]
Listener = Callable[[Snapshot[Doubles]], bool]

QUICK_S = 0.5
"""Time that a small model gets in this process, before another is started."""
QUICK_ENTRIES = 50_000
"""Largest number of matrix entries of a small model."""
QUICK_RANGE = 10**6
"""Largest upper bound of a variable of a small model. A model of six variables
up to 2 * 10**9 was seen to run for minutes beyond a limit of half a second."""
ABSOLUTE_GAP = 0.9
"""Costs are whole numbers: a bound less than 1 below the cost proves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mip:
    """Minimise cost @ x with row_lower <= A x <= row_upper, lower <= x <= upper.

    A is given by its entries (row, column, value), each pair at most once.
    """

    cost: Doubles
    lower: Doubles
    upper: Doubles
    integer: npt.NDArray[np.bool_]
    row_lower: Doubles
    row_upper: Doubles
    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    values: Doubles

    def to_proto(self) -> model_pb2.ModelProto:
        """Return the program as MathOpt's message."""
        proto = model_pb2.ModelProto()
        proto.variables.ids.extend(range(len(self.cost)))
        proto.variables.lower_bounds.extend(self.lower)
        proto.variables.upper_bounds.extend(self.upper)
        proto.variables.integers.extend(self.integer)
        dear = np.flatnonzero(self.cost)
        proto.objective.linear_coefficients.ids.extend(dear)
        proto.objective.linear_coefficients.values.extend(self.cost[dear])
        proto.linear_constraints.ids.extend(range(len(self.row_lower)))
        proto.linear_constraints.lower_bounds.extend(self.row_lower)
        proto.linear_constraints.upper_bounds.extend(self.row_upper)
        order = np.lexsort((self.columns, self.rows))
        proto.linear_constraint_matrix.row_ids.extend(self.rows[order])
        proto.linear_constraint_matrix.column_ids.extend(self.columns[order])
        proto.linear_constraint_matrix.coefficients.extend(self.values[order])
        return proto


def minimise(
    mip: Mip,
    limits: Limits,
    listen: Listener = lambda news: True,
    hint: Doubles | None = None,
) -> Outcome[Doubles]:
    """Return the best solution found and the bound proven.

    ``listen`` is called about ten times a second; ``False`` ends the solve
    within a tick or two. ``hint`` is a feasible solution to start from.
    """
    proto = mip.to_proto()
    first: Outcome[Doubles] = Outcome(Status.LIMIT, hint)
    if is_small(mip):
        quick = _quick(proto, limits, hint)
        if quick.status is not Status.LIMIT:
            return quick
        # Where iterations are the limit, what the clock has ended may not count.
        first = quick if limits.iterations is None else first
        if not listen(Snapshot(first.solution, first.objective, first.bound)):
            return replace(first, status=Status.STOPPED)
    if not limits.seconds_left:
        return first

    def heard(news: Snapshot[Doubles]) -> bool:
        return listen(_news(first, news))

    return _better(first, mip_process.run(proto, limits, heard, hint))


def _news(first: Outcome[Doubles], news: Snapshot[Doubles]) -> Snapshot[Doubles]:
    """Return the news without what is no better than the first outcome."""
    bound = max((b for b in (first.bound, news.bound) if b is not None), default=None)
    known = first.objective
    if known is None or (news.objective is not None and news.objective < known):
        return replace(news, bound=bound)
    return replace(news, solution=None, objective=known, bound=bound)


def _better(first: Outcome[Doubles], last: Outcome[Doubles]) -> Outcome[Doubles]:
    """Return the last outcome, with the first one's solution or bound where better."""
    bound = max((b for b in (first.bound, last.bound) if b is not None), default=None)
    last = replace(last, bound=bound)
    if last.status in (Status.OPTIMAL, Status.INFEASIBLE) or first.objective is None:
        return last
    if last.objective is None or first.objective < last.objective:
        return replace(last, solution=first.solution, objective=first.objective)
    return last


def is_small(mip: Mip) -> bool:
    """Return whether HiGHS can be trusted to end in time in this process."""
    few = len(mip.values) <= QUICK_ENTRIES
    return few and bool(mip.upper.max(initial=0.0) <= QUICK_RANGE)


def _quick(proto: model_pb2.ModelProto, limits: Limits, hint: Doubles | None) -> Outcome[Doubles]:
    seconds = min(QUICK_S, max(limits.seconds_left, 1e-3))
    parameters = solve_parameters(limits, seconds)
    model = mathopt.Model.from_model_proto(proto)
    result = mathopt.solve(
        model,
        mathopt.SolverType.HIGHS,
        params=parameters,
        model_params=hinted(model, hint),
    )
    return to_outcome(result, len(proto.variables.ids))


def solve_parameters(limits: Limits, seconds: float) -> mathopt.SolveParameters:
    """Return the parameters of MathOpt for ``limits``."""
    return mathopt.SolveParameters(
        time_limit=timedelta(seconds=seconds),
        random_seed=limits.seed % 2**31,
        node_limit=limits.iterations,
        relative_gap_tolerance=limits.relative_gap,
        absolute_gap_tolerance=ABSOLUTE_GAP,
    )


def hinted(model: mathopt.Model, hint: Doubles | None) -> mathopt.ModelSolveParameters:
    """Return the model's parameters with ``hint`` to start from."""
    if hint is None:
        return mathopt.ModelSolveParameters()
    values = dict(zip(model.variables(), hint.tolist(), strict=True))
    return mathopt.ModelSolveParameters(
        solution_hints=[mathopt.SolutionHint(variable_values=values)]
    )


def to_outcome(result: mathopt.SolveResult, size: int) -> Outcome[Doubles]:
    """Return what MathOpt's result says."""
    reason = result.termination.reason
    if reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return Outcome(Status.INFEASIBLE)
    bound = result.termination.objective_bounds.dual_bound
    proven = bound if math.isfinite(bound) else None
    nodes = result.solve_stats.node_count
    if not result.has_primal_feasible_solution():
        return Outcome(Status.LIMIT, bound=proven, iterations=nodes)
    values = np.zeros(size)
    for variable, value in result.variable_values().items():
        values[variable.id] = value
    optimal = reason is mathopt.TerminationReason.OPTIMAL
    status = Status.OPTIMAL if optimal else Status.LIMIT
    return Outcome(status, values, result.objective_value(), proven, nodes)
