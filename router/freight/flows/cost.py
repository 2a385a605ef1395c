"""What a flow costs, counted on the solver's arrays."""

from __future__ import annotations

import numpy as np

from router.exact.flows import FlowArrays, Ints, departures_of
from router.freight.flows.arrays import left_over
from router.freight.flows.problem import FlowProblem
from router.solving import Cost


def total_of(arrays: FlowArrays, flow: Ints) -> int:
    """Return the cost of the amounts ``flow``, (k, a)."""
    counts = departures_of(arrays, flow)
    total = int((flow * arrays.unit_cost).sum())
    total += int(arrays.opening_cost[counts > 0].sum() + (counts * arrays.departure_cost).sum())
    return total + int((left_over(arrays, flow) * arrays.penalty.clip(0)).sum())


def cost_of(problem: FlowProblem, arrays: FlowArrays, flow: Ints) -> Cost:
    """Return the cost of the amounts ``flow`` by component."""
    counts = departures_of(arrays, flow)
    load = flow.sum(axis=0)
    prices = [lane.unit_cost for lane in problem.lanes]
    prices += [change.unit_cost for change in problem.interchanges]
    by_arc = load * np.array(prices, dtype=np.int64)
    return Cost.of(
        opening=int(arrays.opening_cost[counts > 0].sum()),
        departures=int((counts * arrays.departure_cost).sum()),
        transport=int(by_arc[: arrays.lanes].sum()),
        interchange=int(by_arc[arrays.lanes :].sum()),
        time=int((flow * arrays.unit_cost).sum() - by_arc.sum()),
        unshipped=int((left_over(arrays, flow) * arrays.penalty.clip(0)).sum()),
    )
