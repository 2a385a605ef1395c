"""Aircraft as an integer flow: linear programme by GLOP, whole numbers by diving.

Units flow from node to node over arcs. Arcs may belong to groups; what flows
through a group earns its rewards, each up to its size. A dive solves the linear
programme, rounds up the arcs that are nearly whole, and solves again from the
same basis until nothing is fractional. On these networks GLOP took 0.5 s for
14,000 arcs where HiGHS took 28 s, and near-integral optima make dives short.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from router.exact.glop import solved

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TINY = 1e-6
SURE = 0.95
"""Fractions from here on are rounded up at once."""
SHARE = 0.06
"""Share of the fractional arcs that are rounded up together."""
SLACK = 0.03
"""How far below a whole number the reward of a linear programme still counts as it: the costs of
use of 3,000 flights, see below. With more flights a careful dive gives a reward away."""
USE_COST = 1e-5
"""Cost of a unit on an arc of a group, so that none flows there for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFlow:
    """The most reward of an integer flow.

    Parameters
    ----------
    supply
        Units that enter at each node, negative where they leave, int (nodes,).
    tail, head
        Ends of each arc, int (arcs,).
    group
        Group of each arc, -1 for none, int (arcs,).
    counted
        Arcs that together carry at most ``fleet`` units, bool (arcs,).
    reward_group, reward_size, reward
        A reward for each of the first ``size`` units through a group, not yet
        rewarded otherwise; int, int and float (rewards,).
    """

    supply: Ints
    tail: Ints
    head: Ints
    group: Ints
    counted: npt.NDArray[np.bool_]
    fleet: int
    reward_group: Ints
    reward_size: Ints
    reward: Doubles

    @property
    def arcs(self) -> int:
        """Number of arcs."""
        return len(self.tail)

    def earned(self, flow: Ints) -> float:
        """Return the reward of a flow, int (arcs,)."""
        groups = int(max(self.group.max(initial=-1), self.reward_group.max(initial=-1))) + 1
        inside = self.group >= 0
        left = np.bincount(self.group[inside], flow[inside], groups)
        total = 0.0
        for k in np.argsort(-self.reward, kind="stable"):
            taken = min(left[self.reward_group[k]], self.reward_size[k])
            left[self.reward_group[k]] -= taken
            total += self.reward[k] * taken
        return total


class Relaxation:
    """The linear programme of a :class:`FleetFlow`, solved again and again."""

    def __init__(self, flow: FleetFlow) -> None:
        self._arcs = flow.arcs
        self._model = mathopt.Model.from_model_proto(_proto(flow))
        self._variables = list(self._model.variables())
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)
        self.reward = 0.0
        """Of the last solution, a hair below the true one (see :data:`USE_COST`)."""

    def bound(self, arc: int, lower: float, upper: float = math.inf) -> None:
        """Set the least and the most flow of an arc."""
        self._variables[arc].lower_bound = lower
        self._variables[arc].upper_bound = upper

    def lower(self, arc: int) -> float:
        """Return the least flow of an arc."""
        return float(self._variables[arc].lower_bound)

    def solve(self, seconds: float) -> Doubles | None:
        """Return the best flow on each arc; ``None`` if there is none in time."""
        result = solved(self._solver, seconds, values=True)
        if result is None:
            return None
        self.reward = result.objective_value()
        values = np.zeros(len(self._variables))
        for variable, value in result.variable_values().items():
            values[variable.id] = value
        return values[: self._arcs]


def dive(
    flow: FleetFlow,
    seconds_left: Callable[[], float],
    at_least: float = -math.inf,
    *,
    careful: bool = False,
) -> Ints | None:
    """Return a whole flow that earns ``at_least``, or ``None`` if none was found.

    Parameters
    ----------
    flow
        With whole rewards, if ``careful``.
    seconds_left
        Asked before each linear programme.
    at_least
        The dive ends where the linear programme earns less.
    careful
        Take back each rounding that costs the linear programme a whole reward. What it can still
        earn, rounded down, then falls only where the best arc can be rounded neither up nor
        down. Once half of the time is spent, only what earns less than ``at_least`` is taken back.
    """
    hasty = seconds_left() / 2
    relaxation = Relaxation(flow)
    inside = np.flatnonzero(flow.group >= 0)
    values = relaxation.solve(seconds_left())
    limit = math.floor(relaxation.reward + SLACK) if careful else -math.inf
    while values is not None and relaxation.reward > at_least - 0.5:
        fraction = values[inside] - np.floor(values[inside] + TINY)
        open_ = np.flatnonzero(fraction > TINY)
        if not len(open_):
            break
        order = inside[open_[np.argsort(-fraction[open_], kind="stable")]]
        sure = 0 if careful else int((fraction > SURE).sum())
        arcs = order[: max(1, int(SHARE * len(order)), sure)]
        values = _rounded(relaxation, arcs, values, limit, seconds_left)
        limit = min(limit, math.floor(relaxation.reward + SLACK))
        if seconds_left() < hasty:
            limit = min(limit, at_least)
    if values is None:
        return None
    found = np.rint(values).astype(np.int64)
    return found if _conserves(flow, found) and flow.earned(found) >= at_least else None


def _rounded(
    relaxation: Relaxation,
    arcs: Ints,
    values: Doubles,
    limit: float,
    seconds_left: Callable[[], float],
) -> Doubles | None:
    """Round up as many of ``arcs`` as leave ``limit`` to earn, best first; at last one up or down.

    Returns what is best then; ``None`` if nothing is or the time is up.
    """
    while True:
        before = [relaxation.lower(arc) for arc in arcs]
        for arc in arcs:
            relaxation.bound(arc, math.ceil(values[arc] - TINY))
        found = relaxation.solve(seconds_left())
        if seconds_left() <= 0 or (found is not None and relaxation.reward > limit - SLACK):
            return found
        for arc, lower in zip(arcs, before, strict=True):
            relaxation.bound(arc, lower)
        if len(arcs) == 1:
            break
        arcs = arcs[: max(1, len(arcs) // 4)]
    upper = -math.inf if found is None else relaxation.reward
    relaxation.bound(arcs[0], before[0], math.floor(values[arcs[0]] + TINY))
    found = relaxation.solve(seconds_left())
    if upper == -math.inf or (found is not None and relaxation.reward >= min(upper, limit - SLACK)):
        return found
    relaxation.bound(arcs[0], math.ceil(values[arcs[0]] - TINY))
    return relaxation.solve(seconds_left())


def _conserves(flow: FleetFlow, found: Ints) -> bool:
    """Return whether a flow keeps every balance and the fleet."""
    nodes = len(flow.supply)
    out = np.bincount(flow.tail, found, nodes) - np.bincount(flow.head, found, nodes)
    return bool((out == flow.supply).all()) and int(found[flow.counted].sum()) <= flow.fleet


def _proto(flow: FleetFlow) -> model_pb2.ModelProto:
    arcs, rewards, nodes = flow.arcs, len(flow.reward), len(flow.supply)
    groups = int(max(flow.group.max(initial=-1), flow.reward_group.max(initial=-1))) + 1
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(arcs + rewards))
    proto.variables.lower_bounds.extend([0.0] * (arcs + rewards))
    proto.variables.upper_bounds.extend([math.inf] * arcs)
    proto.variables.upper_bounds.extend(flow.reward_size.astype(float))
    proto.variables.integers.extend([False] * (arcs + rewards))
    inside = np.flatnonzero(flow.group >= 0)
    proto.objective.maximize = True
    proto.objective.linear_coefficients.ids.extend(inside)
    proto.objective.linear_coefficients.values.extend([-USE_COST] * len(inside))
    proto.objective.linear_coefficients.ids.extend(range(arcs, arcs + rewards))
    proto.objective.linear_coefficients.values.extend(flow.reward)
    low = np.concatenate([flow.supply, np.full(groups + 1, -np.inf)])
    high = np.concatenate([flow.supply, np.zeros(groups), [float(flow.fleet)]])
    proto.linear_constraints.ids.extend(range(nodes + groups + 1))
    proto.linear_constraints.lower_bounds.extend(low)
    proto.linear_constraints.upper_bounds.extend(high)
    counted = np.flatnonzero(flow.counted)
    rows = np.concatenate(
        [
            *(flow.tail, flow.head, nodes + flow.group[inside]),
            *(nodes + flow.reward_group, np.full(len(counted), nodes + groups)),
        ]
    )
    columns = np.concatenate(
        [np.arange(arcs), np.arange(arcs), inside, np.arange(arcs, arcs + rewards), counted]
    )
    signs = np.repeat([1.0, -1.0, -1.0, 1.0, 1.0], [arcs, arcs, len(inside), rewards, len(counted)])
    order = np.lexsort((columns, rows))
    proto.linear_constraint_matrix.row_ids.extend(rows[order])
    proto.linear_constraint_matrix.column_ids.extend(columns[order])
    proto.linear_constraint_matrix.coefficients.extend(signs[order])
    return proto
